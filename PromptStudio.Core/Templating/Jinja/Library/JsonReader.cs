using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Library;

/// <summary>
/// Makes values of JSON; the order of objects is kept. Reads the bytes of an element, which its document has checked already:
/// reading them without checking again is what keeps a render short.
/// </summary>
internal ref struct JsonReader
{
    private const int LongestKeptName = 32;
    private const int LongestInteger = 4300;

    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[]/"u8);

    [ThreadStatic]
    private static string?[]? KeptNames;

    private readonly ReadOnlySpan<byte> _json;
    private readonly Run _run;
    private int _at;

    private JsonReader(Run run, ReadOnlySpan<byte> json)
    {
        _run = run;
        _json = json;
    }

    public static Value Read(Run run, JsonElement json) => new JsonReader(run, JsonMarshal.GetRawUtf8Value(json)).Read();

    /// <summary>The wanted members of an object; of two with one name, the last.</summary>
    public static void ReadMembers(Run run, JsonElement json, IReadOnlyList<string> wanted, List<(string Name, Value Value)> members)
    {
        if (json.ValueKind != JsonValueKind.Object || wanted.Count == 0)
        {
            return;
        }

        var reader = new JsonReader(run, JsonMarshal.GetRawUtf8Value(json)) { _at = 1 };
        while (reader.Next() != '}')
        {
            run.Step();
            var name = reader.Name();
            reader.Next();
            if (Wanted(name, wanted) is not { } known)
            {
                reader.Skip();
                continue;
            }

            var value = reader.Read();
            for (var i = 0; i < members.Count; i++)
            {
                if (ReferenceEquals(members[i].Name, known))
                {
                    members.RemoveAt(i);
                    break;
                }
            }

            members.Add((known, value));
        }
    }

    private static string? Wanted(string name, IReadOnlyList<string> wanted)
    {
        for (var i = 0; i < wanted.Count; i++)
        {
            if (wanted[i] == name)
            {
                return wanted[i];
            }
        }

        return null;
    }

    // The next byte that means something, which becomes the current one.
    private byte Next()
    {
        while (true)
        {
            var one = _json[_at];
            if (one > ' ' && one is not ((byte)',' or (byte)':' or (byte)'/'))
            {
                return one;
            }

            if (one == '/')
            {
                SkipComment();
            }
            else
            {
                _at++;
            }
        }
    }

    private void SkipComment()
    {
        var isLine = _json[_at + 1] == '/';
        var end = isLine ? _json[_at..].IndexOfAny((byte)'\n', (byte)'\r') : _json[(_at + 2)..].IndexOf("*/"u8) + 4;
        _at = isLine && end < 0 ? _json.Length : _at + end;
    }

    private Value Read()
    {
        switch (Next())
        {
            case (byte)'"':
                var text = Text();
                _run.ChargeChars(text.Length);
                return Value.Of(text);
            case (byte)'{':
                return ReadObject();
            case (byte)'[':
                return ReadArray();
            case (byte)'t':
                _at += 4;
                return Value.True;
            case (byte)'f':
                _at += 5;
                return Value.False;
            case (byte)'n':
                _at += 4;
                return Value.None;
            default:
                return Number();
        }
    }

    private Value ReadArray()
    {
        _run.GuardStack();
        _run.Charge(64);
        _at++;
        var items = new List<Value>();
        while (Next() != ']')
        {
            _run.Charge(24);
            items.Add(Read());
        }

        _at++;
        return Value.Of(new PyList(items));
    }

    private Value ReadObject()
    {
        _run.GuardStack();
        _run.Charge(64);
        _at++;
        var dict = new PyDict();
        while (Next() != '}')
        {
            var name = Name();
            Next();
            dict.Set(_run, name, Read());
        }

        _at++;
        return Value.Of(dict);
    }

    private Value Number()
    {
        var start = _at;
        long whole = 0;
        var at = _json[_at] == '-' ? _at + 1 : _at;
        while (at < _json.Length && _json[at] is >= (byte)'0' and <= (byte)'9')
        {
            whole = unchecked((whole * 10) + _json[at++] - '0');
        }

        var isWhole = at == _json.Length || _json[at] is not ((byte)'.' or (byte)'e' or (byte)'E');
        if (isWhole && at - start <= 18)
        {
            _at = at;
            return Value.Of(_json[start] == '-' ? -whole : whole);
        }

        while (at < _json.Length && _json[at] is (>= (byte)'0' and <= (byte)'9') or (byte)'.' or (byte)'e' or (byte)'E' or (byte)'+' or (byte)'-')
        {
            at++;
        }

        _at = at;
        var digits = _json[start..at];
        return !isWhole ? Value.Of(double.Parse(digits, CultureInfo.InvariantCulture))
            : digits.Length > LongestInteger ? throw Fault.Value($"a number of the variables has more than {LongestInteger} digits")
            : Value.Of(BigInteger.Parse(Encoding.ASCII.GetString(digits), CultureInfo.InvariantCulture));
    }

    private void Skip()
    {
        var depth = 0;
        do
        {
            switch (Next())
            {
                case (byte)'"':
                    _at += StringLength(out _) + 2;
                    break;
                case (byte)'{' or (byte)'[':
                    depth++;
                    _at++;
                    break;
                case (byte)'}' or (byte)']':
                    depth--;
                    _at++;
                    break;
                default:
                    _at++;
                    while (depth == 0 && _at < _json.Length && _json[_at] is > (byte)' ' and not ((byte)',' or (byte)'}' or (byte)']' or (byte)'/'))
                    {
                        _at++;
                    }

                    break;
            }

            if (depth > 0)
            {
                _at += _json[_at..].IndexOfAny(Structure);
            }
        }
        while (depth > 0);
    }

    // The bytes between the quotes of the string at the current place.
    private readonly int StringLength(out bool isEscaped)
    {
        var rest = _json[(_at + 1)..];
        var end = rest.IndexOfAny((byte)'"', (byte)'\\');
        isEscaped = rest[end] == '\\';
        while (rest[end] == '\\')
        {
            end += 2;
            end += rest[end..].IndexOfAny((byte)'"', (byte)'\\');
        }

        return end;
    }

    private string Text()
    {
        var bytes = _json.Slice(_at + 1, StringLength(out var isEscaped));
        _at += bytes.Length + 2;
        return isEscaped ? Unescape(Encoding.UTF8.GetString(bytes)) : Encoding.UTF8.GetString(bytes);
    }

    // Names come again and again: one string of each is kept, in a table that forgets what collides.
    private string Name()
    {
        var length = StringLength(out var isEscaped);
        if (length is 0 or > LongestKeptName || isEscaped)
        {
            return Text();
        }

        var name = _json.Slice(_at + 1, length);
        var kept = KeptNames ??= new string?[256];
        ref var place = ref kept[(uint)((name[0] * 31) + (name[^1] * 7) + (name[length / 2] * 3) + length) % (uint)kept.Length];
        if (place is null || !Ascii.Equals(name, place))
        {
            place = Encoding.UTF8.GetString(name);
        }

        _at += length + 2;
        return place;
    }

    // Escapes of half a surrogate pair stay what they are.
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
