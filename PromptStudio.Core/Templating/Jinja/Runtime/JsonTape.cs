using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>
/// The JSON of a render's variables: where each of its values is, found in one pass. A value is made when it is asked for; the strings
/// that are only printed go from bytes to the output. Its document has checked the text already, so it is not checked again.
/// </summary>
internal sealed partial class JsonTape : Referent
{
    /// <summary>The members that are looked through in place; larger objects become dicts first.</summary>
    public const int MostLinear = 8;

    private const int None = -1;
    private const int TooMany = -2;
    private const int Block = 64;
    private const int LongestKeptName = 32;
    private const int LongestInteger = 4300;

    // Of bytes or marks: larger tapes are not kept for the next render.
    private const int MostKept = 1 << 16;

    private readonly Run _run;
    private readonly string?[] _names = new string?[256];
    private readonly Spares<PyDict> _dicts = new(static () => new PyDict(0), static dict => dict.Close());
    private readonly Spares<PyList> _lists = new(static () => new PyList(), static list => list.Close());
    private byte[] _json = new byte[1024];
    private Place[] _marks = new Place[256];
    private int[] _open = new int[128];
    private object?[] _made = new object?[256];
    private int _length;
    private int _count;
    private bool _hasEscapes;

    public JsonTape(Run run)
        : base(Kind.Str) => _run = run;

    /// <summary>Reads a JSON object.</summary>
    public void Read(JsonElement json)
    {
        Copy(JsonMarshal.GetRawUtf8Value(json));
        if (!TryScan())
        {
            BlankComments();
            TryScan();
        }
    }

    /// <summary>Forgets what was read: no value of it may be used any more.</summary>
    public void Clear()
    {
        if (_json.Length > MostKept || _marks.Length > MostKept)
        {
            _json = new byte[1024];
            _marks = new Place[256];
            _made = new object?[256];
        }

        _made.AsSpan(0, Math.Min(_count, _made.Length)).Clear();
        _dicts.Return();
        _lists.Return();
    }

    /// <summary>The wanted members of the outermost object, each at the place of its name; of two with one name, the last.</summary>
    public void ReadMembers(MemberName[] wanted, Value[] values)
    {
        var likely = 0;
        var end = _marks[0].Behind;
        for (var i = 1; i < end; i = _marks[i + 1].Behind)
        {
            _run.Step();

            // Variables are often given in the order in which the template reads them.
            var at = likely;
            if (at >= wanted.Length || !IsNamed(i, wanted[at]))
            {
                at = wanted.Length - 1;
                while (at >= 0 && !IsNamed(i, wanted[at]))
                {
                    at--;
                }
            }

            if (at >= 0)
            {
                values[at] = ValueAt(i + 1);
                likely = at + 1;
            }
        }
    }

    /// <summary>The value of a member of the object at a mark: unset when there is none.</summary>
    /// <returns>False when the object has too many members to look through.</returns>
    public bool TryFind(int at, MemberName name, out Value value)
    {
        var found = _hasEscapes ? FindText(at, name.Text) : Find(at, name);
        value = found >= 0 ? ValueAt(found) : default;
        return found != TooMany;
    }

    /// <summary>The number of elements of the array, or members of the object, at a mark.</summary>
    public int CountAt(int at)
    {
        var marks = 0;
        var end = _marks[at].Behind;
        for (var i = at + 1; i < end; i = _marks[i].Behind)
        {
            marks++;
        }

        return _json[_marks[at].Start] == '{' ? marks / 2 : marks;
    }

    /// <summary>Writes the elements of the array at a mark with a separator between them; false, with nothing written, when not all are strings.</summary>
    public bool TryJoin(int at, Value separator, OutputBuffer output)
    {
        var before = output.Length;
        var end = _marks[at].Behind;
        for (var i = at + 1; i < end; i++)
        {
            _run.Step();
            if (_json[_marks[i].Start] != '"')
            {
                output.Truncate(before);
                return false;
            }

            if (i > at + 1 && separator.IsSet)
            {
                PyRepr.Write(_run, in separator);
            }

            Write(i, output);
        }

        return true;
    }

    /// <summary>Adds the elements of the array at a mark.</summary>
    public void Fill(int at, List<Value> items)
    {
        var end = _marks[at].Behind;
        for (var i = at + 1; i < end; i = _marks[i].Behind)
        {
            _run.Step();
            items.Add(ValueAt(i));
        }
    }

    /// <summary>Sets the members of the object at a mark.</summary>
    public void Fill(int at, PyDict dict)
    {
        var end = _marks[at].Behind;
        for (var i = at + 1; i < end; i = _marks[i + 1].Behind)
        {
            _run.Step();
            dict.Set(_run, NameAt(i), ValueAt(i + 1));
        }
    }

    /// <summary>Charges places for the elements of the array, or members of the object, at a mark, and counts them.</summary>
    public int Charge(int at, int bytesEach)
    {
        var count = CountAt(at);
        _run.Charge(64 + ((long)bytesEach * count));
        return count;
    }

    /// <summary>The string at a mark, made once.</summary>
    public string Text(long at) => Unsafe.As<string>(_made[at]) ?? MakeText((int)at);

