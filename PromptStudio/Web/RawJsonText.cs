using System.Text.Json;
using System.Text.Json.Serialization;

namespace PromptStudio.Web;

/// <summary>Writes a text that is JSON already as the JSON that it is, however deep.</summary>
public sealed class RawJsonText : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var value = JsonDocument.ParseValue(ref reader);
        return value.RootElement.GetRawText();
    }

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteRawValue(value, skipInputValidation: true);
}
