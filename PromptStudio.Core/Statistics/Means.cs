namespace PromptStudio.Core.Statistics;

/// <summary>Means of one figure a unit, compared.</summary>
public static class Means
{
    /// <summary>Welch's t: arms may differ in variance and size. One arm without variance is no obstacle.</summary>
    /// <remarks>Degrees of freedom by Welch and Satterthwaite.</remarks>
    public static Computed<Estimate> Welch(MeanArm control, MeanArm treatment, double alpha = 0.05, Alternative alternative = Alternative.TwoSided) =>
        Problem(control, treatment) is { } problem
            ? problem
            : Estimate.Of(treatment.Mean - control.Mean, Math.Sqrt(control.MeanVariance + treatment.MeanVariance), alpha, Freedom(control, treatment), alternative);

    /// <summary>The difference by the normal distribution, for large samples and for what follows them over time.</summary>
    public static Computed<Estimate> Normal(MeanArm control, MeanArm treatment, double alpha = 0.05, Alternative alternative = Alternative.TwoSided) =>
        Problem(control, treatment) is { } problem
            ? problem
            : Estimate.Of(treatment.Mean - control.Mean, Math.Sqrt(control.MeanVariance + treatment.MeanVariance), alpha, alternative: alternative);

    /// <summary>Whether treatment's mean is not below control's by more than a margin.</summary>
    public static Computed<NonInferiority> NonInferior(MeanArm control, MeanArm treatment, double margin, double alpha = 0.05) =>
        Problem(control, treatment) is { } problem
            ? problem
            : NonInferiority.Of(treatment.Mean - control.Mean, Math.Sqrt(control.MeanVariance + treatment.MeanVariance), margin, alpha, Freedom(control, treatment));

    /// <summary>Degrees of freedom of a difference of two means: Welch–Satterthwaite.</summary>
    public static double Freedom(MeanArm control, MeanArm treatment)
    {
        var (c, t) = (control.MeanVariance, treatment.MeanVariance);
        // By shares, so that variances of 1e-200 do not vanish when squared.
        var share = c / (c + t);
        return 1 / (share * share / (control.Count - 1) + (1 - share) * (1 - share) / (treatment.Count - 1));
    }

    /// <summary>What forbids a comparison: an empty arm before anything else.</summary>
    internal static NotComputable? Problem(MeanArm control, MeanArm treatment) =>
        control.Count <= 0 || treatment.Count <= 0 ? NotComputable.EmptyArm
        : control.Problem ?? treatment.Problem ?? (control.Variance + treatment.Variance == 0 ? NotComputable.ZeroVariance : null);
}
