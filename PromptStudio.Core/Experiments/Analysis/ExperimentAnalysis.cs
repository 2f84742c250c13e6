using PromptStudio.Core.Statistics;

namespace PromptStudio.Core.Experiments.Analysis;

/// <summary>Whether users came to the groups in the shares that were asked for.</summary>
/// <param name="P">Of the chi-square test; null with a <paramref name="Reason"/>.</param>
/// <param name="SequentialP">Of the test that may be looked at all the time.</param>
/// <param name="Alarm">Whether no figure can be trusted.</param>
/// <param name="Reason">Code of why there is no p.</param>
public sealed record SampleRatioAnalysis(double? P, double? SequentialP, bool Alarm, string? Reason);

/// <summary>All that an experiment says at a moment. Made from settings, sums and the analysis before it alone: the same three give the same figures, to the bit.</summary>
public sealed record ExperimentAnalysis
{
    /// <summary>Of the formulae below; a change of any of them is a new one.</summary>
    public const string Engine = "1";

    /// <summary>Share of users in two groups from which on it is a warning.</summary>
    public const double CrossoverWarning = 0.1;

    public required string EngineVersion { get; init; }

    public required int Phase { get; init; }

    /// <summary>Users who are counted.</summary>
    public required long Users { get; init; }

    /// <summary>Users who were seen in two groups, and are not.</summary>
    public required long Crossovers { get; init; }

    /// <summary>Executions without a user, which are not counted either.</summary>
    public required long WithoutUser { get; init; }

    public required SampleRatioAnalysis SampleRatio { get; init; }

    /// <summary>The primary metric first.</summary>
    public required IReadOnlyList<MetricAnalysis> Metrics { get; init; }

    /// <summary>Per group, control included: what has to hold before it can be declared the winner.</summary>
    public required IReadOnlyList<GroupGates> Gates { get; init; }

    /// <summary>What is to be read before the figures.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>What to do, in plain words.</summary>
    public required Decision Decision { get; init; }

    /// <summary>Analyses a phase.</summary>
    /// <param name="settings">What the experiment is about.</param>
    /// <param name="sums">What is known of its users, control first.</param>
    /// <param name="previous">The analysis before, so that an always-valid p never rises; one of another phase is ignored.</param>
    /// <param name="correction">For several variants.</param>
    public static ExperimentAnalysis Of(
        ExperimentSettings settings, ExperimentSums sums, ExperimentAnalysis? previous = null, VariantCorrection correction = VariantCorrection.Holm)
    {
        var earlier = previous?.Phase == sums.Phase && previous.EngineVersion == Engine ? previous : null;
        var comparison = new MetricComparison(settings, correction);
        MetricAnalysis? One(string name, string role, GuardrailMetric? guardrail = null) => Metric.Find(name) is { } metric
            ? comparison.Of(metric, role, guardrail, sums, earlier?.Metrics.FirstOrDefault(one => one.Metric == name && one.Role == role))
            : null;
        List<MetricAnalysis> metrics =
        [
            .. new[] { One(settings.PrimaryMetric, MetricAnalysis.Primary) }.OfType<MetricAnalysis>(),
            .. settings.SecondaryMetrics.Select(name => One(name, MetricAnalysis.Secondary)).OfType<MetricAnalysis>(),
            .. settings.GuardrailMetrics.Select(guardrail => One(guardrail.Metric, MetricAnalysis.Guardrail, guardrail)).OfType<MetricAnalysis>(),
        ];
        var ratio = Ratio(sums, earlier?.SampleRatio);
        var gates = GroupGates.Of(settings, sums, metrics, ratio);
        return new()
        {
            EngineVersion = Engine,
            Phase = sums.Phase,
            Users = sums.Groups.Sum(group => group.Users),
            Crossovers = sums.Crossovers,
            WithoutUser = sums.WithoutUser,
            SampleRatio = ratio,
            Metrics = metrics,
            Gates = gates,
            Warnings = Warn(sums, metrics),
            Decision = Decision.Of(settings, sums, metrics, gates, ratio),
        };
    }

    private static SampleRatioAnalysis Ratio(ExperimentSums sums, SampleRatioAnalysis? earlier)
    {
        long[] users = [.. sums.Groups.Select(group => group.Users)];
        double[] weights = [.. sums.Groups.Select(group => (double)group.BasisPoints)];
        var now = Statistics.SampleRatio.ChiSquare(users, weights);
        if (!now.IsDefined)
            return new(null, null, now.Reason == NotComputable.UnexpectedTraffic, now.Reason?.Word());
        var sequential = Statistics.SampleRatio.Sequential([users], weights).Then(looks => looks[^1].P);
        return new(now.Value.P, Math.Min(sequential.Value, earlier?.SequentialP ?? 1), now.Value.P < Statistics.SampleRatio.Alarm, null);
    }

    private static List<string> Warn(ExperimentSums sums, List<MetricAnalysis> metrics)
    {
        var warnings = new List<string>();
        var users = sums.Groups.Sum(group => group.Users);
        if (sums.Crossovers > 0 && sums.Crossovers >= CrossoverWarning * (users + sums.Crossovers))
            warnings.Add(FormattableString.Invariant($"{sums.Crossovers:N0} users were seen in two groups and are not counted. Is one person known under several ids?"));
        warnings.AddRange(metrics.SelectMany(metric => metric.Comparisons.Where(one => one.Changed)
            .Select(one => $"{Wording.Name(one.Group)}: today's figures for {metric.Metric} contradict earlier ones. The effect has changed over time.")));
        return warnings;
    }
}
