using MathNet.Numerics.Integration;
using PromptStudio.Core.Statistics.Distributions;

namespace PromptStudio.Core.Statistics;

/// <summary>What is believed of one arm: a normal posterior of its mean.</summary>
public readonly record struct ArmBelief(double Mean, double Deviation)
{
    /// <summary>After the data, with a prior or with a flat one.</summary>
    public static Computed<ArmBelief> Of(MeanArm arm, EffectPrior? prior = null)
    {
        if (arm.Problem is { } problem)
            return problem;
        if (prior is { Variance: <= 0 })
            return NotComputable.InvalidInput;
        return Bayesian.Effect(arm.Mean, Math.Sqrt(arm.MeanVariance), prior).Then(belief => new ArmBelief(belief.Mean, belief.Deviation));
    }
}

/// <summary>Chances of an arm among all.</summary>
/// <param name="Best">To be the best.</param>
/// <param name="Second">To be the second best.</param>
public readonly record struct ArmChances(double Best, double Second);

/// <summary>Weights that follow what is known: each arm gets as much traffic as its chance to be the best one.</summary>
/// <remarks>
/// Thompson 1933; top two: Russo, "Simple Bayesian algorithms for best-arm identification", 2016, which goes on comparing instead of exploiting.
/// The chances are integrals and not shares of draws: the same data give the same weights, to the bit.
/// </remarks>
public static class Bandit
{
    /// <summary>How many deviations from its mean a belief is followed.</summary>
    private const int Reach = 9;

    private const int Points = 16;

    /// <summary>Each arm's chance to be the best, and the second best.</summary>
    public static Computed<ArmChances[]> Chances(IReadOnlyList<ArmBelief> arms, bool lowerIsBetter = false)
    {
        if (arms.Count < 2)
            return arms.Count == 0 ? NotComputable.NoTraffic : NotComputable.SingleArm;
        if (arms.Any(arm => !double.IsFinite(arm.Mean) || !double.IsFinite(arm.Deviation)))
            return NotComputable.InvalidInput;
        if (arms.Any(arm => arm.Deviation <= 0))
            return NotComputable.ZeroVariance;
        var beliefs = arms.Select(arm => lowerIsBetter ? arm with { Mean = -arm.Mean } : arm).ToArray();
        var chances = beliefs.Select((_, index) => Over(beliefs, index)).ToArray();
        var (best, second) = (chances.Sum(one => one.Best), chances.Sum(one => one.Second));
        return chances.Select(one => new ArmChances(one.Best / best, one.Second / second)).ToArray();
    }

    /// <summary>Shares of the traffic, none below a floor; of the top two half of the chances to be the best, half of those to be the second.</summary>
    public static Computed<double[]> Weights(IReadOnlyList<ArmBelief> arms, double floor = 0.01, bool topTwo = true, bool lowerIsBetter = false) =>
        Chances(arms, lowerIsBetter).Then(chances => Floored([.. chances.Select(one => topTwo ? (one.Best + one.Second) / 2 : one.Best)], floor));

    /// <summary>Weights of which none is below a floor: f + (1 − n f) w. A floor beyond 1/n leaves all the same, one below 0 is none.</summary>
    /// <remarks>The sum stays 1 and the order is kept, which cutting off and dividing by the sum does not promise: that pushes arms below the floor again.</remarks>
    public static Computed<double[]> Floored(IReadOnlyList<double> weights, double floor)
    {
        if (weights.Count == 0)
            return NotComputable.NoTraffic;
        if (double.IsNaN(floor) || weights.Any(weight => !(weight >= 0)) || Math.Abs(weights.Sum() - 1) > 1e-6)
            return NotComputable.InvalidInput;
        var least = Math.Clamp(floor, 0, 1.0 / weights.Count);
        return weights.Select(weight => least + (1 - weights.Count * least) * weight).ToArray();
    }

    /// <summary>Integrals of the arm's density times the chances that no other, or just one other, is above it.</summary>
    private static ArmChances Over(ArmBelief[] arms, int index)
    {
        var arm = arms[index];
        var (low, high) = (arm.Mean - Reach * arm.Deviation, arm.Mean + Reach * arm.Deviation);
        // Between the edges every factor changes by no more than one deviation, however much narrower another belief is.
        double[] edges = [.. arms.SelectMany(other => Enumerable.Range(-Reach, 2 * Reach + 1).Select(step => Math.Clamp(other.Mean + step * other.Deviation, low, high)))
            .Append(low).Append(high).Distinct().Order()];
        double best = 0, second = 0;
        var rule = new GaussLegendreRule(-1, 1, Points);
        for (var at = 1; at < edges.Length; at++)
        {
            var (middle, half) = ((edges[at - 1] + edges[at]) / 2, (edges[at] - edges[at - 1]) / 2);
            for (var point = 0; point < Points; point++)
            {
                var x = middle + half * rule.GetAbscissa(point);
                var weight = half * rule.GetWeight(point) * StandardNormal.Density((x - arm.Mean) / arm.Deviation) / arm.Deviation;
                var (none, one) = Above(arms, index, x);
                best += weight * none;
                second += weight * one;
            }
        }

        return new(best, second);
    }

    /// <summary>Chances that none, and that just one, of the other arms is above x.</summary>
    private static (double None, double One) Above(ArmBelief[] arms, int index, double x)
    {
        var (none, one) = (1.0, 0.0);
        for (var other = 0; other < arms.Length; other++)
        {
            if (other == index)
                continue;
            var z = (x - arms[other].Mean) / arms[other].Deviation;
            var (below, above) = (StandardNormal.Lower(z), StandardNormal.Upper(z));
            (none, one) = (none * below, one * below + none * above);
        }

        return (none, one);
    }
}
