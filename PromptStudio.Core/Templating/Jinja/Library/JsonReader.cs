using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
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

    // Levels of JSON whose reading surely fits the reserve of stack that one check finds.
    private const int LevelsPerStackCheck = 16;

    // White space, commas and colons: what lies between tokens.
    private const long Between = (1L << ' ') | (1L << '\n') | (1L << '\r') | (1L << '\t') | (1L << ',') | (1L << ':');

    private static readonly SearchValues<byte> Structure = SearchValues.Create("\"{}[]/"u8);

    [ThreadStatic]
    private static string?[]? KeptNames;

    [ThreadStatic]
    private static ShortName[]? KeptShortNames;

    private readonly ReadOnlySpan<byte> _json;
    private readonly Run _run;
    private readonly ShortName[] _shortNames = KeptShortNames ??= new ShortName[256];
    private int _at;
    private int _level;

    private JsonReader(Run run, ReadOnlySpan<byte> json)
    {
        _run = run;
        _json = json;
    }

    public static Value Read(Run run, JsonElement json) => new JsonReader(run, JsonMarshal.GetRawUtf8Value(json)).Read();

    /// <summary>The wanted members of an object, each at the place of its name; of two with one name, the last.</summary>
    public static void ReadMembers(Run run, JsonElement json, string[] wanted, Value[] values)
    {
        if (json.ValueKind != JsonValueKind.Object || wanted.Length == 0)
        {
            return;
        }

        var reader = new JsonReader(run, JsonMarshal.GetRawUtf8Value(json)) { _at = 1 };
        var likely = 0;
        while (reader.Next() != '}')
        {
            run.Step();
            var name = reader.Name();

            // Variables are often given in the order in which the template reads them.
            var at = likely < wanted.Length && wanted[likely] == name ? likely : Variables.Place(wanted, name);
            reader.Next();
            if (at < 0)
            {
                reader.Skip();
            }
            else
            {
                values[at] = reader.Read();
                likely = at + 1;
            }
        }
    }

    // The next byte that means something, which becomes the current one.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte Next()
    {
        var at = _at;
        byte one;
        while ((one = _json[at]) <= ':' && ((Between >> one) & 1) != 0)
        {
            at++;
        }

        _at = at;
        return one == '/' ? NextAfterComment() : one;
    }

    private byte NextAfterComment()
    {
        SkipComment();
        return Next();
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
        Enter();
        var items = new List<Value>();
        while (Next() != ']')
        {
            _run.Charge(24);
            items.Add(Read());
        }

        _at++;
        _level--;
        return Value.Of(new PyList(items));
    }

    private Value ReadObject()
    {
        Enter();
        var dict = new PyDict();
        while (Next() != '}')
        {
            var name = Name();
            Next();
            dict.SetName(_run, name, Read());
        }

        _at++;
        _level--;
        return Value.Of(dict);
    }

    // Into an array or object.
    private void Enter()
    {
        if (++_level % LevelsPerStackCheck == 0)
        {
            _run.GuardStack();
        }
        else
        {
            _run.Step();
        }

        _run.Charge(64);
        _at++;
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
        if (ShortText(out var short16, out var length))
        {
            Span<char> characters = stackalloc char[Vector128<byte>.Count];
            var (low, high) = Vector128.Widen(short16);
            low.CopyTo(MemoryMarshal.Cast<char, ushort>(characters));
            high.CopyTo(MemoryMarshal.Cast<char, ushort>(characters[Vector128<ushort>.Count..]));
            _at += length + 2;
            return new string(characters[..length]);
        }

        var bytes = _json.Slice(_at + 1, StringLength(out var isEscaped));
        _at += bytes.Length + 2;
        return isEscaped ? Unescape(Encoding.UTF8.GetString(bytes))
            : Ascii.IsValid(bytes) ? Encoding.Latin1.GetString(bytes) : Encoding.UTF8.GetString(bytes);
    }

    // The string at the current place, with what follows it, if it is of ASCII without escapes and ends within the vector.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly bool ShortText(out Vector128<byte> text, out int length)
    {
        var from = _at + 1;
        if (from + Vector128<byte>.Count > _json.Length)
        {
            text = default;
            length = 0;
            return false;
        }

        text = Vector128.Create(_json.Slice(from, Vector128<byte>.Count));
        var quotes = Vector128.Equals(text, Vector128.Create((byte)'"')).ExtractMostSignificantBits();
        var others = (Vector128.Equals(text, Vector128.Create((byte)'\\')) | text).ExtractMostSignificantBits();
        length = BitOperations.TrailingZeroCount(quotes);
        return quotes != 0 && (others & ((1u << length) - 1)) == 0;
    }

    // Names come again and again: one string of each is kept, in tables that forget what collides.
    private string Name()
    {
        if (!ShortText(out var text, out var length))
        {
            return LongName();
        }

        // The bytes behind the name become zero; no name has a zero of its own.
        text &= Vector128.LessThan(Vector128<byte>.Indices, Vector128.Create((byte)length));
        var (low, high) = (text.AsUInt64().GetElement(0), text.AsUInt64().GetElement(1));
        ref var place = ref _shortNames[(int)(((low ^ (high * 31)) * 0x9E3779B97F4A7C15) >> 56)];
        if (place.Text is not { } name || place.Low != low || place.High != high)
        {
            name = Encoding.Latin1.GetString(_json.Slice(_at + 1, length));
            place = new ShortName(low, high, name);
        }

        _at += length + 2;
        return name;
    }

    private string LongName()
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

    private readonly record struct ShortName(ulong Low, ulong High, string? Text);
}
