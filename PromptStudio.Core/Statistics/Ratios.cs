namespace PromptStudio.Core.Statistics;

/// <summary>Metrics by execution while users are what was randomised: the delta method over users.</summary>
/// <remarks>
/// Executions of one user are alike. Tests that take them as independent reject 45 % of A/A tests at 5 % when users have eight executions each.
/// The variance equals that of a regression on a constant with errors clustered by user, times K/(K − 1).
/// </remarks>
public static class Ratios
{
    /// <summary>The difference of the ratios by the normal distribution.</summary>
    public static Computed<Estimate> Difference(RatioArm control, RatioArm treatment, double alpha = 0.05, Alternative alternative = Alternative.TwoSided) =>
        Compare(control, treatment, (c, t) => Means.Normal(c, t, alpha, alternative));

    /// <summary>The difference with Student's t on users, for few of them.</summary>
    public static Computed<Estimate> Welch(RatioArm control, RatioArm treatment, double alpha = 0.05, Alternative alternative = Alternative.TwoSided) =>
        Compare(control, treatment, (c, t) => Means.Welch(c, t, alpha, alternative));

    /// <summary>The lift by the delta method.</summary>
    public static Computed<Estimate> Lift(RatioArm control, RatioArm treatment, double alpha = 0.05) =>
        Compare(control, treatment, (c, t) => Lifts.Delta(c, t, alpha));

    /// <summary>Fieller's interval of the lift.</summary>
    public static Computed<Interval> Fieller(RatioArm control, RatioArm treatment, double alpha = 0.05) =>
        Compare(control, treatment, (c, t) => Lifts.Fieller(c, t, alpha));

    private static Computed<T> Compare<T>(RatioArm control, RatioArm treatment, Func<MeanArm, MeanArm, Computed<T>> method) =>
        control.Units <= 0 || treatment.Units <= 0
            ? NotComputable.EmptyArm
            : control.AsMean.Then(c => treatment.AsMean.Then(t => method(c, t)));
}