    /// <summary>Whether the string at a mark is this one.</summary>
    public bool IsText(long at, string text)
    {
        if (_hasEscapes || _made[at] is not null)
        {
            return Text(at) == text;
        }

        // As many bytes as units are ASCII, or another text.
        var bytes = Bytes((int)at);
        return bytes.Length == text.Length ? Ascii.Equals(bytes, text) : bytes.Length > text.Length && Text(at) == text;
    }

    /// <summary>Writes the string at a mark.</summary>
    public void Write(long at, OutputBuffer output)
    {
        if (_hasEscapes)
        {
            output.Write(Text(at));
        }
        else
        {
            output.WriteJson(_json.AsSpan(_marks[at].Start + 1));
        }
    }

    // The bytes of the string at a mark, as they are written.
    private ReadOnlySpan<byte> Bytes(int at)
    {
        var rest = _json.AsSpan(_marks[at].Start + 1);
        if (!_hasEscapes)
        {
            return rest[..rest.IndexOf((byte)'"')];
        }

        var length = rest.IndexOfAny((byte)'"', (byte)'\\');
        while (rest[length] == '\\')
        {
            length += 2;
            length += rest[length..].IndexOfAny((byte)'"', (byte)'\\');
        }

        return rest[..length];
    }

    // The value of a member of an object: the last of two with one name.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Find(int at, MemberName name)
    {
        var (json, marks) = (_json, _marks);
        var (found, left) = (None, MostLinear);
        var end = marks[at].Behind;
        for (var i = at + 1; i < end; i = marks[i + 1].Behind)
        {
            if (--left < 0)
            {
                return TooMany;
            }

            found = name.IsAt(json, marks[i].Start) ? i + 1 : found;
        }

        return found;
    }

    // The same where names may be written with escapes.
    private int FindText(int at, string name)
    {
        var (found, left) = (None, MostLinear);
        for (var i = at + 1; i < _marks[at].Behind; i = _marks[i + 1].Behind)
        {
            if (--left < 0)
            {
                return TooMany;
            }

            found = Text(i) == name ? i + 1 : found;
        }

        return found;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsNamed(int at, MemberName name)
    {
        return _hasEscapes ? Text(at) == name.Text : name.IsAt(_json, _marks[at].Start);
    }

    // Most values are strings, then numbers.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Value ValueAt(int at)
    {
        var start = _marks[at].Start;
        var first = _json[start];
        return first == '"' ? Value.Of(this, at) : first <= '9' ? Number(start) : OtherAt(at, first);
    }

    private Value OtherAt(int at, byte first) => first switch
    {
        (byte)'{' => Value.Of(Unsafe.As<PyDict>(_made[at] ??= _dicts.Take().Open(this, at))),
        (byte)'[' => Value.Of(Unsafe.As<PyList>(_made[at] ??= _lists.Take().Open(this, at))),
        (byte)'t' => Value.True,
        (byte)'f' => Value.False,
        _ => Value.None,
    };

    private Value Number(int start)
    {
        var json = _json;
        var at = json[start] == '-' ? start + 1 : start;
        long whole = 0;
        for (uint digit; (digit = (uint)json[at] - '0') <= 9; at++)
        {
            whole = unchecked((whole * 10) + digit);
        }

        var isWhole = json[at] is not ((byte)'.' or (byte)'e' or (byte)'E');
        if (isWhole && at - start <= 18)
        {
            return Value.Of(json[start] == '-' ? -whole : whole);
        }

        while (json[at] is (>= (byte)'0' and <= (byte)'9') or (byte)'.' or (byte)'e' or (byte)'E' or (byte)'+' or (byte)'-')
        {
            at++;
        }

        var digits = json.AsSpan(start, at - start);
        return !isWhole ? Value.Of(double.Parse(digits, CultureInfo.InvariantCulture))
            : digits.Length > LongestInteger ? throw Fault.Value($"a number of the variables has more than {LongestInteger} digits")
            : Value.Of(BigInteger.Parse(Encoding.ASCII.GetString(digits), CultureInfo.InvariantCulture));
    }

    private string MakeText(int at)
    {
        var bytes = Bytes(at);
        _run.ChargeChars(bytes.Length);
        var text = Ascii.IsValid(bytes) ? Encoding.Latin1.GetString(bytes) : Encoding.UTF8.GetString(bytes);
        text = _hasEscapes ? Unescape(text) : text;
        _made[at] = text;
        return text;
    }

    // Names come again and again: one string of each is kept, in a table that forgets what collides.
    private string NameAt(int at)
    {
        var name = Bytes(at);
        if (_hasEscapes || name.Length is 0 or > LongestKeptName)
        {
            return Text(at);
        }

        ref var kept = ref _names[((name[0] * 31) + (name[^1] * 7) + (name[name.Length / 2] * 3) + name.Length) & 255];
        if (kept is null || !Ascii.Equals(name, kept))
        {
            kept = Encoding.UTF8.GetString(name);
        }

        return kept;
    }

    // Escapes of half a surrogate pair stay what they are.
    private static string Unescape(string raw)
    {
        var from = raw.IndexOf('\\', StringComparison.Ordinal);
        if (from < 0)
        {
            return raw;
        }

        var text = new StringBuilder(raw, 0, from, raw.Length);
        for (var i = from; i < raw.Length; i++)
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
