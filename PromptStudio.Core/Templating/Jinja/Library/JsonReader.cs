using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Library;

/// <summary>Makes values of JSON; the order of objects is kept.</summary>
internal static class JsonReader
{
    public static Value Read(Run run, JsonElement json)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.String:
                var text = Text(json);
                run.ChargeChars(text.Length);
                return Value.Of(text);
            case JsonValueKind.Number:
                return Number(json);
            case JsonValueKind.True:
                return Value.True;
            case JsonValueKind.False:
                return Value.False;
            case JsonValueKind.Array:
                run.GuardStack();
                run.ChargeItems(json.GetArrayLength() + 2);
                var items = new List<Value>(json.GetArrayLength());
                foreach (var item in json.EnumerateArray())
                {
                    items.Add(Read(run, item));
                }

                return Value.Of(new PyList(items));
            case JsonValueKind.Object:
                run.GuardStack();
                var count = json.GetPropertyCount();
                run.Charge(64 + (count * 64L));
                var dict = new PyDict(Math.Min(count, 1 << 16));
                foreach (var property in json.EnumerateObject())
                {
                    dict.Set(run, Name(property), Read(run, property.Value));
                }

                return Value.Of(dict);
            default:
                return Value.None;
        }
    }

    private static Value Number(JsonElement json)
    {
        if (json.TryGetInt64(out var small))
        {
            return Value.Of(small);
        }

        var text = json.GetRawText();
        return text.AsSpan().IndexOfAny('.', 'e', 'E') >= 0
            ? Value.Of(double.Parse(text, CultureInfo.InvariantCulture))
            : text.Length > 4300 ? throw Fault.Value("a number of the variables has more than 4300 digits")
            : Value.Of(BigInteger.Parse(text, CultureInfo.InvariantCulture));
    }

    private static string Name(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return "\ufffd";
        }
    }

    // Escapes of half a pair, which JSON allows and the reader refuses, are kept as they are.
    private static string Text(JsonElement json)
    {
        try
        {
            return json.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return Unescape(json.GetRawText()[1..^1]);
        }
    }

    private static string Unescape(string raw)
    {
        var text = new StringBuilder(raw.Length);
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '\\')
            {
                text.Append(raw[i]);
                continue;
            }

            i++;
            if (raw[i] == 'u')
            {
                text.Append((char)ushort.Parse(raw.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                i += 4;
            }
            else
            {
                text.Append(raw[i] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', 'b' => '\b', 'f' => '\f', _ => raw[i] });
            }
        }

        return text.ToString();
    }
}
