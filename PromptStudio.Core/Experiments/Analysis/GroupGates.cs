namespace PromptStudio.Core.Experiments.Analysis;

/// <summary>A condition of a winner.</summary>
/// <param name="Name"><c>sample</c>, <c>significance</c>, <c>sample_ratio</c> or <c>guardrails</c>.</param>
/// <param name="Holds">Whether it is met.</param>
/// <param name="Reason">Why, or why not.</param>
public sealed record Gate(string Name, bool Holds, string Reason);

/// <summary>The conditions under which a group can be declared the winner.</summary>
public sealed record GroupGates(string Group, IReadOnlyList<Gate> Gates)
{
    public const string Sample = "sample";
    public const string Significance = "significance";
    public const string SampleRatioName = "sample_ratio";
    public const string Guardrails = "guardrails";

    /// <summary>Whether all of them are met.</summary>
    public bool Open => Gates.All(gate => gate.Holds);

    internal static IReadOnlyList<GroupGates> Of(
        ExperimentSettings settings, ExperimentSums sums, IReadOnlyList<MetricAnalysis> metrics, SampleRatioAnalysis ratio)
    {
        var primary = metrics.FirstOrDefault(metric => metric.Role == MetricAnalysis.Primary);
        return [.. sums.Groups.Select((group, index) => new GroupGates(group.Group,
        [
            SampleOf(settings, index == 0 ? sums.Groups : [sums.Groups[0], group]),
            SignificanceOf(settings, primary, index == 0 ? null : group.Group),
            RatioOf(ratio),
            GuardrailsOf(metrics, index == 0 ? null : group.Group),
        ]))];
    }

    private static Gate SampleOf(ExperimentSettings settings, IReadOnlyList<GroupSums> groups)
    {
        var smallest = groups.MinBy(group => group.Users)!;
        return new(Sample, smallest.Users >= settings.MinimumSampleSize, smallest.Users >= settings.MinimumSampleSize
            ? FormattableString.Invariant($"Each group has {settings.MinimumSampleSize:N0} users or more.")
            : FormattableString.Invariant($"{Wording.Name(smallest.Group)} has {smallest.Users:N0} of {settings.MinimumSampleSize:N0} users."));
    }

    private static Gate SignificanceOf(ExperimentSettings settings, MetricAnalysis? primary, string? variant)
    {
        if (primary is null)
            return new(Significance, false, $"There is no metric {settings.PrimaryMetric}.");
        if (variant is null)
        {
            var all = primary.Comparisons.Count > 0 && primary.Comparisons.All(one => one.Verdict == Comparison.Worse);
            return new(Significance, all, all ? "Every variant is worse than control." : "Not every variant is known to be worse than control.");
        }

        var comparison = primary.Comparisons.Single(one => one.Group == variant);
        return new(Significance, comparison.Verdict == Comparison.Better, comparison switch
        {
            { Verdict: Comparison.Better } => $"{Wording.Name(variant)} is better than control: {Certainty(comparison)}.",
            { Verdict: Comparison.Worse } => $"{Wording.Name(variant)} is worse than control: {Certainty(comparison)}.",
            { Reason: not null } => Wording.Reason(comparison.Reason),
            _ => $"The difference may be chance: {Certainty(comparison)}.",
        });
    }

    private static string Certainty(Comparison comparison) => comparison.Belief is { } belief
        ? FormattableString.Invariant($"chance to beat it {belief.ChanceToBeat * 100:0.0} %")
        : $"p = {Wording.P(comparison.AdjustedP)}";

    private static Gate RatioOf(SampleRatioAnalysis ratio) => new(SampleRatioName, ratio is { Alarm: false, P: not null }, ratio switch
    {
        { Alarm: true, P: { } p } => $"The groups do not have the sizes they should have (p = {Wording.P(p)}).",
        { P: null } => Wording.Reason(ratio.Reason),
        _ => "The groups have the sizes they should have.",
    });

    private static Gate GuardrailsOf(IReadOnlyList<MetricAnalysis> metrics, string? variant)
    {
        var guardrails = metrics.Where(metric => metric.Role == MetricAnalysis.Guardrail).ToArray();
        if (guardrails.Length == 0 || variant is null)
            return new(Guardrails, true, guardrails.Length == 0 ? "There is no guardrail metric." : "Control is what the guardrail metrics are compared with.");
        var bad = guardrails.Select(metric => (metric.Metric, One: metric.Comparisons.Single(one => one.Group == variant)))
            .FirstOrDefault(pair => !Passes(pair.One));
        if (bad.One is null)
            return new(Guardrails, true, "No guardrail metric is harmed beyond its margin.");
        return new(Guardrails, false, bad.One.Guardrail?.Verdict == GuardrailFinding.Harmed
            ? $"{Wording.MetricName(bad.Metric)} is worse than its margin allows."
            : bad.One.Guardrail is null ? $"{Wording.MetricName(bad.Metric)}: {Wording.Reason(bad.One.Reason)}" : $"{Wording.MetricName(bad.Metric)} may still be worse than its margin allows.");
    }

    /// <summary>Without a margin nothing short of an improvement could be shown: then it is enough that no harm is certain.</summary>
    private static bool Passes(Comparison one) =>
        one.Guardrail is { } finding && (finding.Verdict == GuardrailFinding.Safe || (finding.Margin == 0 && finding.Verdict == GuardrailFinding.Open));
}
