using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Scriban.Runtime;

namespace PromptStudio.Core.Templating.Scriban;

/// <summary>
/// Makes Scriban's values of JSON: objects, arrays, strings, <c>long</c>, <c>double</c>, <c>bool</c> and null, and <see cref="BigInteger"/>
/// for integers of more than 64 bits and up to <see cref="LongestInteger"/> digits. Nothing else ever reaches a template. Containers are
/// emptied and used again by the next render.
/// </summary>
internal sealed class JsonValues
{
    private const int LongestInteger = 300;
    private const int LongestKnownName = 64;
    private const int MostKept = 64;
    private const int LargestKept = 64;

    private const int LongestKnownText = 24;

    private static readonly object True = true;
    private static readonly object False = false;
    private static readonly object[] SmallIntegers = [.. Enumerable.Range(0, 256).Select(number => (object)(long)number)];

    private readonly List<Members> _objects = [];
    private readonly List<Items> _arrays = [];
    private int _objectsUsed;
    private int _arraysUsed;
    private readonly string?[] _texts = new string?[256];
    private HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _names;

    /// <summary>The characters of the longest string since the last <see cref="Open"/>.</summary>
    public int LongestText { get; private set; }

    /// <summary>Begins a render.</summary>
    /// <param name="names">Names that the template has: members of the JSON with these names need no strings of their own.</param>
    public void Open(HashSet<string> names)
    {
        _names = names.GetAlternateLookup<ReadOnlySpan<char>>();
        LongestText = 0;
    }

    /// <summary>Adds the members of a JSON object; of equal names the last counts.</summary>
    public void Fill(ScriptObject target, JsonElement json)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        foreach (var member in json.EnumerateObject())
        {
            target.SetValue(Name(member), Value(member.Value), false);
        }
    }

    public object? Value(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => Text(json),
        JsonValueKind.Number => Number(json),
        JsonValueKind.True => True,
        JsonValueKind.False => False,
        JsonValueKind.Array => Array(json),
        JsonValueKind.Object => Object(json),
        _ => null,
    };

    /// <summary>Empties all that was made since the last time.</summary>
    public void Clear()
    {
        for (var i = _objectsUsed - 1; i >= 0; i--)
        {
            var isKept = i < MostKept && _objects[i].Count <= LargestKept;
            _objects[i].Clear();
            if (!isKept)
            {
                _objects.RemoveAt(i);
            }
        }

        for (var i = _arraysUsed - 1; i >= 0; i--)
        {
            var isKept = i < MostKept && _arrays[i].Count <= LargestKept && _arrays[i].IsPlain;
            _arrays[i].Clear();
            if (!isKept)
            {
                _arrays.RemoveAt(i);
            }
        }

        _objectsUsed = _arraysUsed = 0;
        _names = default;
    }

    private static object Number(JsonElement json)
    {
        if (json.TryGetInt64(out var integer))
        {
            return (ulong)integer < (ulong)SmallIntegers.Length ? SmallIntegers[integer] : integer;
        }

        var digits = json.GetRawText();
        return digits.Length <= LongestInteger && BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var big)
            ? big : json.GetDouble();
    }

    private string Name(JsonProperty member)
    {
        var bytes = JsonMarshal.GetRawUtf8PropertyName(member);
        Span<char> letters = stackalloc char[LongestKnownName];
        return bytes.Length <= LongestKnownName && Ascii.ToUtf16(bytes, letters, out var length) == System.Buffers.OperationStatus.Done
            && _names.TryGetValue(letters[..length], out var known) ? known : member.Name;
    }

    private string Text(JsonElement json)
    {
        var text = ShortText(JsonMarshal.GetRawUtf8Value(json)[1..^1]) ?? json.GetString()!;
        LongestText = Math.Max(LongestText, text.Length);
        return text;
    }

    // Tiers, languages, tags come again and again: one string of each is kept, in a table that forgets what collides.
    private string? ShortText(ReadOnlySpan<byte> text)
    {
        if (text.Length is 0 or > LongestKnownText || text.Contains((byte)'\\') || !Ascii.IsValid(text))
        {
            return null;
        }

        ref var kept = ref _texts[((text[0] * 31) + (text[^1] * 7) + (text[text.Length / 2] * 3) + text.Length) & 255];
        if (kept is null || !Ascii.Equals(text, kept))
        {
            kept = Encoding.ASCII.GetString(text);
        }

        return kept;
    }

    private Items Array(JsonElement json)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        if (_arraysUsed == _arrays.Count)
        {
            _arrays.Add([]);
        }

        var array = _arrays[_arraysUsed++];
        foreach (var item in json.EnumerateArray())
        {
            array.Add(Value(item));
        }

        return array;
    }

    private Members Object(JsonElement json)
    {
        if (_objectsUsed == _objects.Count)
        {
            _objects.Add([]);
        }

        var made = _objects[_objectsUsed++];
        Fill(made, json);
        return made;
    }
}
