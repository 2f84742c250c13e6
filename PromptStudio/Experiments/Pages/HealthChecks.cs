using Microsoft.Extensions.Localization;
using PromptStudio.Core.Experiments;
using PromptStudio.Core.Experiments.Analysis;
using PromptStudio.Shell;

namespace PromptStudio.Experiments.Pages;

/// <summary>Something that has to be right before figures are believed.</summary>
/// <param name="State"><c>good</c>, <c>warning</c>, <c>bad</c>, or <c>open</c>: nothing can be said yet.</param>
/// <param name="Title">What was looked at.</param>
/// <param name="Text">What was found.</param>
public sealed record HealthCheck(string State, string Title, string Text)
{
    public const string Good = "good";
    public const string Warning = "warning";
    public const string Bad = "bad";
    public const string Open = "open";
}

/// <summary>Whether an experiment's figures can be believed, in words.</summary>
/// <param name="L">The texts of the pages.</param>
public sealed class HealthChecks(IStringLocalizer<ExperimentPageWords> L)
{
    /// <summary>Below this share of executions with an outcome, the figures speak of a part of the traffic only.</summary>
    public const double FewOutcomes = 0.5;

    /// <summary>Looks at all of it.</summary>
    /// <param name="figures">Of the newest snapshot; null: there is none.</param>
    /// <param name="sums">What they were worked out from.</param>
    /// <param name="health">How the recomputation goes.</param>
    public IReadOnlyList<HealthCheck> Of(ExperimentAnalysis? figures, ExperimentSums? sums, ExperimentHealth health)
    {
        List<HealthCheck> checks = [Recomputation(health)];
        if (figures is null || sums is null)
            return checks;
        checks.Insert(0, Sizes(figures.SampleRatio));
        checks.Insert(1, Crossovers(figures));
        checks.Insert(2, Outcomes(sums));
        checks.Insert(3, WithoutUser(figures, sums));
        checks.AddRange(figures.Metrics.SelectMany(metric => metric.Comparisons.Where(one => one.Changed).Select(one => new HealthCheck(
            HealthCheck.Warning, L["Effect over time"],
            L["{0}: today's figures for {1} contradict earlier ones. The effect has changed.", new MetricWords(L).Group(one.Group), new MetricWords(L).Name(metric.Metric)]))));
        return checks;
    }

    private HealthCheck Sizes(SampleRatioAnalysis ratio) => ratio switch
    {
        { Alarm: true, P: { } p } => new(HealthCheck.Bad, L["Group sizes"], L["Users did not come to the groups in the shares that were asked for ({0}). Until the reason is found, no figure can be believed.", MetricWords.PSaid(p)]),
        { Alarm: true } => new(HealthCheck.Bad, L["Group sizes"], new MetricWords(L).Reason(ratio.Reason)),
        { P: { } p } => new(HealthCheck.Good, L["Group sizes"], L["As asked for ({0}).", MetricWords.PSaid(p)]),
        _ => new(HealthCheck.Open, L["Group sizes"], new MetricWords(L).Reason(ratio.Reason)),
    };

    private HealthCheck Crossovers(ExperimentAnalysis figures)
    {
        if (figures.Crossovers == 0)
            return new(HealthCheck.Good, L["Crossovers"], L["Nobody was seen in two groups."]);
        var all = figures.Users + figures.Crossovers;
        var isMuch = figures.Crossovers >= ExperimentAnalysis.CrossoverWarning * all;
        return new(isMuch ? HealthCheck.Warning : HealthCheck.Good, L["Crossovers"],
            L["{0} of {1} users were seen in two groups and are not counted.", Figures.Count(figures.Crossovers), Figures.Count(all)] + (isMuch ? " " + L["Is one person known under several ids?"] : ""));
    }

    private HealthCheck Outcomes(ExperimentSums sums)
    {
        var (executions, outcomes) = (sums.Groups.Sum(group => group.Executions), sums.Groups.Sum(group => group.Outcomes));
        return executions == 0
            ? new(HealthCheck.Open, L["Outcomes"], L["Nothing was executed yet."])
            : new(outcomes < FewOutcomes * executions ? HealthCheck.Warning : HealthCheck.Good, L["Outcomes"], L["Reported for {0} of executions.", Figures.Share(outcomes, executions)]);
    }

    private HealthCheck WithoutUser(ExperimentAnalysis figures, ExperimentSums sums)
    {
        var executions = sums.Groups.Sum(group => group.Executions) + figures.WithoutUser;
        return figures.WithoutUser == 0
            ? new(HealthCheck.Good, L["Users"], L["Every execution says whose it is."])
            : new(figures.WithoutUser * 2 > executions ? HealthCheck.Warning : HealthCheck.Good, L["Users"],
                L["{0} of {1} executions say no user and are not counted.", Figures.Count(figures.WithoutUser), Figures.Count(executions)]);
    }

    private HealthCheck Recomputation(ExperimentHealth health)
    {
        var waiting = health.Waiting > 0 ? " " + L.Count(health.Waiting, "1 event waits to be counted.", "{0} events wait to be counted.") : "";
        return health.Failures > 0
            ? new(HealthCheck.Bad, L["Recomputation"], L.Count(health.Failures, "It failed once.", "It failed {0} times.") + $" {health.Failure}{waiting}")
            : new(health.SucceededAt is null ? HealthCheck.Open : HealthCheck.Good, L["Recomputation"], (health.SucceededAt is null ? L["It did not run yet."].Value : health.Waiting > 0 ? L["It runs every minute."].Value : L["All that came is counted."].Value) + waiting);
    }
}
