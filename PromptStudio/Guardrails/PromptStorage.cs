using System.Text.Json;
using PromptStudio.Core.Executions;
using PromptStudio.Core.Guardrails;

namespace PromptStudio.Guardrails;

/// <summary>What is stored of a render, as its prompt's <c>store_rendered_prompt</c> wants it. The same render is always stored the same.</summary>
public sealed class PromptStorage(Redactor redactor)
{
    /// <summary>What the form <c>redacted</c> takes out, whatever guardrails the prompt has.</summary>
    private readonly Lazy<RuleSet> _detectors = new(Detectors);

    /// <summary>Replaces what guardrails would let be stored. A prompt that is stored in full costs nothing.</summary>
    /// <param name="form">One of <see cref="StoredForm.All"/>.</param>
    /// <param name="guarded">What guardrails let be stored.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public GuardedRender Of(string form, GuardedRender guarded, CancellationToken cancellationToken)
    {
        if (form == StoredForm.Full)
            return guarded;
        if (form != StoredForm.Redacted)
            return guarded with { Prompt = StoredForm.Of(form, guarded.Prompt) };
        var variables = JsonElement.Parse(guarded.Variables);
        var texts = VariableTexts.All(variables).Prepend(guarded.Error ?? "").Prepend(guarded.Prompt);
        var blackouts = redactor.Look(_detectors.Value, texts, new RuleContext(variables, null), cancellationToken);
        return guarded with
        {
            Prompt = blackouts.Of(guarded.Prompt),
            Variables = blackouts.Any ? blackouts.Of(variables) : guarded.Variables,
            Error = guarded.Error is { } error ? blackouts.Of(error) : null,
            IsRedacted = guarded.IsRedacted || blackouts.Any,
        };
    }

    private static RuleSet Detectors()
    {
        var detectors = new RuleSet([Detector(RuleType.Pii), Detector(RuleType.Secrets)]);
        // They prepare themselves with their first text; that is not the first caller's time.
        detectors.Check("A first text, so that the detectors are ready: a1@b.cc");
        return detectors;
    }

    private static CompiledGuardrail Detector(string ruleType) => CompiledGuardrail.Build(new Guardrail
    {
        Id = Guid.Empty,
        Name = ruleType,
        RuleType = ruleType,
        RuleConfig = "{}",
        Level = EnforcementLevel.Logging,
        Redact = true,
    });
}
