using System.Globalization;
using System.Text.Json;

namespace PromptStudio.Guardrails;

/// <summary>The texts inside of variables.</summary>
internal static class VariableTexts
{
    /// <summary>Every value that a template writes as text, with its path: strings, and numbers, which may be a card's or a person's.</summary>
    public static IEnumerable<(string Path, string Text)> Values(JsonElement value, string path = "") => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => Values(member.Value, path.Length == 0 ? member.Name : $"{path}.{member.Name}")),
        JsonValueKind.Array => value.EnumerateArray().SelectMany((item, index) => Values(item, string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]"))),
        JsonValueKind.String => [(path, value.GetString()!)],
        JsonValueKind.Number => [(path, value.GetRawText())],
        _ => [],
    };

    /// <summary>Every text of a JSON value: strings, numbers, and the names of members.</summary>
    public static IEnumerable<string> All(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => All(member.Value).Prepend(member.Name)),
        JsonValueKind.Array => value.EnumerateArray().SelectMany(All),
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Number => [value.GetRawText()],
        _ => [],
    };

    /// <summary>The same JSON with other texts; a number that changes becomes a text.</summary>
    public static string Rewrite(JsonElement value, Func<string, string> text)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
            Write(writer, value, text);
        return System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void Write(Utf8JsonWriter writer, JsonElement value, Func<string, string> text)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                var names = new HashSet<string>(StringComparer.Ordinal);
                foreach (var member in value.EnumerateObject())
                {
                    // Two names may be blacked out alike; neither member is lost.
                    var name = text(member.Name);
                    for (var n = 2; !names.Add(name); n++)
                        name = string.Create(CultureInfo.InvariantCulture, $"{text(member.Name)} {n}");
                    writer.WritePropertyName(name);
                    Write(writer, member.Value, text);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                    Write(writer, item, text);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(text(value.GetString()!));
                break;
            case JsonValueKind.Number when text(value.GetRawText()) is var number && number != value.GetRawText():
                writer.WriteStringValue(number);
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
