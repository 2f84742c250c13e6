using System.Globalization;
using System.Text.Json;

namespace PromptStudio.Audit;

/// <summary>A member that differs between two JSON values.</summary>
/// <param name="Path">E.g. <c>rule_config.patterns[0]</c>; empty: the value itself.</param>
/// <param name="Before">As JSON, texts without their quotes; null: it was not there.</param>
/// <param name="After">As JSON, texts without their quotes; null: it is gone.</param>
public sealed record JsonDifference(string Path, string? Before, string? After);

/// <summary>Says what is different between two JSON values, member by member.</summary>
public static class JsonDiff
{
    /// <summary>Members that are listed; of more nobody would read the rest.</summary>
    public const int Most = 500;

    /// <summary>The members in which two values differ, in their order.</summary>
    /// <param name="before">JSON; null: there was nothing.</param>
    /// <param name="after">JSON; null: there is nothing.</param>
    public static IReadOnlyList<JsonDifference> Of(string? before, string? after)
    {
        var (old, now) = (Leaves(before), Leaves(after));
        return
        [
            .. old.Keys.Concat(now.Keys.Where(path => !old.ContainsKey(path)))
                .Select(path => new JsonDifference(path, old.GetValueOrDefault(path), now.GetValueOrDefault(path)))
                .Where(one => one.Before != one.After).Take(Most),
        ];
    }

    private static Dictionary<string, string> Leaves(string? json)
    {
        var leaves = new Dictionary<string, string>(StringComparer.Ordinal);
        if (json is not null)
            Add(leaves, "", JsonElement.Parse(json));
        return leaves;
    }

    private static void Add(Dictionary<string, string> leaves, string path, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object when value.GetPropertyCount() > 0:
                foreach (var member in value.EnumerateObject())
                    Add(leaves, path.Length == 0 ? member.Name : $"{path}.{member.Name}", member.Value);
                break;
            case JsonValueKind.Array when value.GetArrayLength() > 0:
                var index = 0;
                foreach (var item in value.EnumerateArray())
                    Add(leaves, string.Create(CultureInfo.InvariantCulture, $"{path}[{index++}]"), item);
                break;
            default:
                leaves[path] = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
                break;
        }
    }
}
