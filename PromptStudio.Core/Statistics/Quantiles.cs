using PromptStudio.Core.Statistics.Distributions;

namespace PromptStudio.Core.Statistics;

/// <summary>A quantile with its variance: two of them compare as means do.</summary>
/// <param name="Count">Units.</param>
/// <param name="Value">The quantile.</param>
/// <param name="Variance">Variance of <paramref name="Value"/> itself.</param>
public readonly record struct QuantileArm(long Count, double Value, double Variance)
{
    /// <summary>As a mean, for everything that compares means.</summary>
    public MeanArm AsMean => new(Count, Value, Variance * Count);

    /// <summary>The arm when a user has several values: the variance grows by how much more the share below the quantile varies over users.</summary>
    /// <remarks>
    /// Deng, Knoblich, Lu, KDD 2018, section 4; Yao, Li, Lu, arXiv 2401.14549, algorithm 1. <paramref name="below"/> is the ratio metric 1[value ≤ quantile] over users.
    /// </remarks>
    public Computed<QuantileArm> Clustered(RatioArm below, double q, long values)
    {
        var arm = this;
        return below.AsMean.Then(share => arm with { Count = below.Units, Variance = arm.Variance * share.MeanVariance * values / (q * (1 - q)) });
    }
}

/// <summary>An interval of a quantile, by ranks.</summary>
/// <param name="Value">The quantile, type 7.</param>
/// <param name="RankLow">n (q − z √(q(1−q)/n)), before it is rounded down.</param>
/// <param name="RankHigh">The same upwards.</param>
/// <param name="Outer">From the value at the lower rank to that at the upper one.</param>
/// <param name="Exact">The same with ranks by the binomial distribution.</param>
/// <param name="StandardError">Width of the outer interval by 2z.</param>
public sealed record QuantileInterval(double Value, double RankLow, double RankHigh, Interval Outer, Interval Exact, double StandardError);

/// <summary>Quantiles, such as the 95th percentile of times, and values capped at one.</summary>
public static class Quantiles
{
    /// <summary>The quantile of sorted values, between neighbours: Hyndman and Fan's type 7, as NumPy and spreadsheets have it.</summary>
    public static Computed<double> Of(IReadOnlyList<double> sorted, double q)
    {
        if (sorted.Count == 0)
            return NotComputable.EmptyArm;
        if (q is not (>= 0 and <= 1))
            return NotComputable.InvalidInput;
        var place = q * (sorted.Count - 1);
        var below = (int)Math.Floor(place);
        return below + 1 >= sorted.Count ? sorted[^1] : sorted[below] + (sorted[below + 1] - sorted[below]) * (place - below);
    }

    /// <summary>Values above a quantile replaced by it: the cap, and what mean and variance become.</summary>
    public static Computed<(double Cap, MeanArm Arm)> Capped(IReadOnlyCollection<double> values, double q) =>
        Of([.. values.Order()], q).Then(cap => (cap, MeanArm.Of(values.Select(value => Math.Min(value, cap)))));

    /// <summary>The interval of a quantile from ranks that enclose it. Deng, Knoblich, Lu, KDD 2018, section 4.</summary>
    public static Computed<QuantileInterval> Between(IReadOnlyList<double> sorted, double q, double alpha = 0.05)
    {
        if (q is not (> 0 and < 1))
            return NotComputable.InvalidInput;
        if (sorted.Count < 2)
            return sorted.Count == 0 ? NotComputable.EmptyArm : NotComputable.InsufficientN;
        double n = sorted.Count, z = StandardNormal.Critical(alpha);
        var reach = z * Math.Sqrt(n * q * (1 - q));
        double At(double rank) => sorted[(int)Math.Clamp(rank, 1, n) - 1];
        var outer = new Interval(At(Math.Floor(n * q - reach)), At(Math.Ceiling(n * q + reach)));
        var exact = new Interval(
            At(Power.BinomialQuantile(sorted.Count, q, alpha / 2, lower: true)), At(Power.BinomialQuantile(sorted.Count, q, alpha / 2, lower: false) + 1));
        return Of(sorted, q).Then(value => new QuantileInterval(value, n * q - reach, n * q + reach, outer, exact, (outer.Upper - outer.Lower) / (2 * z)));
    }

    /// <summary>The quantile as an arm. An interval of width 0 says that the values near it are the same, not that chance is absent.</summary>
    public static Computed<QuantileArm> Arm(IReadOnlyList<double> sorted, double q, double alpha = 0.05) =>
        Between(sorted, q, alpha).Then<QuantileArm>(found => found.StandardError == 0
            ? NotComputable.ZeroVariance
            : new QuantileArm(sorted.Count, found.Value, found.StandardError * found.StandardError));

    /// <summary>The difference of two quantiles by the normal distribution.</summary>
    public static Computed<Estimate> Difference(QuantileArm control, QuantileArm treatment, double alpha = 0.05) =>
        Means.Normal(control.AsMean, treatment.AsMean, alpha);
}
