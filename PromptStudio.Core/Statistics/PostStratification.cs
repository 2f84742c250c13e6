using MathNet.Numerics.LinearAlgebra;

namespace PromptStudio.Core.Statistics;

/// <summary>Users of one kind, e.g. of a country or a plan, in both arms.</summary>
/// <remarks>A unit's figures are the metric (or numerator and denominator), then the same from before the experiment when there is a regression.</remarks>
public sealed record Stratum(JointMoments Control, JointMoments Treatment);

/// <summary>
/// The difference within each kind of users, weighed with the kind's share of all: what the kinds differ by is no error of the comparison any more.
/// </summary>
/// <remarks>
/// Miratrix, Sekhon, Yu, JRSS B 75 (2013). Shares are random themselves, so that they add the variance of the strata's effects by N; given the shares,
/// a stratum's covariance has the weight share². A stratum's regression is of the metric on arm and earlier figures with one slope for both arms (ANCOVA).
/// </remarks>
public static class PostStratification
{
    /// <summary>The difference of the means of one figure.</summary>
    public static Computed<Estimate> Difference(IReadOnlyList<Stratum> strata, bool regression = false, double alpha = 0.05) =>
        Combine(strata, 1, regression, alpha, all => new Made(all[1], 0, 1));

    /// <summary>The difference of the means as a share of control's.</summary>
    public static Computed<Estimate> Lift(IReadOnlyList<Stratum> strata, bool regression = false, double alpha = 0.05) =>
        Combine(strata, 1, regression, alpha, all => all[0] == 0
            ? NotComputable.ZeroBaseline
            : new Made(all[1] / Math.Abs(all[0]), -all[1] / (all[0] * Math.Abs(all[0])), 1 / Math.Abs(all[0])));

    /// <summary>The difference of ratios of two figures.</summary>
    public static Computed<Estimate> RatioDifference(IReadOnlyList<Stratum> strata, bool regression = false, double alpha = 0.05) =>
        Combine(strata, 2, regression, alpha, all =>
        {
            var (c, t) = (Quotient.Of(all[0], all[2]), Quotient.Of(all[0] + all[1], all[2] + all[3]));
            return !c.IsDefined || !t.IsDefined
                ? NotComputable.ZeroDenominator
                : new Made(t.Value - c.Value, t.Above - c.Above, t.Above, t.Below - c.Below, t.Below);
        });

    /// <summary>The difference of ratios as a share of control's.</summary>
    public static Computed<Estimate> RatioLift(IReadOnlyList<Stratum> strata, bool regression = false, double alpha = 0.05) =>
        Combine(strata, 2, regression, alpha, all =>
        {
            var (c, t) = (Quotient.Of(all[0], all[2]), Quotient.Of(all[0] + all[1], all[2] + all[3]));
            if (!c.IsDefined || !t.IsDefined)
                return NotComputable.ZeroDenominator;
            if (c.Value == 0)
                return NotComputable.ZeroBaseline;
            var (size, ratio) = (Math.Abs(c.Value), t.Value / c.Value);
            return new Made((t.Value - c.Value) / size,
                (t.Above - ratio * c.Above) / size, t.Above / size, (t.Below - ratio * c.Below) / size, t.Below / size);
        });

    /// <summary>All strata's control means and effects with their covariance, and what is made of them by its gradient.</summary>
    private static Computed<Estimate> Combine(
        IReadOnlyList<Stratum> strata, int metrics, bool regression, double alpha, Func<Vector<double>, Computed<Made>> effect)
    {
        if (strata.Count == 0)
            return NotComputable.NoTraffic;
        double total = strata.Sum(one => one.Control.Count + one.Treatment.Count);
        var all = Vector<double>.Build.Dense(2 * metrics);
        var (within, between) = (Matrix<double>.Build.Dense(2 * metrics, 2 * metrics), Matrix<double>.Build.Dense(2 * metrics, 2 * metrics));
        foreach (var one in strata)
        {
            var cell = regression ? Regressed(one, metrics) : Plain(one, metrics);
            if (cell.Reason is { } reason)
                return reason;
            var (means, covariance) = cell.Value;
            var share = (one.Control.Count + one.Treatment.Count) / total;
            all += share * means;
            within += share * share * covariance;
            between += share * means.OuterProduct(means);
        }

        var error = within + (between - all.OuterProduct(all)) / total;
        return effect(all).Then(made =>
        {
            var gradient = Vector<double>.Build.DenseOfArray(made.Gradient);
            return Estimate.Of(made.Effect, Math.Sqrt(Math.Max(0, gradient * error * gradient)), alpha);
        });
    }

