using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PromptStudio.Tests.Statistics;

/// <summary>A case of <c>stats_oracle.json</c>: input, expected figures, and how near the answer has to be.</summary>
public sealed class StatsCase(JsonElement json)
{
    public string Id { get; } = json.GetProperty("id").GetString()!;

    public string Method { get; } = json.GetProperty("method").GetString()!;

    /// <summary>The first difference between what is expected and what the studio answers; null when there is none.</summary>
    public string? Run()
    {
        JsonNode answer;
        try
        {
            answer = StatsMethods.Answer(Method, json.GetProperty("input"));
        }
        catch (Exception e) when (e is InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            return $"{e.GetType().Name}: {e.Message}";
        }

        return Difference(json.GetProperty("expected"), answer, "");
    }

    private string? Difference(JsonElement expected, JsonNode? actual, string path)
    {
        switch (expected.ValueKind)
        {
            case JsonValueKind.Object:
                return expected.EnumerateObject()
                    .Select(part => actual is JsonObject map && map.ContainsKey(part.Name)
                        ? Difference(part.Value, map[part.Name], $"{path}.{part.Name}")
                        : $"{path}.{part.Name} is missing in {actual?.ToJsonString()}")
                    .FirstOrDefault(difference => difference is not null);
            case JsonValueKind.Array:
                return actual is not JsonArray list || list.Count != expected.GetArrayLength()
                    ? $"{path} is {actual?.ToJsonString()}"
                    : expected.EnumerateArray().Select((part, index) => Difference(part, list[index], $"{path}[{index}]"))
                        .FirstOrDefault(difference => difference is not null);
            case JsonValueKind.Number:
                var (x, e) = (Number(actual), expected.GetDouble());
                return Math.Abs(x - e) <= Tolerance("atol") + Tolerance("rtol") * Math.Abs(e) ? null : $"{path} is {x:R}, not {e:R}";
            default:
                var (is_, wanted) = (actual?.ToJsonString() ?? "null", expected.GetRawText());
                return is_ == wanted ? null : $"{path} is {is_}, not {wanted}";
        }
    }

    private double Tolerance(string name) => json.TryGetProperty(name, out var value) ? value.GetDouble() : 0;

    private static double Number(JsonNode? node) =>
        node?.GetValueKind() == JsonValueKind.Number ? double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture) : double.NaN;
}
