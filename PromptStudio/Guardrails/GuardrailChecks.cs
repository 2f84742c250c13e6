using System.Diagnostics;
using System.Text.Json;
using PromptStudio.Core.Guardrails;

namespace PromptStudio.Guardrails;

/// <summary>What guardrails say of a text, or of several that belong together.</summary>
/// <param name="Violations">One for each guardrail that found something, or could not look.</param>
public sealed record Verdict(IReadOnlyList<Violation> Violations)
{
    /// <summary>Nothing was found.</summary>
    public static Verdict Clean { get; } = new([]);

    /// <summary>Whether one of them blocks.</summary>
    public bool Blocks => Violations.Any(violation => violation.Outcome == ViolationOutcome.Blocked);
}

/// <summary>Lets guardrails look at texts, and weighs what they found.</summary>
public sealed partial class GuardrailChecks(ILogger<GuardrailChecks> logger)
{
    /// <summary>What is told of a guardrail that could not look. The rule's own words may quote the text, so they are not told.</summary>
    public const string NotChecked = "The guardrail could not be checked.";

    private const int EntityMaxLength = 100;

    /// <summary>All values of variables together; a guardrail that did not come to the end counts as one that could not look.</summary>
    private static readonly TimeSpan VariablesBudget = TimeSpan.FromMilliseconds(250);

    /// <summary>Looks at a rendered prompt, and at the values that it was made from.</summary>
    /// <param name="rules">The prompt's.</param>
    /// <param name="prompt">As it would be sent.</param>
    /// <param name="context">With the variables.</param>
    /// <param name="unit">The user, or the execution: for whom a guardrail may not block yet.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<Verdict> PromptAsync(PromptRules rules, string prompt, RuleContext context, string unit, CancellationToken cancellationToken)
    {
        var found = await LocateAsync(rules, prompt, context, cancellationToken);
        return found.Count == 0 ? Verdict.Clean : new Verdict([.. found.GroupBy(one => one.Guardrail.Id).Select(group => Weigh([.. group], unit))]);
    }

    /// <summary>Looks at what a model answered.</summary>
    /// <inheritdoc cref="PromptAsync"/>
    public async ValueTask<Verdict> ResponseAsync(PromptRules rules, string response, RuleContext context, string unit, CancellationToken cancellationToken)
    {
        if (rules.Response is null)
            return Verdict.Clean;
        var found = await FindAsync(rules.Response, response, context, cancellationToken);
        return found.Count == 0 ? Verdict.Clean : new Verdict([.. found.Select(finding => Weigh([new Located(finding, response, null)], unit))]);
    }

    /// <summary>Every place that guardrails find in a rendered prompt and its variables; nothing is blocked.</summary>
    public async ValueTask<IReadOnlyList<Violation>> PlacesAsync(PromptRules rules, string prompt, RuleContext context, CancellationToken cancellationToken)
    {
        var found = await LocateAsync(rules, prompt, context, cancellationToken);
        return
        [
            .. from one in found
               from hit in one.Finding.Hits.DefaultIfEmpty<Hit?>(null)
               select Told(one, hit, hit is null ? 0 : 1, hit is null && one.Guardrail.OnError == OnError.Allow
                   ? ViolationOutcome.Error
                   : Outcome(one.Guardrail, blocks: one.Guardrail.EnforcementPercentage > 0)),
        ];
    }

