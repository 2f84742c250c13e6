using PromptStudio.Core.Statistics;

namespace PromptStudio.Core.Experiments.Analysis;

/// <summary>From what is kept of users to what statistics take.</summary>
internal static class MetricArms
{
    /// <summary>A group's figure as a mean over users with the variance that makes its error right.</summary>
    public static Computed<MeanArm> Of(Metric metric, GroupSums group)
    {
        if (!group.Metrics.TryGetValue(metric.Name, out var sums) || sums.Count == 0)
            return NotComputable.EmptyArm;
        return metric.Kind switch
        {
            MetricKind.Ratio => sums.Ratio.AsMean,
            MetricKind.Proportion => Rate(Proportion(sums)),
            _ => sums.Count < 2 ? NotComputable.InsufficientN : sums.Mean,
        };
    }

    /// <summary>Users with the property, of a metric that each user has or has not.</summary>
    public static ProportionArm Proportion(Moments sums) => new((long)Math.Round(sums.MeanA * sums.Count), sums.Count);

    /// <summary>The rate as a mean, with the error of Agresti and Caffo: one success and one failure more, so that 0 % is not certainty.</summary>
    private static MeanArm Rate(ProportionArm arm)
    {
        var careful = new ProportionArm(arm.Successes + 1, arm.Count + 2);
        return new(arm.Count, arm.Rate, careful.Variance * arm.Count / careful.Count);
    }
}
