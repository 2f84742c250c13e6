using System.Globalization;
using System.Text;

namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>Strings as Python sees them: sequences of code points. Lone surrogates count as one.</summary>
internal static class PyText
{
    private static readonly string[] Singles = MakeSingles();

    public static string Single(char character) => character < Singles.Length ? Singles[character] : character.ToString();

    /// <summary>Whether every code point is one UTF-16 unit.</summary>
    public static bool IsSimple(ReadOnlySpan<char> text) => !text.ContainsAnyInRange('\uD800', '\uDFFF');

    public static int UnitsAt(ReadOnlySpan<char> text, int index) =>
        char.IsHighSurrogate(text[index]) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]) ? 2 : 1;

    /// <summary>The number of code points.</summary>
    public static int Length(ReadOnlySpan<char> text)
    {
        if (IsSimple(text))
        {
            return text.Length;
        }

        var count = 0;
        for (var i = 0; i < text.Length; i += UnitsAt(text, i))
        {
            count++;
        }

        return count;
    }

    /// <summary>The unit index of a code point index; the length when it is beyond the end.</summary>
    public static int UnitIndex(ReadOnlySpan<char> text, int codePoint)
    {
        if (IsSimple(text))
        {
            return Math.Min(codePoint, text.Length);
        }

        var i = 0;
        while (codePoint-- > 0 && i < text.Length)
        {
            i += UnitsAt(text, i);
        }

        return i;
    }

    public static int CodePointAt(ReadOnlySpan<char> text, int index) =>
        UnitsAt(text, index) == 2 ? char.ConvertToUtf32(text[index], text[index + 1]) : text[index];

    /// <summary>The text of a code point; lone surrogates too.</summary>
    public static string OfCodePoint(int codePoint) =>
        codePoint < 0x10000 ? Single((char)codePoint) : char.ConvertFromUtf32(codePoint);

    /// <summary>The code points as strings of one.</summary>
    public static List<string> Split(string text)
    {
        var parts = new List<string>(text.Length);
        for (var i = 0; i < text.Length;)
        {
            var units = UnitsAt(text, i);
            parts.Add(units == 1 ? Single(text[i]) : text.Substring(i, units));
            i += units;
        }

        return parts;
    }

    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\u001c' and <= '\u001f';

    public static bool IsSpace(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!IsSpace(c))
            {
                return false;
            }
        }

        return text.Length > 0;
    }

    /// <summary>White space off both ends, off the start or off the end.</summary>
    public static string Strip(string text, bool start = true, bool end = true)
    {
        var (from, to) = Ends(text, start, end);
        return to - from == text.Length ? text : text[from..to];
    }

    /// <summary>What lies between the white space off both ends, off the start or off the end.</summary>
    public static (int From, int To) Ends(ReadOnlySpan<char> text, bool start = true, bool end = true)
    {
        var from = 0;
        var to = text.Length;
        while (start && from < to && IsSpace(text[from]))
        {
            from++;
        }

        while (end && to > from && IsSpace(text[to - 1]))
        {
            to--;
        }

        return (from, to);
    }

    /// <summary>The given code points off the ends.</summary>
    public static string Strip(string text, string characters, bool start = true, bool end = true)
    {
        if (IsSimple(characters) && IsSimple(text))
        {
            var span = text.AsSpan();
            span = start ? span.TrimStart(characters) : span;
            span = end ? span.TrimEnd(characters) : span;
            return characters.Length == 0 || span.Length == text.Length ? text : span.ToString();
        }

        var set = new HashSet<string>(Split(characters), StringComparer.Ordinal);
        var parts = Split(text);
        var from = 0;
        var to = parts.Count;
        while (start && from < to && set.Contains(parts[from]))
        {
            from++;
        }

        while (end && to > from && set.Contains(parts[to - 1]))
        {
            to--;
        }

        return string.Concat(parts.GetRange(from, to - from));
    }

    /// <summary>Order by code point.</summary>
    public static int Compare(string a, string b)
    {
        var shared = a.AsSpan().CommonPrefixLength(b);
        if (shared == a.Length || shared == b.Length)
        {
            return a.Length.CompareTo(b.Length);
        }

        var x = a[shared];
        var y = b[shared];
        var bySurrogate = char.IsSurrogate(x).CompareTo(char.IsSurrogate(y));
        return bySurrogate != 0 && (x >= '\uE000' || y >= '\uE000') ? bySurrogate : x.CompareTo(y);
    }

    public static UnicodeCategory Category(int codePoint) =>
        codePoint is >= 0xD800 and <= 0xDFFF ? UnicodeCategory.Surrogate : CharUnicodeInfo.GetUnicodeCategory(codePoint);

    public static bool IsPrintable(int codePoint) => codePoint == ' ' || Category(codePoint) is not (UnicodeCategory.Control
        or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);

    public static bool IsLetter(int codePoint) => Category(codePoint) is UnicodeCategory.UppercaseLetter
        or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter
        or UnicodeCategory.OtherLetter;

    /// <summary>A character of a Python identifier or number: letters, marks' kin excluded, digits and the underscore.</summary>
    public static bool IsWord(int codePoint) =>
        codePoint < 128 ? char.IsAsciiLetterOrDigit((char)codePoint) || codePoint == '_'
            : IsLetter(codePoint) || IsNumeric(codePoint);

    public static bool IsDecimal(int codePoint) => Category(codePoint) == UnicodeCategory.DecimalDigitNumber;

    public static bool IsDigit(int codePoint) => codePoint <= 0xFFFF
        ? CharUnicodeInfo.GetDigitValue((char)codePoint) >= 0
        : CharUnicodeInfo.GetDigitValue(char.ConvertFromUtf32(codePoint), 0) >= 0;

    public static bool IsNumeric(int codePoint) => codePoint is < 0xD800 or > 0xDFFF
        && CharUnicodeInfo.GetNumericValue(OfCodePoint(codePoint), 0) >= 0;

    /// <summary>Replaces non-ASCII decimal digits by ASCII ones, as Python does before it reads a number.</summary>
    public static string AsciiDigits(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text;
        }

        var ascii = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i += UnitsAt(text, i))
        {
            var codePoint = CodePointAt(text, i);
            if (codePoint > 127 && IsDecimal(codePoint))
            {
                ascii.Append((int)CharUnicodeInfo.GetNumericValue(OfCodePoint(codePoint), 0));
            }
            else
            {
                ascii.Append(OfCodePoint(codePoint));
            }
        }

        return ascii.ToString();
    }

    private static string[] MakeSingles()
    {
        var singles = new string[256];
        for (var i = 0; i < singles.Length; i++)
        {
            singles[i] = ((char)i).ToString();
        }

        return singles;
    }
}
