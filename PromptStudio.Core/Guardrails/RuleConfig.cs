using System.Globalization;
using System.Text.Json;

namespace PromptStudio.Core.Guardrails;

/// <summary>Reads a <c>rule_config</c>; every error names its field.</summary>
/// <param name="config">A JSON object.</param>
internal sealed class RuleConfig(JsonElement config)
{
    /// <summary>Items that a list may have.</summary>
    public const int MaxItems = 1_000;

    /// <summary>Characters that a text may have.</summary>
    public const int MaxText = 2_000;

    private readonly List<string> _known = [];

    public bool Flag(string field, bool otherwise) => Take(field) switch
    {
        null => otherwise,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        _ => throw Wrong(field, "must be true or false."),
    };

    public double? Number(string field, double least, double most) => Take(field) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetDouble(out var number) && number >= least && number <= most => number,
        _ => throw Wrong(field, string.Create(CultureInfo.InvariantCulture, $"must be a number from {least:N0} to {most:N0}.")),
    };

    public int? Integer(string field, int least, int most) => Take(field) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt32(out var number) && number >= least && number <= most => number,
        _ => throw Wrong(field, string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {least:N0} to {most:N0}.")),
    };

    public string? Text(string field) => Take(field) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value when value.GetString() is { Length: > 0 and <= MaxText } text => text,
        _ => throw Wrong(field, string.Create(CultureInfo.InvariantCulture, $"must be a text of 1 to {MaxText:N0} characters.")),
    };

    /// <summary>One of several words.</summary>
    public string Choice(string field, params IReadOnlyList<string> choices) => Take(field) switch
    {
        null => choices[0],
        { ValueKind: JsonValueKind.String } value when choices.Contains(value.GetString()) => value.GetString()!,
        _ => throw Wrong(field, $"must be one of {string.Join(", ", choices)}."),
    };

    /// <summary>A list of texts, or one text; null when it is not there.</summary>
    public IReadOnlyList<string>? Texts(string field)
    {
        if (Take(field) is not { } value)
            return null;
        var texts = value.ValueKind switch
        {
            JsonValueKind.String => [value.GetString()!],
            JsonValueKind.Array when value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) => value.EnumerateArray().Select(item => item.GetString()!).ToArray(),
            _ => throw Wrong(field, "must be a list of texts."),
        };
        return texts.Length is 0 or > MaxItems || texts.Any(text => text.Trim().Length is 0 || text.Length > MaxText)
            ? throw Wrong(field, string.Create(CultureInfo.InvariantCulture, $"must have 1 to {MaxItems:N0} texts of 1 to {MaxText:N0} characters."))
            : texts;
    }

    /// <summary>Any JSON, on its own; null when it is not there.</summary>
    public JsonElement? Json(string field) => Take(field)?.Clone();

    /// <summary>Names and their values; null when it is not there.</summary>
    public IReadOnlyDictionary<string, T>? Map<T>(string field, int most, Func<JsonElement, bool> fits, Func<JsonElement, T> read, string what)
    {
        if (Take(field) is not { } value)
            return null;
        if (value.ValueKind != JsonValueKind.Object || value.GetPropertyCount() is 0 || value.GetPropertyCount() > most)
            throw Wrong(field, string.Create(CultureInfo.InvariantCulture, $"must be an object of 1 to {most:N0} members, each {what}."));
        var map = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            if (member.Name.Length is 0 or > 100 || !fits(member.Value))
                throw Wrong($"{field}.{member.Name}", $"must be {what}.");
            map[member.Name] = read(member.Value);
        }
        return map;
    }

    /// <summary>The error for a field.</summary>
    public static FormatException Wrong(string field, string what) => new($"rule_config.{field} {what}");

    /// <exception cref="FormatException">The config has a field that the rule does not know.</exception>
    public void RefuseOthers()
    {
        foreach (var member in config.EnumerateObject())
        {
            if (!_known.Contains(member.Name))
                throw Wrong(member.Name, $"is not known here; known are {string.Join(", ", _known)}.");
        }
    }

    private JsonElement? Take(string field)
    {
        _known.Add(field);
        return config.TryGetProperty(field, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;
    }
}
