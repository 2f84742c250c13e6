using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Library;

/// <summary>Makes values of JSON; the order of objects is kept.</summary>
internal static class JsonReader
{
    private const int LongestKeptName = 32;
    private const int LongestInteger = 4300;

    [ThreadStatic]
    private static string?[]? KeptNames;

    private static readonly JsonReaderOptions Options =
        new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = 1000 };

    public static Value Read(Run run, JsonElement json)
    {
        var reader = new Utf8JsonReader(JsonMarshal.GetRawUtf8Value(json), Options);
        reader.Read();
        return Read(run, ref reader);
    }

    /// <summary>The wanted members of an object; of two with one name, the last.</summary>
    public static void ReadMembers(Run run, JsonElement json, IReadOnlyList<string> wanted, List<(string Name, Value Value)> members)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        var reader = new Utf8JsonReader(JsonMarshal.GetRawUtf8Value(json), Options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            run.Step();
            var name = Wanted(ref reader, wanted);
            reader.Read();
            if (name is null)
            {
                reader.Skip();
                continue;
            }

            var value = Read(run, ref reader);
            var known = members.FindIndex(member => ReferenceEquals(member.Name, name));
            if (known >= 0)
            {
                members.RemoveAt(known);
            }

            members.Add((name, value));
        }
    }

    private static string? Wanted(ref Utf8JsonReader reader, IReadOnlyList<string> wanted)
    {
        for (var i = 0; i < wanted.Count; i++)
        {
            if (wanted[i].Length <= reader.ValueSpan.Length && reader.ValueTextEquals(wanted[i]))
            {
                return wanted[i];
            }
        }

        return null;
    }

    private static Value Read(Run run, ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                run.ChargeChars(reader.ValueSpan.Length);
                return Value.Of(Text(ref reader));
            case JsonTokenType.Number:
                return Number(ref reader);
            case JsonTokenType.True:
                return Value.True;
            case JsonTokenType.False:
                return Value.False;
            case JsonTokenType.StartArray:
                run.GuardStack();
                run.ChargeItems(2);
                var items = new List<Value>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    run.Charge(24);
                    items.Add(Read(run, ref reader));
                }

                return Value.Of(new PyList(items));
            case JsonTokenType.StartObject:
                run.GuardStack();
                run.Charge(64);
                var dict = new PyDict();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var name = Name(ref reader);
                    reader.Read();
                    dict.Set(run, name, Read(run, ref reader));
                }

                return Value.Of(dict);
            default:
                return Value.None;
        }
    }

    private static Value Number(ref Utf8JsonReader reader)
    {
        if (reader.TryGetInt64(out var small))
        {
            return Value.Of(small);
        }

        var digits = reader.ValueSpan;
        return digits.IndexOfAny((byte)'.', (byte)'e', (byte)'E') >= 0
            ? Value.Of(double.Parse(digits, CultureInfo.InvariantCulture))
            : digits.Length > LongestInteger ? throw Fault.Value($"a number of the variables has more than {LongestInteger} digits")
            : Value.Of(BigInteger.Parse(Encoding.ASCII.GetString(digits), CultureInfo.InvariantCulture));
    }

    // Names come again and again: one string of each is kept, in a table that forgets what collides.
    private static string Name(ref Utf8JsonReader reader)
    {
        var name = reader.ValueSpan;
        if (name.Length is 0 or > LongestKeptName || reader.ValueIsEscaped)
        {
            return Text(ref reader);
        }

        var kept = KeptNames ??= new string?[256];
        ref var place = ref kept[(uint)((name[0] * 31) + (name[^1] * 7) + (name[name.Length / 2] * 3) + name.Length) % (uint)kept.Length];
        if (place is null || !Ascii.Equals(name, place))
        {
            place = Text(ref reader);
        }

        return place;
    }

    // Escapes of half a pair, which JSON allows and the reader refuses, are kept as they are.
    private static string Text(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return Encoding.UTF8.GetString(reader.ValueSpan);
        }

        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return Unescape(Encoding.UTF8.GetString(reader.ValueSpan));
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
