using PromptStudio.Core.Statistics;

namespace PromptStudio.Core.Experiments.Analysis;

/// <summary>A group's figure for a metric.</summary>
/// <param name="Group"><c>control</c>, <c>variant_a</c>, …</param>
/// <param name="Users">Users with the metric.</param>
/// <param name="Value">The rate, mean or ratio; null with a <paramref name="Reason"/>.</param>
/// <param name="StandardError">Its standard error over users.</param>
/// <param name="Reason">Code of why there is no figure.</param>
public sealed record GroupFigure(string Group, long Users, double? Value, double? StandardError, string? Reason);

/// <summary>Figures of both groups at a moment: all that an always-valid answer needs to be worked out again at another level.</summary>
public sealed record Look(MeanArm Control, MeanArm Variant)
{
    internal double Effect => Variant.Mean - Control.Mean;

    internal double StandardError => Math.Sqrt(Control.MeanVariance + Variant.MeanVariance);

    internal double Units => (double)Control.Count + Variant.Count;
}

/// <summary>The plain test, for who looks once.</summary>
/// <param name="P">Right when it is read once, with <paramref name="NotBefore"/> users a group or more.</param>
/// <param name="AdjustedP">Adjusted for the number of variants.</param>
/// <param name="Interval">Of the difference, at the adjusted level.</param>
/// <param name="NotBefore">Users a group before which it must not be acted upon.</param>
public sealed record FixedHorizon(double P, double AdjustedP, Interval Interval, int NotBefore);

/// <summary>The Bayesian answer, from a flat prior of the difference, or of each rate.</summary>
/// <param name="ChanceToBeat">Probability that the variant is better than control.</param>
/// <param name="LossOfControl">What keeping control loses on average, in the metric's unit.</param>
/// <param name="LossOfVariant">What taking the variant loses on average.</param>
public sealed record Belief(double ChanceToBeat, double LossOfControl, double LossOfVariant);

/// <summary>Whether a variant harms a metric that it must not harm.</summary>
/// <param name="Margin">Tolerated worsening, in the metric's unit.</param>
/// <param name="Verdict"><c>safe</c>: more harm than the margin is excluded; <c>harmed</c>: it is certain; <c>open</c>: neither yet.</param>
/// <param name="Worst">The largest worsening that is compatible with the data; negative is an improvement.</param>
public sealed record GuardrailFinding(double Margin, string Verdict, double Worst)
{
    public const string Safe = "safe";
    public const string Harmed = "harmed";
    public const string Open = "open";
}

/// <summary>A variant against control for a metric.</summary>
public sealed record Comparison
{
    public const string Better = "better";
    public const string Worse = "worse";
    public const string Unclear = "unclear";

    public required string Group { get; init; }

    /// <summary>Code of why there is no test; null when there is one.</summary>
    public string? Reason { get; init; }

    /// <summary>Variant minus control.</summary>
    public double? Effect { get; init; }

    public double? StandardError { get; init; }

    /// <summary>By the experiment's method; an always-valid one never rises. Null for the Bayesian method.</summary>
    public double? P { get; init; }

    /// <summary>Adjusted for the number of variants: at most alpha exactly when <see cref="Interval"/> excludes 0.</summary>
    public double? AdjustedP { get; init; }

    /// <summary>The alpha at which <see cref="Interval"/> and <see cref="LiftInterval"/> are stated after adjustment.</summary>
    public double Level { get; init; }

    /// <summary>Of the difference.</summary>
    public Interval? Interval { get; init; }

    /// <summary>Effect as a share of control's figure.</summary>
    public double? Lift { get; init; }

    /// <summary>Fieller's, with the multiplier of <see cref="Interval"/>.</summary>
    public Interval? LiftInterval { get; init; }

    /// <summary>Code of why there is no <see cref="LiftInterval"/>.</summary>
    public string? LiftReason { get; init; }

    public FixedHorizon? FixedHorizon { get; init; }

    public Belief? Belief { get; init; }

    public GuardrailFinding? Guardrail { get; init; }

    /// <summary>The look with the most evidence so far.</summary>
    public Look? Strongest { get; init; }

    /// <summary>Whether today's figures and the strongest look exclude each other: the effect has changed over time.</summary>
    public bool Changed { get; init; }

    /// <summary><see cref="Better"/>, <see cref="Worse"/> or <see cref="Unclear"/>.</summary>
    public string Verdict { get; init; } = Unclear;
}

/// <summary>A metric over all groups.</summary>
/// <param name="Metric">Its name.</param>
/// <param name="Role"><c>primary</c>, <c>secondary</c> or <c>guardrail</c>.</param>
/// <param name="Groups">Control first.</param>
/// <param name="Comparisons">Each variant against control.</param>
public sealed record MetricAnalysis(string Metric, string Role, IReadOnlyList<GroupFigure> Groups, IReadOnlyList<Comparison> Comparisons)
{
    public const string Primary = "primary";
    public const string Secondary = "secondary";
    public const string Guardrail = "guardrail";
}
