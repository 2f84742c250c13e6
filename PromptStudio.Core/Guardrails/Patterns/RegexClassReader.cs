using System.Globalization;

namespace PromptStudio.Core.Guardrails.Patterns;

/// <summary>Reads characters and classes of characters of a regular expression.</summary>
internal sealed class RegexClassReader(string pattern, bool ignoresCase)
{
    /// <summary>A class of at most so many characters is written out.</summary>
    private const int Few = 8;

    /// <summary>The only letter outside ASCII that .NET takes for an ASCII letter when case is ignored: the sign for kelvin.</summary>
    private const string Kelvin = "\u212a";

    /// <summary>All that <c>\d</c> matches.</summary>
    public static string Digits { get; } = string.Concat(Enumerable.Range(0, char.MaxValue).Select(code => (char)code).Where(char.IsDigit));

    /// <summary>A character by itself.</summary>
    public RegexPart Character(char character)
    {
        // What else counts as a letter outside ASCII without its case is .NET's own table; half a pair is no character for a search that ignores case.
        if (char.IsSurrogate(character) || (ignoresCase && !char.IsAscii(character)))
            return RegexPart.Unknown;
        return RegexPart.OneOf(ignoresCase && character is 'k' or 'K' ? [character.ToString(), Kelvin] : [character.ToString()]);
    }

    /// <summary>A class, from after its bracket to after the one that closes it.</summary>
    public RegexPart Read(ref int at)
    {
        var characters = new SortedSet<char>();
        var isKnown = Read(ref at, characters, 0);
        if (!isKnown)
            return RegexPart.Unknown;
        if (characters.Any(char.IsSurrogate) || (ignoresCase && !characters.All(char.IsAscii)))
            return RegexPart.Unknown;
        if (characters.Count is > 0 and <= Few)
            return RegexPart.OneOf([.. characters.SelectMany(character => Character(character).Exact!).Distinct(StringComparer.Ordinal)]);
        if (ignoresCase && characters.Any(char.IsAsciiLetter))
            return RegexPart.Unknown;
        return RegexPart.OneOf(string.Concat(characters));
    }

    public char EscapedCharacter(ref int at)
    {
        if (at >= pattern.Length)
            throw NotUnderstood();
        var character = pattern[at++];
        switch (character)
        {
            case >= '0' and <= '7':
                at--;
                return Octal(ref at);
            case 'x':
                return Hex(ref at, 2);
            case 'u':
                return Hex(ref at, 4);
            case 'a':
                return '\a';
            case 'b':
                return '\b';
            case 'e':
                return '\u001b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'v':
                return '\v';
            default:
                // Letters that are left mean something that is not read here.
                return char.IsLetterOrDigit(character) || character == '_' ? throw NotUnderstood() : character;
        }
    }

    public void SkipProperty(ref int at)
    {
        var end = at < pattern.Length && pattern[at] == '{' ? pattern.IndexOf('}', at) : -1;
        at = end < 0 ? throw NotUnderstood() : end + 1;
    }

    private static FormatException NotUnderstood() => new("not understood");

    /// <summary>Collects the characters of a class, or of more than it: what is subtracted stays in.</summary>
    /// <returns>Whether they are known and not too many.</returns>
    private bool Read(ref int at, SortedSet<char> characters, int depth)
    {
        if (depth > 5)
            throw NotUnderstood();
        var isKnown = at >= pattern.Length || pattern[at] != '^';
        at += isKnown ? 0 : 1;
        for (var isFirst = true; ; isFirst = false)
        {
            if (at >= pattern.Length)
                throw NotUnderstood();
            if (pattern[at] == ']' && !isFirst)
            {
                at++;
                return isKnown;
            }
            if (pattern[at] == '-' && at + 1 < pattern.Length && pattern[at + 1] == '[' && !isFirst)
            {
                at += 2;
                Read(ref at, [], depth + 1);
                continue;
            }
            if (Shorthand(ref at, characters) is { } isKnownShorthand)
            {
                isKnown &= isKnownShorthand;
                continue;
            }
            var (from, to) = Range(ref at, depth);
            isKnown &= to - from < RegexRarity.MostInSet;
            for (int code = from; isKnown && code <= to; code++)
                characters.Add((char)code);
            isKnown &= characters.Count <= RegexRarity.MostInSet;
        }
    }

    /// <summary>Null: there is none here.</summary>
    private bool? Shorthand(ref int at, SortedSet<char> characters)
    {
        if (pattern[at] != '\\' || at + 1 >= pattern.Length)
            return null;
        switch (pattern[at + 1])
        {
            case 'd':
                at += 2;
                characters.UnionWith(Digits);
                return true;
            case 'D' or 's' or 'S' or 'w' or 'W':
                at += 2;
                return false;
            case 'p' or 'P':
                at += 2;
                SkipProperty(ref at);
                return false;
            default:
                return null;
        }
    }

    private (char From, char To) Range(ref int at, int depth)
    {
        var from = One(ref at);
        if (at + 1 >= pattern.Length || pattern[at] != '-' || pattern[at + 1] == ']')
            return (from, from);
        if (pattern[at + 1] == '[')
        {
            at += 2;
            Read(ref at, [], depth + 1);
            return (from, from);
        }
        at++;
        var to = One(ref at);
        return to >= from ? (from, to) : throw NotUnderstood();
    }

    private char One(ref int at)
    {
        if (at >= pattern.Length)
            throw NotUnderstood();
        var character = pattern[at++];
        // "[:" begins what looks like a POSIX class, which .NET skips in a way of its own.
        if (character == '[' && at < pattern.Length && pattern[at] == ':')
            throw NotUnderstood();
        return character == '\\' ? EscapedCharacter(ref at) : character;
    }

    private char Octal(ref int at)
    {
        var code = 0;
        for (var digits = 0; digits < 3 && at < pattern.Length && pattern[at] is >= '0' and <= '7'; digits++)
            code = (code * 8) + (pattern[at++] - '0');
        return (char)(code & 0xff);
    }

    private char Hex(ref int at, int digits)
    {
        if (at + digits > pattern.Length || !int.TryParse(pattern.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            throw NotUnderstood();
        at += digits;
        return (char)code;
    }
}
