using System.Globalization;
using System.Text.RegularExpressions;
using PromptStudio.Core.Guardrails.Patterns;
using PromptStudio.Core.Guardrails.Text;

namespace PromptStudio.Core.Guardrails;

/// <summary>
/// Rule type <c>regex</c>: <c>{patterns, flags?, ignore_case?, multiline?, dot_all?}</c>; <c>flags</c> are letters of <c>i</c>, <c>m</c>, <c>s</c>, <c>n</c> and <c>x</c>.
/// Patterns run in linear time wherever they can; one that needs to look around backtracks, under a limit of time.
/// </summary>
public sealed class RegexRule : Rule
{
    /// <summary>Patterns that a rule may have: each takes some milliseconds to build.</summary>
    public const int MaxPatterns = 300;

    /// <summary>How large all patterns together may be, with their repetitions written out: it bounds the time to build them.</summary>
    public const int MaxSize = 40_000;

    /// <summary>UTF-16 units that a backtracking pattern gets to see.</summary>
    public const int BacktrackingMaxLength = 50_000;

    /// <summary>All patterns of a rule together, on all views of one text.</summary>
    private static readonly TimeSpan Time = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ShortTime = TimeSpan.FromMilliseconds(10);

    private readonly RegexPattern[] _patterns;
    private readonly RegexPace _pace;
    private readonly TimeProvider _time;
    private readonly string[]? _literals;

    internal RegexRule(RuleConfig config, TimeProvider time)
    {
        var patterns = config.Texts("patterns") ?? config.Texts("pattern") ?? throw RuleConfig.Wrong("patterns", "must be given: a list of regular expressions.");
        var options = RegexOptions.CultureInvariant
            | Flags(config.Text("flags"))
            | (config.Flag("ignore_case", false) ? RegexOptions.IgnoreCase : RegexOptions.None)
            | (config.Flag("multiline", false) ? RegexOptions.Multiline : RegexOptions.None)
            | (config.Flag("dot_all", false) ? RegexOptions.Singleline : RegexOptions.None);
        config.RefuseOthers();
        if (patterns.Count > MaxPatterns)
            throw RuleConfig.Wrong("patterns", $"must have at most {MaxPatterns} patterns; split the rule.");
        (_time, _pace) = (time, new RegexPace(time));
        _patterns = new RegexPattern[patterns.Count];
        for (var (index, size) = (0, 0L); index < patterns.Count; index++)
        {
            size += RegexShape.Read(patterns[index], options).Size;
            _patterns[index] = size <= MaxSize || index == 0 ? Build(patterns[index], index, options)
                : throw RuleConfig.Wrong("patterns", string.Create(CultureInfo.InvariantCulture, $"are too large together: at most {MaxSize:N0} with their repetitions written out. Split the rule, or lower the counts."));
        }
        IsLinear = Array.TrueForAll(_patterns, pattern => pattern.IsLinear);
        _literals = Array.TrueForAll(_patterns, pattern => pattern.Shape.Literals.Count > 0) ? WithoutKelvin([.. _patterns.SelectMany(pattern => pattern.Shape.Literals)]) : null;
    }

    /// <summary>Its patterns, and for each whether it runs in linear time, or why it does not.</summary>
    public IReadOnlyList<RegexPattern> Patterns => _patterns;

    /// <summary>Whether every pattern runs in a time that grows with the text and no faster.</summary>
    public bool IsLinear { get; }

    /// <summary>Why a pattern has to backtrack, a sentence for people; null: none does.</summary>
    public string? BacktrackingReason => Array.FindIndex(_patterns, pattern => !pattern.IsLinear) is >= 0 and var index
        ? $"Pattern {index + 1} does not run in linear time. {_patterns[index].Reason}"
        : null;

    /// <summary>Whether the rule ran out of its time so often that for a minute it gets a tenth of it.</summary>
    public bool IsHurried => _pace.IsHurried;

    /// <inheritdoc/>
    public override IReadOnlyList<string>? Literals => _literals;

    /// <inheritdoc/>
    public override bool IsSlow => !IsLinear;

