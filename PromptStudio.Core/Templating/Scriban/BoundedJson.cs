using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Scriban;
using Scriban.Runtime;

namespace PromptStudio.Core.Templating.Scriban;

/// <summary>
/// <c>object.to_json</c> and <c>object.from_json</c>. Scriban's own writes objects through a serialiser, which neither stops at a limit nor
/// refuses .NET objects.
/// </summary>
internal static class BoundedJson
{
    private const int MostDepth = 64;

    public static string ToJson(TemplateContext context, object? value)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { MaxDepth = MostDepth }))
        {
            Write((ScribanContext)context, writer, value);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static object? FromJson(TemplateContext context, string json)
    {
        using var document = JsonDocument.Parse(json);
        return ((ScribanContext)context).FromJson(document.RootElement);
    }

    private static void Write(ScribanContext context, Utf8JsonWriter writer, object? value)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        context.Check();
        switch (value)
        {
            case null: writer.WriteNullValue(); break;
            case string text: writer.WriteStringValue(text); break;
            case bool truth: writer.WriteBooleanValue(truth); break;
            case int number: writer.WriteNumberValue(number); break;
            case long number: writer.WriteNumberValue(number); break;
            case double number: writer.WriteNumberValue(number); break;
            case float number: writer.WriteNumberValue(number); break;
            case decimal number: writer.WriteNumberValue(number); break;
            case BigInteger number: writer.WriteRawValue(number.ToString(CultureInfo.InvariantCulture)); break;
            case ScriptObject members: WriteObject(context, writer, members); break;
            case IEnumerable items and not IScriptCustomFunction: WriteArray(context, writer, items); break;
            default: throw new ScribanFault(context.CurrentSpan, TemplateErrorKind.Type, "a value of this type cannot be written as JSON");
        }
    }

    private static void WriteObject(ScribanContext context, Utf8JsonWriter writer, ScriptObject members)
    {
        writer.WriteStartObject();
        foreach (var (name, value) in members)
        {
            writer.WritePropertyName(name);
            Write(context, writer, value);
        }

        writer.WriteEndObject();
    }

    private static void WriteArray(ScribanContext context, Utf8JsonWriter writer, IEnumerable items)
    {
        writer.WriteStartArray();
        foreach (var item in items)
        {
            Write(context, writer, item);
        }

        writer.WriteEndArray();
    }
}