    /// <summary>
    /// The one place where guardrails meet a text. Whatever goes wrong in a rule is that guardrail's finding, and never the caller's failure.
    /// Rules that ask somebody else, over the network, are awaited here.
    /// </summary>
    /// <returns>A finding for each guardrail that found something or could not look.</returns>
    internal ValueTask<IReadOnlyList<Finding>> FindAsync(RuleSet rules, string text, RuleContext context, CancellationToken cancellationToken)
    {
        try
        {
            return ValueTask.FromResult(rules.Check(text, context, cancellationToken));
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or OutOfMemoryException))
        {
            // One of them has a defect: the others are asked once more, each by itself.
            return ValueTask.FromResult<IReadOnlyList<Finding>>([.. rules.Guardrails.SelectMany(guardrail => Alone(guardrail, text, context, cancellationToken))]);
        }
    }

    /// <summary>Whether guardrails have nothing to say of a text. What goes wrong is not said here.</summary>
    internal bool Passes(RuleSet rules, string text, in RuleContext context)
    {
        try
        {
            return rules.Check(text, context).Count == 0;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return false;
        }
    }

    private IReadOnlyList<Finding> Alone(CompiledGuardrail guardrail, string text, RuleContext context, CancellationToken cancellationToken)
    {
        try
        {
            return new RuleSet([guardrail]).Check(text, context, cancellationToken);
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or OutOfMemoryException))
        {
            // Not the exception itself: it may quote the text.
            Log.Failed(logger, guardrail.Guardrail.Name, exception.GetType().Name);
            return [new Finding(guardrail, [], NotChecked)];
        }
    }

    private async ValueTask<List<Located>> LocateAsync(PromptRules rules, string prompt, RuleContext context, CancellationToken cancellationToken)
    {
        var found = new List<Located>();
        if (rules.Prompt is not null)
            found.AddRange((await FindAsync(rules.Prompt, prompt, context, cancellationToken)).Select(finding => new Located(finding, prompt, null)));
        if (rules.Variables.Count == 0 || context.Variables is not { ValueKind: JsonValueKind.Object } variables)
            return found;
        var started = Stopwatch.GetTimestamp();
        var isFirst = true;
        foreach (var (path, text) in VariableTexts.Values(variables))
        {
            foreach (var group in rules.Variables.Where(group => group.Covers(path)))
            {
                // The first one always has its turn, however busy the machine is.
                if (!isFirst && Stopwatch.GetElapsedTime(started) > VariablesBudget)
                {
                    found.AddRange(rules.Variables.SelectMany(unfinished => unfinished.Rules.Guardrails).Select(guardrail => new Located(new Finding(guardrail, [], NotChecked), "", null)));
                    return found;
                }
                isFirst = false;
                found.AddRange((await FindAsync(group.Rules, text, context, cancellationToken)).Select(finding => new Located(finding, text, path)));
            }
        }
        return found;
    }

    /// <summary>What becomes of what one guardrail found, in one text or in several.</summary>
    private static Violation Weigh(IReadOnlyList<Located> found, string unit)
    {
        var guardrail = found[0].Guardrail;
        var first = found.FirstOrDefault(one => one.Finding.Hits.Count > 0);
        return first is null && guardrail.OnError == OnError.Allow
            ? Told(found[0], null, 0, ViolationOutcome.Error)
            : Told(first ?? found[0], first?.Finding.Hits[0], found.Sum(one => one.Finding.Hits.Count), Outcome(guardrail, guardrail.BlocksFor(unit)));
    }

    private static string Outcome(Guardrail guardrail, bool blocks) => guardrail.Level switch
    {
        EnforcementLevel.Blocking => blocks ? ViolationOutcome.Blocked : ViolationOutcome.WouldBlock,
        EnforcementLevel.Warning => ViolationOutcome.Warned,
        _ => ViolationOutcome.Logged,
    };

    private static Violation Told(Located found, Hit? hit, int hits, string outcome)
    {
        var guardrail = found.Guardrail;
        return new Violation(
            guardrail.Name, guardrail.RuleType, GuardrailWords.Of(guardrail.Level), hit is null ? NotChecked : guardrail.Message ?? hit.Message,
            CodePoints.Before(found.Text, hit?.Span?.Start), CodePoints.Before(found.Text, hit?.Span?.End))
        {
            GuardrailId = guardrail.Id,
            Outcome = outcome,
            Scope = GuardrailWords.Of(guardrail.Scope),
            Variable = found.Path,
            Entity = hit?.Entity is { Length: > EntityMaxLength } entity ? entity[..EntityMaxLength] : hit?.Entity,
            Hits = hits,
        };
    }

    /// <summary>What a guardrail says of a text, and where that text is.</summary>
    private sealed record Located(Finding Finding, string Text, string? Path)
    {
        public Guardrail Guardrail => Finding.Guardrail.Guardrail;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The guardrail {Name} failed on a text ({Exception})")]
        public static partial void Failed(ILogger logger, string name, string exception);
    }
}

/// <summary>Places as callers count them, whatever their language's strings are made of.</summary>
internal static class CodePoints
{
    /// <summary>Code points before a place, which is given in UTF-16 units; null for null.</summary>
    public static int? Before(string text, int? at)
    {
        if (at is not { } end)
            return null;
        var points = end;
        foreach (var unit in text.AsSpan(0, Math.Min(end, text.Length)))
        {
            if (char.IsLowSurrogate(unit))
                points--;
        }
        return points;
    }
}
