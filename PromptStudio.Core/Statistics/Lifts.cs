using PromptStudio.Core.Statistics.Distributions;

namespace PromptStudio.Core.Statistics;

/// <summary>The difference as a share of the control's figure (of its absolute value, so that more is always positive).</summary>
public static class Lifts
{
    /// <summary>Lift with the delta method's variance: v_t / μ_c² + v_c μ_t² / μ_c⁴. Deng, Knoblich, Lu, KDD 2018.</summary>
    /// <remarks>Its p is not that of the difference, so that a page that shows both contradicts itself: decide by the difference and show <see cref="Fieller(MeanArm, MeanArm, double)"/>.</remarks>
    public static Computed<Estimate> Delta(
        MeanArm control, MeanArm treatment, double alpha = 0.05, bool studentT = false, Alternative alternative = Alternative.TwoSided)
    {
        if (control.Count <= 0 || treatment.Count <= 0)
            return NotComputable.EmptyArm;
        if (control.Mean == 0)
            return NotComputable.ZeroBaseline;
        if (Means.Problem(control, treatment) is { } problem)
            return problem;
        return Estimate.Of(
            (treatment.Mean - control.Mean) / Math.Abs(control.Mean), Math.Sqrt(Variance(control, treatment)), alpha,
            studentT ? Means.Freedom(control, treatment) : null, alternative);
    }

    /// <summary>The delta method's variance of the lift.</summary>
    public static double Variance(MeanArm control, MeanArm treatment)
    {
        var ratio = treatment.Mean / control.Mean;
        return (treatment.MeanVariance + control.MeanVariance * ratio * ratio) / (control.Mean * control.Mean);
    }

    /// <summary>Fieller's interval of the lift (1954): it excludes 0 exactly when the z interval of the difference does.</summary>
    public static Computed<Interval> Fieller(MeanArm control, MeanArm treatment, double alpha = 0.05) =>
        Means.Problem(control, treatment) is { } problem ? problem : FiellerBy(control, treatment, StandardNormal.Critical(alpha));

    /// <summary>Fieller's interval with another multiplier than the normal's, e.g. Student's or that of a confidence sequence.</summary>
    public static Computed<Interval> FiellerBy(MeanArm control, MeanArm treatment, double multiplier)
    {
        if (control.Mean == 0)
            return NotComputable.ZeroBaseline;
        var g = FiellerG(control, multiplier);
        if (g >= 1)
            return NotComputable.UnboundedInterval;
        var ratio = treatment.Mean / control.Mean;
        var reach = multiplier / Math.Abs(control.Mean) * Math.Sqrt((1 - g) * treatment.MeanVariance + ratio * ratio * control.MeanVariance);
        var (low, high) = ((ratio - reach) / (1 - g) - 1, (ratio + reach) / (1 - g) - 1);
        return control.Mean > 0 ? new Interval(low, high) : new Interval(-high, -low);
    }

    /// <summary>How uncertain the control's figure is; from 1 on no lift can be excluded.</summary>
    public static double FiellerG(MeanArm control, double multiplier) => multiplier * multiplier * control.MeanVariance / (control.Mean * control.Mean);
}
