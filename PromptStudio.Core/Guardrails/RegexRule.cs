using System.Diagnostics;
using System.Text.RegularExpressions;
using PromptStudio.Core.Guardrails.Text;

namespace PromptStudio.Core.Guardrails;

/// <summary>
/// Rule type <c>regex</c>: <c>{patterns, ignore_case?, multiline?, dot_all?}</c>. Patterns run in linear time wherever they can; one that needs
/// to look around backtracks, under a time limit.
/// </summary>
public sealed class RegexRule : Rule
{
    /// <summary>All patterns of a rule together, on all views of one text.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(100);

    /// <summary>UTF-16 units that a backtracking pattern gets to see.</summary>
    private const int BacktrackingMaxLength = 50_000;

    /// <summary>Timeouts after which a rule is not tried any more.</summary>
    private const int MostTimeouts = 5;

    private readonly Regex[] _patterns;
    private int _timeouts;

    internal RegexRule(RuleConfig config)
    {
        var patterns = config.Texts("patterns") ?? config.Texts("pattern") ?? throw RuleConfig.Wrong("patterns", "must be given: a list of regular expressions.");
        var options = RegexOptions.CultureInvariant
            | (config.Flag("ignore_case", false) ? RegexOptions.IgnoreCase : RegexOptions.None)
            | (config.Flag("multiline", false) ? RegexOptions.Multiline : RegexOptions.None)
            | (config.Flag("dot_all", false) ? RegexOptions.Singleline : RegexOptions.None);
        config.RefuseOthers();
        _patterns = [.. patterns.Select((pattern, index) => Build(pattern, index, options))];
    }

    /// <summary>Whether every pattern runs in a time that grows with the text and no faster.</summary>
    public bool IsLinear => BacktrackingReason is null;

    /// <summary>Why a pattern has to backtrack; null: none does.</summary>
    public string? BacktrackingReason { get; private set; }

    public override void Find(RuleInput input, List<Hit> hits)
    {
        if (Volatile.Read(ref _timeouts) >= MostTimeouts)
            throw new RuleException($"The rule is switched off: its patterns ran out of their time {MostTimeouts} times. Make them simpler, and save the rule again.");
        var started = Stopwatch.GetTimestamp();
        try
        {
            foreach (var view in input.Text.Cased())
            {
                foreach (var pattern in _patterns)
                    Find(pattern, view, hits, started);
            }
            Volatile.Write(ref _timeouts, 0);
        }
        catch (RegexMatchTimeoutException exception)
        {
            Interlocked.Increment(ref _timeouts);
            throw new RuleException("The patterns ran out of their time on this text.", exception);
        }
    }

    private static void Find(Regex pattern, MappedText view, List<Hit> hits, long started)
    {
        var linear = pattern.Options.HasFlag(RegexOptions.NonBacktracking);
        var text = view.Text.AsSpan(0, linear ? view.Text.Length : Math.Min(view.Text.Length, BacktrackingMaxLength));
        foreach (var match in pattern.EnumerateMatches(text))
        {
            if (Stopwatch.GetElapsedTime(started) > Budget)
                throw new RegexMatchTimeoutException("", pattern.ToString(), Budget);
            if (match.Length > 0)
                Add(hits, new Hit("A pattern of the list was found.", view.ToOriginal(match.Index, match.Index + match.Length)));
            if (hits.Count == MaxHits)
                return;
        }
        if (Stopwatch.GetElapsedTime(started) > Budget)
            throw new RegexMatchTimeoutException("", pattern.ToString(), Budget);
    }

    private Regex Build(string pattern, int index, RegexOptions options)
    {
        try
        {
            return new Regex(pattern, options | RegexOptions.NonBacktracking, Budget);
        }
        catch (NotSupportedException exception)
        {
            BacktrackingReason ??= $"Pattern {index + 1} cannot run in linear time: {exception.Message}";
            return new Regex(pattern, options, Budget / 2);
        }
        catch (ArgumentException exception)
        {
            throw new FormatException($"rule_config.patterns[{index}] is no regular expression: {exception.Message}", exception);
        }
    }
}
