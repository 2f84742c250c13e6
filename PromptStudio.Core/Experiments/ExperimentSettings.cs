namespace PromptStudio.Core.Experiments;

/// <summary>How a winner is decided.</summary>
public static class DecisionMethod
{
    /// <summary>The figures hold however often somebody looks at them.</summary>
    public const string AlwaysValid = "always_valid";

    /// <summary>The figures hold once, when the planned sample is there.</summary>
    public const string FixedHorizon = "fixed_horizon";

    /// <summary>The chance that a group is better than the control, and what is lost when it is not.</summary>
    public const string Bayesian = "bayesian";

    /// <summary>Every method, the default first.</summary>
    public static IReadOnlyList<string> All { get; } = [AlwaysValid, FixedHorizon, Bayesian];
}

/// <summary>A metric that a winner must not harm.</summary>
/// <param name="Metric">Its name, see <see cref="Experiments.Metric"/>.</param>
/// <param name="Margin">How much worse than the control is still tolerated: in the metric's own unit (a rate: 0.01 is one point), or relative to the control.</param>
/// <param name="Relative">Whether the margin is a share of the control's figure, e.g. 0.05 for 5 %.</param>
public sealed record GuardrailMetric(string Metric, double Margin, bool Relative = false);

/// <summary>All that the analysis of an experiment depends on beside its sums. Kept with each snapshot.</summary>
public sealed record ExperimentSettings
{
    /// <summary>The metric that decides.</summary>
    public required string PrimaryMetric { get; init; }

    /// <summary>Metrics that are shown, and do not decide.</summary>
    public IReadOnlyList<string> SecondaryMetrics { get; init; } = [];

    /// <summary>Metrics that must not get worse by more than their margins.</summary>
    public IReadOnlyList<GuardrailMetric> GuardrailMetrics { get; init; } = [];

    /// <summary>One of <see cref="Experiments.DecisionMethod"/>.</summary>
    public string DecisionMethod { get; init; } = Experiments.DecisionMethod.AlwaysValid;

    /// <summary>Users that each group needs before a winner can be declared; the planned sample of a fixed horizon.</summary>
    public int MinimumSampleSize { get; init; } = 1000;

    /// <summary>Alpha: how often a difference may be seen where there is none.</summary>
    public double SignificanceThreshold { get; init; } = 0.05;
}
