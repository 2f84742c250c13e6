using System.Globalization;
using System.Text.RegularExpressions;

namespace PromptStudio.Core.Guardrails.Patterns;

/// <summary>
/// Reads .NET's syntax of regular expressions, as far as that takes to say what every match contains. Groups in other groups are bounded: .NET reads deeper ones.
/// </summary>
internal sealed class RegexReader
{
    private const int DeepestGroup = 60;
    private const int MostTexts = 64;

    /// <summary>Repetitions of a known text that are written out.</summary>
    private const int MostCopies = 8;

    private readonly string _pattern;
    private readonly bool _hasWhiteSpace;
    private readonly RegexClassReader _classes;
    private int _at;
    private int _depth;
    private bool _nestsRepeats;
    private string? _construct;

    public RegexReader(string pattern, RegexOptions options)
    {
        _pattern = pattern;
        // An option may be set for a part only; that any part ignores case is enough to treat all as if it did.
        _classes = new RegexClassReader(pattern, options.HasFlag(RegexOptions.IgnoreCase) || HasInlineOption(pattern, 'i'));
        _hasWhiteSpace = options.HasFlag(RegexOptions.IgnorePatternWhitespace) || HasInlineOption(pattern, 'x');
    }

    public RegexShape Read()
    {
        try
        {
            if (_hasWhiteSpace)
                return Unknown();
            var part = Alternatives().Loose();
            return _at < _pattern.Length ? Unknown() : new RegexShape(part.Literals ?? [], part.Sets, _construct, part.Size, _nestsRepeats);
        }
        catch (FormatException)
        {
            return Unknown();
        }
    }

    private bool AtEnd => _at >= _pattern.Length;

    private static bool HasInlineOption(string pattern, char option)
    {
        for (var at = pattern.IndexOf("(?", StringComparison.Ordinal); at >= 0; at = pattern.IndexOf("(?", at + 1, StringComparison.Ordinal))
        {
            for (var letter = at + 2; letter < pattern.Length && (char.IsAsciiLetter(pattern[letter]) || pattern[letter] is '-' or '+'); letter++)
            {
                if (char.ToLowerInvariant(pattern[letter]) == option)
                    return true;
            }
        }
        return false;
    }

    private RegexShape Unknown() => new([], [], _construct, _pattern.Length, false);

    private static FormatException NotUnderstood() => new("not understood");

    private RegexPart Alternatives()
    {
        if (++_depth > DeepestGroup)
            throw NotUnderstood();
        var branches = new List<RegexPart> { Sequence() };
        while (!AtEnd && _pattern[_at] == '|')
        {
            _at++;
            branches.Add(Sequence());
        }
        _depth--;
        return branches.Count == 1 ? branches[0] : Any(branches);
    }

    private static RegexPart Any(List<RegexPart> branches)
    {
        var (size, repeats) = (branches.Sum(branch => branch.Size), branches.Exists(branch => branch.Repeats));
        if (branches.TrueForAll(branch => branch.Exact is not null) && branches.Sum(branch => branch.Exact!.Count) <= MostTexts)
            return new RegexPart([.. branches.SelectMany(branch => branch.Exact!).Distinct(StringComparer.Ordinal)], null, [], size, repeats);
        var loose = branches.ConvertAll(branch => branch.Loose());
        var literals = loose.TrueForAll(branch => branch.Literals is not null) ? loose.SelectMany(branch => branch.Literals!).Distinct(StringComparer.Ordinal).ToList() : null;
        var set = loose.TrueForAll(branch => branch.Sets.Count > 0) ? string.Concat(loose.SelectMany(branch => branch.Sets[0]).Distinct()) : "";
        return new RegexPart(null, literals is { Count: <= MostTexts } ? literals : null, set.Length is > 0 and <= RegexRarity.MostInSet ? [set] : [], size, repeats);
    }

    private RegexPart Sequence()
    {
        var sequence = new RegexSequence();
        for (SkipComments(); !AtEnd && _pattern[_at] is not ('|' or ')'); SkipComments())
            sequence.Add(Repeated(Atom()));
        return sequence.Build();
    }

    /// <summary>Comments may stand between a part and its quantifier.</summary>
    private void SkipComments()
    {
        while (_pattern.AsSpan(Math.Min(_at, _pattern.Length)).StartsWith("(?#", StringComparison.Ordinal))
        {
            var end = _pattern.IndexOf(')', _at);
            _at = end < 0 ? throw NotUnderstood() : end + 1;
        }
    }

    private RegexPart Repeated(RegexPart part)
    {
        SkipComments();
        if (Quantifier() is not var (least, most))
            return part;
        SkipComments();
        if (!AtEnd && _pattern[_at] == '?')
            _at++;
        var repeats = most > 1;
        _nestsRepeats |= repeats && part.Repeats;
        var times = most == int.MaxValue ? least + 1L : most;
        var size = Math.Min(part.Size * Math.Max(times, 1), int.MaxValue);
        repeats |= part.Repeats;
        if (most == 0)
            return RegexPart.Nothing;
        if (least == 0)
        {
            return most == 1 && part.Exact is { Count: < MostTexts } exact
                ? new RegexPart([.. exact.Append("").Distinct(StringComparer.Ordinal)], null, [], size, repeats)
                : new RegexPart(null, null, [], size, repeats);
        }
        var sequence = new RegexSequence();
        for (var copy = 0; copy < Math.Min(least, MostCopies); copy++)
            sequence.Add(part);
        if (least != most || least > MostCopies)
            sequence.Break();
        return sequence.Build() with { Size = size, Repeats = repeats };
    }

