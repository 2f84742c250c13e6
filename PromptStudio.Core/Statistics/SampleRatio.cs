using PromptStudio.Core.Statistics.Distributions;

namespace PromptStudio.Core.Statistics;

/// <summary>Whether units came to the arms in the shares that were asked for. When not, assignment or counting is broken, and no figure can be trusted.</summary>
public static class SampleRatio
{
    /// <summary>The p below which a mismatch is taken for one.</summary>
    public const double Alarm = 0.001;

    /// <summary>Pearson's chi-square of the counts. Arms without weight take no part, also not in the degrees of freedom.</summary>
    public static Computed<ChiSquareTest> ChiSquare(IReadOnlyList<long> observed, IReadOnlyList<double> weights)
    {
        if (Problem(observed, weights) is { } problem)
            return problem;
        var arms = weights.Count(weight => weight > 0);
        var (units, weight) = (observed.Sum(count => (double)count), weights.Sum());
        if (units == 0)
            return NotComputable.NoTraffic;
        if (arms < 2)
            return NotComputable.SingleArm;
        var statistic = 0.0;
        for (var arm = 0; arm < observed.Count; arm++)
        {
            var expected = units * weights[arm] / weight;
            if (expected > 0)
                statistic += (observed[arm] - expected) * (observed[arm] - expected) / expected;
        }

        return ChiSquareTest.Of(statistic, arms - 1);
    }

    /// <summary>The test that may be looked at as often as one likes, over looks that each bring new units.</summary>
    /// <remarks>
    /// Lindon, Malek, "Anytime-valid inference for multinomial count data": Bayes factor of Dirichlet(κ p₀) against p₀, which depends on the cumulative
    /// counts only. Written with deviances, so that a billion units keep their digits. p is the smallest 1/BF so far.
    /// </remarks>
    public static Computed<IReadOnlyList<SampleRatioLook>> Sequential(
        IEnumerable<IReadOnlyList<long>> looks, IReadOnlyList<double> weights, double concentration = 10_000)
    {
        var counts = new long[weights.Count];
        var (answers, smallest, total) = (new List<SampleRatioLook>(), 1.0, weights.Sum());
        foreach (var look in looks)
        {
            if (Problem(look, weights) is { } problem)
                return problem;
            for (var arm = 0; arm < counts.Length; arm++)
                counts[arm] += look[arm];
            var log = LogBayesFactor(counts, [.. weights.Select(weight => weight / total)], concentration);
            answers.Add(new(log, smallest = Math.Min(smallest, Math.Min(1, Math.Exp(-log)))));
        }

        return answers.Count == 0 ? NotComputable.NoTraffic : answers;
    }

    private static double LogBayesFactor(long[] counts, double[] shares, double concentration)
    {
        var units = counts.Sum(count => (double)count);
        var all = units + concentration;
        var log = (Math.Log(all) - Math.Log(concentration)) / 2 - Exact.StirlingError(all) + Exact.StirlingError(concentration);
        for (var arm = 0; arm < counts.Length; arm++)
        {
            if (shares[arm] <= 0)
                continue;
            var prior = concentration * shares[arm];
            var posterior = prior + counts[arm];
            log += Exact.Deviance(posterior, all * shares[arm]) - Exact.LogOnePlus(counts[arm] / prior) / 2
                + Exact.StirlingError(posterior) - Exact.StirlingError(prior);
        }

        return units == 0 ? 0 : log;
    }

    private static NotComputable? Problem(IReadOnlyList<long> observed, IReadOnlyList<double> weights)
    {
        if (observed.Count != weights.Count || observed.Any(count => count < 0) || weights.Any(weight => !double.IsFinite(weight) || weight < 0) || weights.Sum() <= 0)
            return NotComputable.InvalidInput;
        return Enumerable.Range(0, observed.Count).Any(arm => weights[arm] == 0 && observed[arm] > 0) ? NotComputable.UnexpectedTraffic : null;
    }
}

/// <summary>The sequential test after a look.</summary>
/// <param name="LogBayesFactor">ln of the evidence for a mismatch.</param>
/// <param name="P">The smallest p so far.</param>
public readonly record struct SampleRatioLook(double LogBayesFactor, double P);
