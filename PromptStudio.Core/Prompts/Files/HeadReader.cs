using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PromptStudio.Core.Prompts.Files;

/// <summary>Reads the members of a head, and knows at the end which ones nobody asked for.</summary>
internal sealed class HeadReader(JsonObject head)
{
    private readonly List<string> _known = [];

    public string? Text(string name, int maxLength) => Take(name) is { } value
        ? value.GetValueKind() == JsonValueKind.String ? Bounded($"'{name}'", value.GetValue<string>(), maxLength) : throw new FormatException($"'{name}' must be text.")
        : null;

    public int? Integer(string name) => Take(name) is { } value ? Integer(name, value) : null;

    public bool Flag(string name) => Take(name)?.GetValueKind() switch
    {
        null or JsonValueKind.False => false,
        JsonValueKind.True => true,
        _ => throw new FormatException($"'{name}' must be true or false."),
    };

    public DateTimeOffset? Instant(string name) => Text(name, 40) is not { } text ? null
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant) ? instant
        : throw new FormatException($"'{name}' must be a time such as 2026-01-31T12:00:00Z.");

    public JsonObject Mapping(string name) => Take(name) switch
    {
        null => [],
        JsonObject mapping => mapping,
        _ => throw new FormatException($"'{name}' must be a mapping."),
    };

    public string? Raw(string name) => Take(name)?.ToJsonString();

    /// <exception cref="FormatException">The head has a member that was not read.</exception>
    public void RefuseOthers()
    {
        if (head.FirstOrDefault(member => !_known.Contains(member.Key)).Key is { } unknown)
            throw new FormatException($"'{unknown}' is not known here; known are {string.Join(", ", _known)}.");
    }

    public static int Integer(string name, JsonNode? value) =>
        value is JsonValue number && number.GetValueKind() == JsonValueKind.Number && int.TryParse(number.ToJsonString(), NumberStyles.None, CultureInfo.InvariantCulture, out var integer) && integer > 0
            ? integer
            : throw new FormatException($"'{name}' must be the number of a version.");

    public static string Bounded(string what, string text, int maxLength) => text.Length <= maxLength
        ? text
        : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{what} may have {maxLength:N0} characters."));

    private JsonNode? Take(string name)
    {
        _known.Add(name);
        return head[name];
    }
}