    /// <summary>Each figure's mean in control and its difference, with the arms' own covariances.</summary>
    private static Computed<Cell> Plain(Stratum one, int metrics)
    {
        if (Problem(one, metrics) is { } problem)
            return problem;
        var (c, t) = (one.Control.Covariance / one.Control.Count, one.Treatment.Covariance / one.Treatment.Count);
        var means = Vector<double>.Build.Dense(2 * metrics, k => k % 2 == 0 ? one.Control.Means[k / 2] : one.Treatment.Means[k / 2] - one.Control.Means[k / 2]);
        var covariance = Matrix<double>.Build.Dense(2 * metrics, 2 * metrics, (i, j) => (i % 2, j % 2) switch
        {
            (0, 0) => c[i / 2, j / 2],
            (1, 1) => c[i / 2, j / 2] + t[i / 2, j / 2],
            _ => -c[i / 2, j / 2],
        });
        return new Cell(means, covariance);
    }

    /// <summary>The same at the stratum's mean of the earlier figures, by least squares with centred sums.</summary>
    /// <remarks>
    /// That mean is estimated as well, and adds the slopes' variance and size times its own to control's. Degrees of freedom are the units without the
    /// coefficients of one equation; gbstats takes two more for a ratio.
    /// </remarks>
    private static Computed<Cell> Regressed(Stratum one, int metrics)
    {
        if (Problem(one, 2 * metrics) is { } problem)
            return problem;
        var both = one.Control.Merge(one.Treatment);
        var freedom = both.Count - 2 - metrics;
        if (freedom <= 0)
            return NotComputable.InsufficientN;
        var pooled = one.Control.Products + one.Treatment.Products;
        var earlier = pooled.SubMatrix(metrics, metrics, metrics, metrics);
        if (IsSingular(earlier))
            return NotComputable.ZeroCovariateVariance;
        var inverse = earlier.Inverse();
        var shared = pooled.SubMatrix(metrics, metrics, 0, metrics);
        var slopes = inverse * shared;
        var noise = (pooled.SubMatrix(0, metrics, 0, metrics) - shared.Transpose() * slopes) / freedom;

        var apart = (one.Treatment.Means - one.Control.Means).SubVector(metrics, metrics);
        var off = (one.Control.Means - both.Means).SubVector(metrics, metrics);
        var spread = both.Covariance.SubMatrix(metrics, metrics, metrics, metrics) / both.Count;
        var (ofControl, ofEffect) = (1.0 / one.Control.Count + off * inverse * off + (inverse * spread).Trace(),
            1.0 / one.Control.Count + 1.0 / one.Treatment.Count + apart * inverse * apart);
        var ofBoth = off * inverse * apart - 1.0 / one.Control.Count;
        var carried = slopes.Transpose() * spread * slopes;
        var means = Vector<double>.Build.Dense(2 * metrics, k => k % 2 == 0
            ? one.Control.Means[k / 2] - off * slopes.Column(k / 2)
            : one.Treatment.Means[k / 2] - one.Control.Means[k / 2] - apart * slopes.Column(k / 2));
        var covariance = Matrix<double>.Build.Dense(2 * metrics, 2 * metrics, (i, j) => (i % 2, j % 2) switch
        {
            (0, 0) => noise[i / 2, j / 2] * ofControl + carried[i / 2, j / 2],
            (1, 1) => noise[i / 2, j / 2] * ofEffect,
            _ => noise[i / 2, j / 2] * ofBoth,
        });
        return new Cell(means, covariance);
    }

    /// <summary>Whether the earlier figures do not vary, or say the same: measured by their own size.</summary>
    private static bool IsSingular(Matrix<double> squares)
    {
        var size = squares.Diagonal();
        return size.Any(one => one <= 0) || squares.Determinant() <= 1e-12 * size.Aggregate(1.0, (product, one) => product * one);
    }

    private static NotComputable? Problem(Stratum one, int figures) =>
        one.Control.Means.Count < figures || one.Treatment.Means.Count != one.Control.Means.Count ? NotComputable.InvalidInput
        : one.Control.Count <= 0 || one.Treatment.Count <= 0 ? NotComputable.EmptyArm
        : one.Control.Problem ?? one.Treatment.Problem;

    /// <summary>A stratum's control means and differences, with their covariance.</summary>
    private sealed record Cell(Vector<double> Means, Matrix<double> Covariance);

    /// <summary>An effect with its derivatives by what it is made of.</summary>
    private sealed record Made(double Effect, params double[] Gradient);

    /// <summary>A quotient with its derivatives by what is above and below the line.</summary>
    private readonly record struct Quotient(double Value, double Above, double Below)
    {
        public bool IsDefined => double.IsFinite(Value);

        public static Quotient Of(double above, double below) => new(above / below, 1 / below, -above / (below * below));
    }
}
