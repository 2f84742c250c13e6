using MathNet.Numerics.RootFinding;
using PromptStudio.Core.Statistics.Distributions;

namespace PromptStudio.Core.Statistics;

/// <summary>Several treatments against one control.</summary>
/// <param name="Statistics">t (or z) of each treatment.</param>
/// <param name="DegreesOfFreedom">Of the pooled variance; null for the normal distribution.</param>
/// <param name="PValues">Adjusted: any false one among them has at most its chance.</param>
public sealed record Dunnett(IReadOnlyList<double> Statistics, double? DegreesOfFreedom, IReadOnlyList<double> PValues)
{
    /// <summary>Dunnett's test (1955) with a variance pooled over all arms.</summary>
    public static Computed<Dunnett> Of(MeanArm control, IReadOnlyList<MeanArm> treatments, Alternative alternative = Alternative.TwoSided)
    {
        if (treatments.Count == 0)
            return NotComputable.SingleArm;
        IReadOnlyList<MeanArm> all = [control, .. treatments];
        if (all.Any(arm => arm.Count <= 0))
            return NotComputable.EmptyArm;
        var freedom = all.Sum(arm => arm.Count) - all.Count;
        if (freedom <= 0)
            return NotComputable.InsufficientN;
        var variance = all.Sum(arm => arm.Count > 1 ? arm.Variance * (arm.Count - 1) : 0) / freedom;
        if (!(variance > 0) || !double.IsFinite(variance))
            return variance == 0 ? NotComputable.ZeroVariance : NotComputable.InvalidInput;
        double[] statistics = [.. treatments.Select(arm => (arm.Mean - control.Mean) / Math.Sqrt(variance * (1.0 / arm.Count + 1.0 / control.Count)))];
        return new Dunnett(statistics, freedom, Adjust(statistics, Loadings(control.Count, [.. treatments.Select(arm => (double)arm.Count)]), freedom, alternative));
    }

    /// <summary>The same for large samples: z statistics of arms with about the same variance.</summary>
    public static Computed<Dunnett> Normal(
        IReadOnlyList<double> statistics, double controlUnits, IReadOnlyList<double> treatmentUnits, Alternative alternative = Alternative.TwoSided)
    {
        if (statistics.Count == 0)
            return NotComputable.SingleArm;
        if (statistics.Count != treatmentUnits.Count || statistics.Any(double.IsNaN))
            return NotComputable.InvalidInput;
        if (!(controlUnits > 0) || treatmentUnits.Any(units => !(units > 0)))
            return NotComputable.EmptyArm;
        return new Dunnett(statistics, null, Adjust(statistics, Loadings(controlUnits, treatmentUnits), double.PositiveInfinity, alternative));
    }

    /// <summary>Adjusted p-values when two statistics correlate by the product of their loadings: √(var control / (var control + var treatment)).</summary>
    public static IReadOnlyList<double> Adjust(
        IReadOnlyList<double> statistics, IReadOnlyList<double> loadings, double degreesOfFreedom, Alternative alternative = Alternative.TwoSided) =>
        [.. statistics.Select(statistic => statistics.Count == 1
            ? Alone(statistic, degreesOfFreedom, alternative)
            : double.IsPositiveInfinity(degreesOfFreedom)
                ? AnyBeyond(Evidence(statistic, alternative), loadings, alternative)
                : NoncentralT.Over(degreesOfFreedom, scale => AnyBeyond(Evidence(statistic, alternative) * scale, loadings, alternative)))];

    /// <summary>The |z| that any of the statistics exceeds with probability alpha, for large samples.</summary>
    public static double Critical(IReadOnlyList<double> loadings, double alpha)
    {
        var low = StandardNormal.Critical(alpha);
        return loadings.Count == 1
            ? low
            : Brent.FindRoot(z => AnyBeyond(z, loadings, Alternative.TwoSided) - alpha, low - 1e-6, StandardNormal.Critical(alpha / loadings.Count) + 1e-6, 1e-12, 200);
    }

    private static IReadOnlyList<double> Loadings(double controlUnits, IReadOnlyList<double> treatmentUnits) =>
        [.. treatmentUnits.Select(units => 1 / Math.Sqrt(1 + controlUnits / units))];

    private static double Evidence(double statistic, Alternative alternative) => alternative switch
    {
        Alternative.Greater => statistic,
        Alternative.Less => -statistic,
        _ => Math.Abs(statistic),
    };

    private static double Alone(double statistic, double freedom, Alternative alternative) =>
        alternative is Alternative.TwoSided ? StudentT.TwoSided(statistic, freedom) : StudentT.Upper(Evidence(statistic, alternative), freedom);

    /// <summary>P(any statistic beyond a limit), integrated over the control's share; as the complement of nothing beyond, without subtracting from 1.</summary>
    private static double AnyBeyond(double limit, IReadOnlyList<double> loadings, Alternative alternative)
    {
        if (alternative is Alternative.TwoSided && limit <= 0)
            return 1;
        var narrowest = loadings.Min(loading => Math.Sqrt(1 - loading * loading));
        var step = Math.Clamp(narrowest / 6, 0.002, 0.125);
        double mass = 0, sum = 0;
        // The control's share that matters lies between its middle and where it alone carries a statistic over the limit.
        var nodes = (int)Math.Ceiling(Math.Min(38, 9 + Math.Abs(limit)) / step);
        for (var node = -nodes; node <= nodes; node++)
        {
            var shared = node * step;
            var weight = StandardNormal.Density(shared);
            if (weight == 0)
                continue;
            var inside = 0.0;
            foreach (var loading in loadings)
            {
                var rest = Math.Sqrt(1 - loading * loading);
                var beyond = StandardNormal.Upper((limit - loading * shared) / rest);
                if (alternative is Alternative.TwoSided)
                    beyond += StandardNormal.Upper((limit + loading * shared) / rest);
                inside += Exact.LogOnePlus(-Math.Min(1, beyond));
            }

            mass += weight;
            sum += weight * -Exact.ExpMinusOne(inside);
        }

        return Math.Min(1, sum / mass);
    }
}
