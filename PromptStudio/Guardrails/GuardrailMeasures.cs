using System.Diagnostics;
using System.Diagnostics.Metrics;
using PromptStudio.Telemetry;

namespace PromptStudio.Guardrails;

/// <summary>What operators see of guardrails: what they found, what they would have blocked, and what models took for it.</summary>
public sealed class GuardrailMeasures
{
    private readonly Counter<long> _hits;
    private readonly Counter<long> _lookups;
    private readonly Histogram<double> _model;

    public GuardrailMeasures(IMeterFactory meters)
    {
        var meter = meters.Studio();
        _hits = meter.CreateCounter<long>("promptstudio.guardrail.hits", "{violation}", "What guardrails found in renders and responses that were stored, by what became of it.");
        _lookups = meter.CreateCounter<long>("promptstudio.verdict_cache.lookups", "{lookup}", "Texts that models were to be asked about; a miss asks.");
        _model = meter.CreateHistogram("promptstudio.model_check.duration", "s", "What a model took, with waiting for its turn.", advice: Instrumentation.Seconds);
    }

    /// <summary>Counts what was found in something that is stored.</summary>
    public void Found(IReadOnlyList<Violation> violations)
    {
        if (!_hits.Enabled)
            return;
        foreach (var violation in violations)
            _hits.Add(1, new TagList { { "guardrail", violation.Name }, { "rule_type", violation.RuleType }, { "scope", violation.Scope }, { "outcome", violation.Outcome } });
    }

    /// <summary>Counts a look for what a model said of a text before.</summary>
    public void LookedUp(bool isHit) => _lookups.Add(1, new KeyValuePair<string, object?>("result", isHit ? "hit" : "miss"));

    /// <summary>A model was asked.</summary>
    public void Asked(string guardrail, bool isAnswered, long started) =>
        _model.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, new("guardrail", guardrail), new("result", isAnswered ? "answered" : "failed"));
}
