using System.Text.RegularExpressions;

namespace PromptStudio.Core.Guardrails.Patterns;

/// <summary>What can be said of a regular expression without running it.</summary>
/// <param name="Literals">Every match contains one of them, in whatever case; each has two characters or more. Empty: none are known.</param>
/// <param name="Sets">Sets of characters; every match contains one of each. Empty: none are known.</param>
/// <param name="Construct">What keeps it from running in linear time, in words for people; null: nothing that was seen.</param>
/// <param name="Size">How large it is with every counted repetition written out.</param>
/// <param name="NestsRepeats">Whether something that repeats is itself repeated: without a linear engine, the time of such a pattern may grow exponentially.</param>
public sealed record RegexShape(IReadOnlyList<string> Literals, IReadOnlyList<string> Sets, string? Construct, long Size, bool NestsRepeats)
{
    /// <summary>
    /// Reads a pattern that .NET accepts. Sound: what is not understood is said to be unknown, never guessed. The proof by random patterns is in the tests.
    /// </summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="options">What it is built with.</param>
    public static RegexShape Read(string pattern, RegexOptions options) => new RegexReader(pattern, options).Read();
}

/// <summary>What is known of a part of a pattern.</summary>
/// <param name="Exact">All texts that it can match, in whatever case; null: they are too many, or not known.</param>
/// <param name="Literals">Each match contains one of them; null: none are known.</param>
/// <param name="Sets">Each match contains a character of each.</param>
/// <param name="Size">Written out.</param>
/// <param name="Repeats">Whether something in it repeats.</param>
internal sealed record RegexPart(IReadOnlyList<string>? Exact, IReadOnlyList<string>? Literals, IReadOnlyList<string> Sets, long Size, bool Repeats)
{
    /// <summary>Any text.</summary>
    public static RegexPart Unknown { get; } = new(null, null, [], 1, false);

    /// <summary>No text: an anchor, an assertion, an option.</summary>
    public static RegexPart Nothing { get; } = new([""], null, [], 0, false);

    /// <summary>One character of a few.</summary>
    public static RegexPart OneOf(IReadOnlyList<string> texts) => new(texts, null, [], 1, false);

    /// <summary>One character of many.</summary>
    public static RegexPart OneOf(string set) => new(null, null, RegexRarity.IsRare(set) ? [set] : [], 1, false);

    /// <summary>The same with what it can match put as what it must contain.</summary>
    public RegexPart Loose()
    {
        if (Exact is null)
            return this;
        var (literals, set) = RegexRarity.Demand(Exact);
        return this with { Exact = null, Literals = literals, Sets = set is null ? [] : [set] };
    }
}

/// <summary>Which of several demands on a text is best: the one that the fewest texts meet.</summary>
internal static class RegexRarity
{
    /// <summary>Characters that a set may have.</summary>
    public const int MostInSet = 1_000;

    private const int MostLiterals = 64;

    /// <summary>Whether looking for a set's characters is worth it: nearly every text has small letters and spaces.</summary>
    public static bool IsRare(string set) => set.Length is > 0 and <= MostInSet && !set.Any(character => char.IsAsciiLetterLower(character) || character is ' ');

    /// <summary>What one of several texts demands: the texts themselves when none is too short, else one character of each.</summary>
    public static (IReadOnlyList<string>? Literals, string? Set) Demand(IReadOnlyList<string> texts)
    {
        if (texts.Count is 0 or > MostLiterals || texts.Any(text => text.Length == 0))
            return (null, null);
        if (texts.All(text => text.Length >= 2))
            return (texts, null);
        // Compared without case, so a letter stands for both of its cases; those outside ASCII may have more.
        var rarest = texts.Select(text => text.MinBy(Commonness)).ToList();
        var set = string.Concat(rarest.Concat(rarest.Select(char.ToUpperInvariant)).Concat(rarest.Select(char.ToLowerInvariant)).Distinct());
        return (null, set.All(char.IsAscii) && IsRare(set) ? set : null);
    }

    /// <summary>The better of two demands for literals: short ones are in every text, and many are found sooner than few.</summary>
    public static IReadOnlyList<string>? Better(IReadOnlyList<string>? one, IReadOnlyList<string>? other) =>
        one is null ? other : other is null || Worth(one) >= Worth(other) ? one : other;

    /// <summary>The two best of several sets.</summary>
    public static IReadOnlyList<string> Best(IEnumerable<string> sets) => [.. sets.Distinct(StringComparer.Ordinal).OrderBy(set => set.Max(Commonness)).ThenBy(set => set.Length).Take(2)];

    private static double Worth(IReadOnlyList<string> literals) => Math.Min(literals.Min(literal => literal.Length), 8) - (literals.Count / 16.0);

    private static int Commonness(char character) => character switch
    {
        ' ' or (>= 'a' and <= 'z') => 100,
        '.' or ',' or '-' or '\'' or '\n' => 50,
        (>= 'A' and <= 'Z') => 60,
        _ when char.IsDigit(character) => 20,
        _ => 5,
    };
}

/// <summary>Puts the parts of a sequence together.</summary>
internal sealed class RegexSequence
{
    private const int MostTexts = 32;
    private const int LongestText = 24;

    private readonly List<string> _sets = [];
    private IReadOnlyList<string> _run = [""];
    private IReadOnlyList<string>? _literals;
    private bool _isWhole = true;
    private bool _repeats;
    private long _size;

    public void Add(RegexPart part)
    {
        (_size, _repeats) = (Math.Min(_size + part.Size, int.MaxValue), _repeats || part.Repeats);
        if (part.Exact is { } exact)
        {
            if (_run.Count * exact.Count > MostTexts || _run.Max(text => text.Length) + exact.Max(text => text.Length) > LongestText)
                Break();
            _run = [.. _run.SelectMany(text => exact.Select(next => text + next)).Distinct(StringComparer.Ordinal)];
            return;
        }
        Break();
        _literals = RegexRarity.Better(_literals, part.Literals);
        _sets.AddRange(part.Sets);
    }

    /// <summary>What follows does not stand right after what was before.</summary>
    public void Break()
    {
        var (literals, set) = RegexRarity.Demand(_run);
        _literals = RegexRarity.Better(_literals, literals);
        if (set is not null)
            _sets.Add(set);
        (_run, _isWhole) = ([""], false);
    }

    public RegexPart Build()
    {
        if (_isWhole)
            return new RegexPart(_run, null, [], _size, _repeats);
        Break();
        return new RegexPart(null, _literals, RegexRarity.Best(_sets), _size, _repeats);
    }
}