    private (int Least, int Most)? Quantifier()
    {
        if (AtEnd)
            return null;
        switch (_pattern[_at])
        {
            case '*':
                _at++;
                return (0, int.MaxValue);
            case '+':
                _at++;
                return (1, int.MaxValue);
            case '?':
                _at++;
                return (0, 1);
            case '{':
                return Counts();
            default:
                return null;
        }
    }

    /// <summary>A brace that is no quantifier is a character.</summary>
    private (int Least, int Most)? Counts()
    {
        var at = _at + 1;
        if (Number(ref at) is not { } least)
            return null;
        var most = least;
        if (at < _pattern.Length && _pattern[at] == ',')
        {
            at++;
            most = at < _pattern.Length && _pattern[at] == '}' ? int.MaxValue : Number(ref at) ?? -1;
        }
        if (most < 0 || at >= _pattern.Length || _pattern[at] != '}')
            return null;
        _at = at + 1;
        return (least, most);
    }

    private int? Number(ref int at)
    {
        var start = at;
        while (at < _pattern.Length && char.IsAsciiDigit(_pattern[at]))
            at++;
        return at == start ? null : int.TryParse(_pattern.AsSpan(start, at - start), CultureInfo.InvariantCulture, out var number) ? number : throw NotUnderstood();
    }

    private RegexPart Atom()
    {
        var character = _pattern[_at++];
        switch (character)
        {
            case '(':
                return Group();
            case '[':
                return _classes.Read(ref _at);
            case '.':
                return RegexPart.Unknown;
            case '^' or '$':
                return RegexPart.Nothing;
            case '*' or '+' or '?':
                throw NotUnderstood();
            case '\\':
                return Escape();
            default:
                return _classes.Character(character);
        }
    }

    private RegexPart Group()
    {
        var rest = _pattern.AsSpan(_at);
        if (!rest.StartsWith("?", StringComparison.Ordinal))
            return Inside(0, isText: true);
        if (rest.StartsWith("?=", StringComparison.Ordinal) || rest.StartsWith("?!", StringComparison.Ordinal))
            return Assertion(2, "a look-ahead (?=…) or (?!…)");
        if (rest.StartsWith("?<=", StringComparison.Ordinal) || rest.StartsWith("?<!", StringComparison.Ordinal))
            return Assertion(3, "a look-behind (?<=…) or (?<!…)");
        if (rest.StartsWith("?>", StringComparison.Ordinal))
        {
            _construct ??= "an atomic group (?>…)";
            return Inside(2, isText: true);
        }
        if (rest.StartsWith("?(", StringComparison.Ordinal))
        {
            _construct ??= "a condition (?(…)…|…)";
            throw NotUnderstood();
        }
        if (rest is ['?', '<' or '\'', ..])
            return NamedGroup(rest);
        var options = 1;
        while (options < rest.Length && (char.IsAsciiLetter(rest[options]) || rest[options] is '-' or '+'))
            options++;
        if (options >= rest.Length)
            throw NotUnderstood();
        if (rest[options] == ':')
            return Inside(options + 1, isText: true);
        if (rest[options] != ')')
            throw NotUnderstood();
        // Options for what follows: no part that a quantifier could repeat.
        _at += options + 1;
        return RegexPart.Nothing;
    }

    private RegexPart NamedGroup(ReadOnlySpan<char> rest)
    {
        var end = rest[2..].IndexOf(rest[1] == '<' ? '>' : '\'');
        if (end < 0)
            throw NotUnderstood();
        if (rest.Slice(2, end).Contains('-'))
            _construct ??= "a balancing group (?<a-b>…)";
        return Inside(end + 3, isText: true);
    }

    private RegexPart Assertion(int length, string construct)
    {
        _construct ??= construct;
        return Inside(length, isText: false);
    }

    private RegexPart Inside(int length, bool isText)
    {
        _at += length;
        var part = Alternatives();
        if (AtEnd || _pattern[_at] != ')')
            throw NotUnderstood();
        _at++;
        // What an assertion sees need not be part of the match.
        return isText ? part : RegexPart.Nothing with { Size = part.Size };
    }

    private RegexPart Escape()
    {
        if (AtEnd)
            throw NotUnderstood();
        var character = _pattern[_at];
        switch (character)
        {
            case 'b' or 'B' or 'A' or 'Z' or 'z':
                _at++;
                return RegexPart.Nothing;
            case 'G':
                _at++;
                _construct ??= "\\G";
                return RegexPart.Nothing;
            case 'k' or (>= '1' and <= '9') or '<' or '\'':
                _construct ??= "a back-reference such as \\1";
                throw NotUnderstood();
            case 'd':
                _at++;
                return RegexPart.OneOf(RegexClassReader.Digits);
            case 'D' or 'w' or 'W' or 's' or 'S':
                _at++;
                return RegexPart.Unknown;
            case 'p' or 'P':
                _at++;
                _classes.SkipProperty(ref _at);
                return RegexPart.Unknown;
            default:
                return _classes.Character(_classes.EscapedCharacter(ref _at));
        }
    }
}
