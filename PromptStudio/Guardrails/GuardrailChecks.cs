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

    /// <summary>Both, as one.</summary>
    public Verdict And(Verdict other) => other.Violations.Count == 0 ? this : Violations.Count == 0 ? other : new Verdict([.. Violations, .. other.Violations]);
}

/// <summary>What a guardrail says of a text, and where that text is.</summary>
/// <param name="Finding">What it says.</param>
/// <param name="Text">The text that places are of.</param>
/// <param name="Path">The variable; null: it is none.</param>
public sealed record Located(Finding Finding, string Text, string? Path)
{
    public Guardrail Guardrail => Finding.Guardrail.Guardrail;
}

/// <summary>Lets guardrails look at texts that need nobody else for it, and weighs what they found, and what models did.</summary>
public sealed partial class GuardrailChecks(ILogger<GuardrailChecks> logger)
{
    /// <summary>What is told of a guardrail that could not look. The rule's own words may quote the text, so they are not told.</summary>
    public const string NotChecked = "The guardrail could not be checked.";

    private const int EntityMaxLength = 100;

    /// <summary>All values of variables together; a guardrail that did not come to the end counts as one that could not look.</summary>
    private static readonly TimeSpan VariablesBudget = TimeSpan.FromMilliseconds(250);

    /// <summary>Looks at a rendered prompt, and at the values that it was made from, with what needs nobody else.</summary>
    /// <param name="rules">The prompt's.</param>
    /// <param name="prompt">As it would be sent.</param>
    /// <param name="context">With the variables.</param>
    /// <param name="unit">The user, or the execution: for whom a guardrail may not block yet.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Verdict Prompt(PromptRules rules, string prompt, in RuleContext context, string unit, CancellationToken cancellationToken) =>
        Weigh(Locate(rules, prompt, context, cancellationToken), unit);

    /// <summary>Looks at what a model answered, with what needs nobody else.</summary>
    /// <inheritdoc cref="Prompt"/>
    public Verdict Response(PromptRules rules, string response, in RuleContext context, string unit, CancellationToken cancellationToken) => rules.Response is null
        ? Verdict.Clean
        : Weigh([.. Find(rules.Response, response, context, cancellationToken).Select(finding => new Located(finding, response, null))], unit);

    /// <summary>What becomes of what guardrails found: one violation each.</summary>
    internal static Verdict Weigh(IReadOnlyList<Located> found, string unit) =>
        found.Count == 0 ? Verdict.Clean : new Verdict([.. found.GroupBy(one => one.Guardrail.Id).Select(group => WeighOne([.. group], unit))]);

    /// <summary>Every place that guardrails found; nothing is blocked.</summary>
    internal static IReadOnlyList<Violation> Places(IEnumerable<Located> found) =>
    [
        .. from one in found
           from hit in one.Finding.Hits.DefaultIfEmpty<Hit?>(null)
           select Told(one, hit, hit is null ? 0 : 1, hit is null && one.Guardrail.OnError == OnError.Allow
               ? ViolationOutcome.Error
               : Outcome(one.Guardrail, blocks: one.Guardrail.EnforcementPercentage > 0)),
    ];

    /// <summary>The one place where rules that need nobody else meet a text. Whatever goes wrong in a rule is that guardrail's finding, and never the caller's failure.</summary>
    /// <returns>A finding for each guardrail that found something or could not look.</returns>
    internal IReadOnlyList<Finding> Find(RuleSet rules, string text, in RuleContext context, CancellationToken cancellationToken)
    {
        try
        {
            return rules.Check(text, context, cancellationToken);
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or OutOfMemoryException))
        {
            // One of them has a defect: the others are asked once more, each by itself.
            var findings = new List<Finding>();
            foreach (var guardrail in rules.Guardrails)
                findings.AddRange(Alone(guardrail, text, context, cancellationToken));
            return findings;
        }
    }

    /// <summary>Whether guardrails have nothing to say of a text. What goes wrong is not said here.</summary>
    internal static bool Passes(RuleSet rules, string text, in RuleContext context)
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

    private IReadOnlyList<Finding> Alone(CompiledGuardrail guardrail, string text, in RuleContext context, CancellationToken cancellationToken)
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

    /// <summary>What guardrails find in a rendered prompt and its variables, and where.</summary>
    internal List<Located> Locate(PromptRules rules, string prompt, in RuleContext context, CancellationToken cancellationToken)
    {
        var found = new List<Located>();
        if (rules.Prompt is not null)
        {
            foreach (var finding in Find(rules.Prompt, prompt, context, cancellationToken))
                found.Add(new Located(finding, prompt, null));
        }
        if (rules.Variables.Count == 0 || context.Variables is not { ValueKind: JsonValueKind.Object } variables)
            return found;
        var started = Stopwatch.GetTimestamp();
        var isFirst = true;
        foreach (var (path, text) in VariableTexts.Values(variables))
        {
            foreach (var group in rules.Variables)
            {
                if (!group.Covers(path))
                    continue;
                // The first one always has its turn, however busy the machine is.
                if (!isFirst && Stopwatch.GetElapsedTime(started) > VariablesBudget)
                {
                    found.AddRange(rules.Variables.SelectMany(unfinished => unfinished.Rules.Guardrails).Select(guardrail => new Located(new Finding(guardrail, [], NotChecked), "", null)));
                    return found;
                }
                isFirst = false;
                foreach (var finding in Find(group.Rules, text, context, cancellationToken))
                    found.Add(new Located(finding, text, path));
            }
        }
        return found;
    }

    /// <summary>What becomes of what one guardrail found, in one text or in several.</summary>
    private static Violation WeighOne(IReadOnlyList<Located> found, string unit)
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
