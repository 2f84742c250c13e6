using MathNet.Numerics.LinearAlgebra;

namespace PromptStudio.Core.Statistics;

/// <summary>
/// CUPED for a metric that divides two sums over users: R − θ R′, where R′ is the same ratio from before the experiment. A unit's figures are
/// numerator, denominator, numerator before, denominator before.
/// </summary>
/// <remarks>Deng, Xu, Kohavi, Walker, WSDM 2013, appendix B, with the delta method of Deng, Knoblich, Lu, KDD 2018.</remarks>
public static class RatioCovariates
{
    private const int Figures = 4;

    /// <summary>The θ that makes the error of the difference smallest: covariance of R and R′ by the variance of R′, both of the arms' difference.</summary>
    public static Computed<double> Theta(JointMoments control, JointMoments treatment)
    {
        if (Problem(control, treatment) is { } problem)
            return problem;
        double together = 0, before = 0;
        foreach (var arm in (ReadOnlySpan<JointMoments>)[control, treatment])
        {
            var (now, then) = (Part(arm, 0), Part(arm, 2));
            together += arm.Between(now, then) / arm.Count;
            before += arm.Between(then, then) / arm.Count;
        }

        return before <= 0 ? NotComputable.ZeroCovariateVariance : together / before;
    }

    /// <summary>The difference of the adjusted ratios; without a θ by the best one.</summary>
    public static Computed<Estimate> Difference(JointMoments control, JointMoments treatment, double alpha = 0.05, double? theta = null, bool studentT = false) =>
        Adjusted(control, treatment, theta, (_, c, t) => studentT ? Means.Welch(c, t, alpha) : Means.Normal(c, t, alpha));

    /// <summary>The difference of the adjusted ratios as a share of control's plain one.</summary>
    /// <remarks>With d the difference and r control's ratio, control's gradient is that of −((1 + d/r) R − θ R′) / |r|.</remarks>
    public static Computed<Estimate> Lift(JointMoments control, JointMoments treatment, double alpha = 0.05, double? theta = null, bool studentT = false) =>
        Adjusted(control, treatment, theta, (value, c, t) =>
        {
            var baseline = control.Means[0] / control.Means[1];
            if (baseline == 0)
                return NotComputable.ZeroBaseline;
            var difference = t.Mean - c.Mean;
            var gradient = (1 + difference / baseline) * Part(control, 0) - value * Part(control, 2);
            var variance = Math.Max(0, control.Between(gradient, gradient)) / control.Count + t.MeanVariance;
            return Estimate.Of(
                difference / Math.Abs(baseline), Math.Sqrt(variance) / Math.Abs(baseline), alpha, studentT ? Means.Freedom(c, t) : null);
        });

    /// <summary>R − θ R′ of an arm as a mean with the variance of one unit's share in it.</summary>
    private static MeanArm Residual(JointMoments arm, double theta)
    {
        var gradient = Part(arm, 0) - theta * Part(arm, 2);
        return new(arm.Count, arm.Means[0] / arm.Means[1] - theta * arm.Means[2] / arm.Means[3], Math.Max(0, arm.Between(gradient, gradient)));
    }

    private static Computed<Estimate> Adjusted(
        JointMoments control, JointMoments treatment, double? theta, Func<double, MeanArm, MeanArm, Computed<Estimate>> method) =>
        Problem(control, treatment) is { } problem ? problem
        : theta is { } known && !double.IsFinite(known) ? NotComputable.InvalidInput
        : (theta is { } given ? given : Theta(control, treatment)).Then(value =>
        {
            var (c, t) = (Residual(control, value), Residual(treatment, value));
            return Means.Problem(c, t) is { } none ? none : method(value, c, t);
        });

    /// <summary>Derivatives of a ratio by the means of the figure at the place and the one after it.</summary>
    private static Vector<double> Part(JointMoments arm, int at)
    {
        var part = Vector<double>.Build.Dense(Figures);
        part[at] = 1 / arm.Means[at + 1];
        part[at + 1] = -arm.Means[at] / (arm.Means[at + 1] * arm.Means[at + 1]);
        return part;
    }

    private static NotComputable? Problem(JointMoments control, JointMoments treatment) =>
        control.Means.Count != Figures || treatment.Means.Count != Figures ? NotComputable.InvalidInput
        : control.Count <= 0 || treatment.Count <= 0 ? NotComputable.EmptyArm
        : control.Problem ?? treatment.Problem ?? (Divides(control) && Divides(treatment) ? null : NotComputable.ZeroDenominator);

    private static bool Divides(JointMoments arm) => arm.Means[1] != 0 && arm.Means[3] != 0;
}