    /// <inheritdoc/>
    public override bool MayFind(ReadOnlySpan<char> text, ReadOnlySpan<char> clean, Deadline deadline)
    {
        var isHurried = _pace.IsHurried;
        var isSame = text == clean;
        Deadline? own = null;
        foreach (var pattern in _patterns)
        {
            var (mayText, mayClean) = (pattern.MayMatch(text), !isSame && pattern.MayMatch(clean));
            if (!mayText && !mayClean)
                continue;
            var end = own ??= deadline.Within(isHurried ? ShortTime : Time, _time);
            if (end.IsOver || (!pattern.IsLinear && text.Length > BacktrackingMaxLength))
                return true;
            try
            {
                if ((mayText && pattern.Regex(isHurried).IsMatch(text)) || (mayClean && pattern.Regex(isHurried).IsMatch(clean)))
                    return true;
            }
            catch (RegexMatchTimeoutException exception)
            {
                throw TimedOut(exception);
            }
        }
        return false;
    }

    /// <inheritdoc/>
    public override void Find(RuleInput input, List<Hit> hits)
    {
        var isHurried = _pace.IsHurried;
        var deadline = input.Deadline.Within(isHurried ? ShortTime : Time, _time);
        var isCut = false;
        try
        {
            foreach (var view in input.Text.Cased())
            {
                foreach (var pattern in _patterns)
                {
                    input.CancellationToken.ThrowIfCancellationRequested();
                    if (!pattern.MayMatch(view.Text))
                        continue;
                    Keep(deadline, input.Deadline);
                    isCut |= !pattern.IsLinear && view.Text.Length > BacktrackingMaxLength;
                    Find(pattern, isHurried, view, hits, () => Keep(deadline, input.Deadline));
                }
            }
        }
        catch (RegexMatchTimeoutException exception)
        {
            throw TimedOut(exception);
        }
        Sort(hits);
        if (isCut && hits.Count == 0)
            throw new RuleException(string.Create(CultureInfo.InvariantCulture, $"A pattern that does not run in linear time sees {BacktrackingMaxLength:N0} characters, and the text is longer."));
    }

    private static void Find(RegexPattern pattern, bool isHurried, MappedText view, List<Hit> hits, Action keep)
    {
        var text = view.Text.AsSpan(0, pattern.IsLinear ? view.Text.Length : Math.Min(view.Text.Length, BacktrackingMaxLength));
        foreach (var match in pattern.Regex(isHurried).EnumerateMatches(text))
        {
            if (match.Length > 0)
                Add(hits, new Hit("A pattern of the list was found.", view.ToOriginal(match.Index, match.Index + match.Length)));
            if (hits.Count == MaxHits)
                return;
            keep();
        }
    }

    /// <summary>When the rule has used up its own time, it is the rule that is slow; when all rules have used up theirs, it may be any of them.</summary>
    private void Keep(Deadline own, Deadline shared)
    {
        shared.Keep();
        if (own.IsOver)
            throw TimedOut(null);
    }

    private RuleException TimedOut(RegexMatchTimeoutException? exception)
    {
        _pace.TimedOut();
        return new RuleException("The patterns ran out of their time on this text.", exception);
    }

    /// <summary>A clean text never has the sign for kelvin: where it only stands beside the letter k, the letter is enough.</summary>
    private static string[] WithoutKelvin(HashSet<string> literals) =>
        [.. literals.Where(literal => !literal.Contains('\u212a', StringComparison.Ordinal) || !literals.Contains(literal.Replace('\u212a', 'k'))).Distinct(StringComparer.OrdinalIgnoreCase)];

    private static RegexPattern Build(string pattern, int index, RegexOptions options)
    {
        try
        {
            return new RegexPattern(pattern, options);
        }
        catch (FormatException exception)
        {
            throw new FormatException($"rule_config.patterns[{index}] {exception.Message}", exception);
        }
    }

    private static RegexOptions Flags(string? flags)
    {
        var options = RegexOptions.None;
        foreach (var flag in flags ?? "")
        {
            options |= flag switch
            {
                'i' => RegexOptions.IgnoreCase,
                'm' => RegexOptions.Multiline,
                's' => RegexOptions.Singleline,
                'n' => RegexOptions.ExplicitCapture,
                'x' => RegexOptions.IgnorePatternWhitespace,
                _ => throw RuleConfig.Wrong("flags", $"must be letters of i, m, s, n and x; '{flag}' is none."),
            };
        }
        return options;
    }
}
