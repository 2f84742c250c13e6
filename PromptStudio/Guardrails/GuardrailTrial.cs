using System.Diagnostics;
using System.Text.Json;
using PromptStudio.Core.Access;
using PromptStudio.Core.Guardrails;
using PromptStudio.Core.Guardrails.ModelCheck;
using PromptStudio.Web;

namespace PromptStudio.Guardrails;

/// <summary>Tries guardrails on a text. Each has a rule of its own for it, so that nobody's trial wears out the ones that renders rely on.</summary>
public sealed class GuardrailTrial(GuardrailStore guardrails, GuardrailChecks checks, ModelChecks models, ModelHosts hosts, GuardrailSecrets secrets)
{
    /// <summary>Guardrails that may be named.</summary>
    public const int MostIds = 100;

    /// <summary>Above this, the first look is the measure: a second one would only cost as much again.</summary>
    private static readonly TimeSpan WorthASecondLook = TimeSpan.FromMilliseconds(20);

    /// <summary>What each guardrail says of a text, whatever its scope.</summary>
    /// <returns>Or 400 <c>invalid_request</c>, 403, 404 <c>guardrail_not_found</c>, 422 <c>invalid_guardrail</c>.</returns>
    public async Task<Answer<TestedGuardrails>> RunAsync(Actor actor, GuardrailTest test, CancellationToken cancellationToken)
    {
        if (await guardrails.RefusedAsync(actor, Permissions.Read, "test guardrails", cancellationToken) is { } refused)
            return refused;
        if (test.Variables.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.Object))
            return QueryText.Invalid("variables", "'variables' must be an object.");
        if (test.GuardrailIds?.Count > MostIds)
            return QueryText.Invalid("guardrail_ids", $"'guardrail_ids' may name {MostIds} guardrails.");
        if (test.GuardrailIds is not null && test.Rule is not null)
            return QueryText.Invalid("rule", "Give 'guardrail_ids' or 'rule', not both.");
        var context = new RuleContext(test.Variables.ValueKind == JsonValueKind.Object ? test.Variables : null, null);
        if (test.Rule is { } unsaved)
        {
            // Whoever may not make such a rule may not make the studio call an address either.
            if (unsaved.RuleType == RuleType.ModelCheck && await guardrails.RefusedAsync(actor, Permissions.Promote, "test a model_check", cancellationToken) is { } mayNot)
                return mayNot;
            if (GuardrailInput.CheckSecret(unsaved.Secret) is { } wrong)
                return wrong;
            var row = new PromptGuardrail { Id = Guid.Empty, Name = "rule", RuleType = unsaved.RuleType, RuleConfig = "{}", EnforcementLevel = GuardrailWords.Blocking };
            row.SecretProtected = string.IsNullOrEmpty(unsaved.Secret) ? null : secrets.Protect(unsaved.Secret);
            if ((GuardrailEdits.Apply(row, new GuardrailEdit { RuleConfig = unsaved.RuleConfig, AllowList = unsaved.AllowList, Message = unsaved.Message }) ?? GuardrailInput.Check(row) ?? hosts.Refused(row)) is { } invalid)
                return invalid;
            return new TestedGuardrails(await TestAsync([row], test.Text, context, isSaved: false, cancellationToken));
        }
        var found = await guardrails.RowsAsync(test.GuardrailIds is { } ids ? [.. ids.Distinct()] : null, cancellationToken);
        if (found.Value is not { } rows)
            return found.Problem!;
        return new TestedGuardrails(await TestAsync(rows, test.Text, context, isSaved: true, cancellationToken));
    }

    private async Task<IReadOnlyList<TestedGuardrail>> TestAsync(IReadOnlyList<PromptGuardrail> rows, string text, RuleContext context, bool isSaved, CancellationToken cancellationToken)
    {
        var tested = new TestedGuardrail[rows.Count];
        var asked = new List<(int Index, CompiledGuardrail Model)>();
        for (var index = 0; index < rows.Count; index++)
        {
            var compiled = GuardrailInput.Build(rows[index]);
            if (compiled.Rule is ModelCheckRule)
                asked.Add((index, compiled));
            else
                tested[index] = Look(rows[index], compiled, text, context, isSaved, cancellationToken);
        }
        // Those that are quick first: their time is measured. All models at once: each may take seconds.
        await Task.WhenAll(asked.Select(async one => tested[one.Index] = await AskAsync(rows[one.Index], one.Model, text, isSaved, cancellationToken)));
        return tested;
    }

    private TestedGuardrail Look(PromptGuardrail row, CompiledGuardrail compiled, string text, in RuleContext context, bool isSaved, CancellationToken cancellationToken)
    {
        var rules = new RuleSet([compiled]);
        var started = Stopwatch.GetTimestamp();
        var findings = checks.Find(rules, text, context, cancellationToken);
        var elapsed = Stopwatch.GetElapsedTime(started);
        if (elapsed < WorthASecondLook)
        {
            // The first look makes a rule ready; what counts is how long it takes then.
            started = Stopwatch.GetTimestamp();
            findings = checks.Find(rules, text, context, cancellationToken);
            elapsed = Stopwatch.GetElapsedTime(started);
        }
        var finding = findings.Count > 0 ? findings[0] : null;
        var hits = finding?.Hits ?? [];
        return new TestedGuardrail
        {
            Id = isSaved ? row.Id : null,
            Name = isSaved ? row.Name : null,
            RuleType = row.RuleType,
            Hit = hits.Count > 0,
            Message = hits.Count > 0 ? row.Message ?? hits[0].Message : null,
            Spans =
            [
                .. from hit in hits
                   where hit.Span is not null
                   orderby hit.Span!.Value.Start
                   select new TestedSpan(CodePoints.Before(text, hit.Span!.Value.Start)!.Value, CodePoints.Before(text, hit.Span.Value.End)!.Value, hit.Entity, hit.Message),
            ],
            Microseconds = Math.Round(elapsed.TotalMicroseconds, 1),
            Error = finding?.Error,
            IsLinear = (compiled.Rule as RegexRule)?.IsLinear,
            NotLinearBecause = (compiled.Rule as RegexRule)?.BacktrackingReason,
        };
    }

    /// <summary>Asks the model, also when its answer is known: a trial shows how it is now.</summary>
    private async Task<TestedGuardrail> AskAsync(PromptGuardrail row, CompiledGuardrail compiled, string text, bool isSaved, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var (finding, verdict) = await models.TryAsync(compiled, text, cancellationToken);
        var elapsed = Stopwatch.GetElapsedTime(started);
        return new TestedGuardrail
        {
            Id = isSaved ? row.Id : null,
            Name = isSaved ? row.Name : null,
            RuleType = row.RuleType,
            Hit = finding?.Hits.Count > 0,
            Message = finding?.Hits.Count > 0 ? row.Message ?? finding.Hits[0].Message : null,
            Spans = [],
            Microseconds = Math.Round(elapsed.TotalMicroseconds, 1),
            Error = finding?.Error,
            Scores = verdict is null ? null : [.. verdict.Scores.Select(score => new TestedScore(score.Name, score.Value, score.Threshold, score.IsHit))],
        };
    }
}
