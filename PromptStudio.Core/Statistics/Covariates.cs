namespace PromptStudio.Core.Statistics;

/// <summary>A comparison after what users did before the experiment was taken out of it.</summary>
/// <param name="Theta">What one unit of the covariate explains.</param>
/// <param name="Adjusted">The comparison of y − θ x.</param>
/// <param name="Unadjusted">The comparison of y.</param>
/// <param name="VarianceRatio">Variance of the adjusted difference by that of the plain one: 0.25 means a quarter of the users does.</param>
public sealed record AdjustedDifference(double Theta, Estimate Adjusted, Estimate Unadjusted, double VarianceRatio);

/// <summary>CUPED: smaller errors from figures that were there before. Deng, Xu, Kohavi, Walker, WSDM 2013.</summary>
public static class Covariates
{
    /// <summary>Welch's comparison of y − θ x with θ over both arms together. Both arms hold y as first and x as second figure of a unit.</summary>
    /// <remarks>A confidence sequence follows from the adjusted effect and its error as from any other (<see cref="Sequential.Asymptotic"/>).</remarks>
    public static Computed<AdjustedDifference> Adjust(Moments control, Moments treatment, double alpha = 0.05)
    {
        var theta = Theta(control, treatment);
        return theta.Then<AdjustedDifference>(value =>
            Means.Welch(control.Mean, treatment.Mean, alpha).Then<AdjustedDifference>(plain =>
                Means.Welch(Residual(control, value), Residual(treatment, value), alpha).Then(adjusted => new AdjustedDifference(
                    value, adjusted, plain, Square(adjusted.StandardError / plain.StandardError)))));
    }

    /// <summary>The adjusted difference as a share of control's plain figure; without a θ that of both arms.</summary>
    /// <remarks>
    /// The delta method over y and x of both arms: Deng, Knoblich, Lu, KDD 2018, section 3. With L = (y_t − θ x_t − y_c + θ x_c) / |y_c| control weighs
    /// in with y_c · y_t/y_c − θ x_c, since x has the same expectation in both arms and drops out of L's derivative.
    /// Degrees of freedom are those of the adjusted difference.
    /// </remarks>
    public static Computed<Estimate> Lift(Moments control, Moments treatment, double alpha = 0.05, double? theta = null, bool studentT = false) =>
        (theta is { } known ? known : Theta(control, treatment)).Then(value => LiftBy(control, treatment, alpha, value, studentT));

    private static Computed<Estimate> LiftBy(Moments control, Moments treatment, double alpha, double theta, bool studentT)
    {
        if (control.Count == 0 || treatment.Count == 0)
            return NotComputable.EmptyArm;
        if (!control.IsPossible || !treatment.IsPossible || !double.IsFinite(theta))
            return NotComputable.InvalidInput;
        if (control.MeanA == 0)
            return NotComputable.ZeroBaseline;
        var (plain, adjusted) = (Residual(control, theta), Residual(treatment, theta));
        if (Means.Problem(plain, adjusted) is { } problem)
            return problem;
        var ratio = treatment.MeanA / control.MeanA;
        var weighed = Residual(control with { SquaresA = control.SquaresA * ratio * ratio, Products = control.Products * ratio }, theta);
        return Estimate.Of(
            (adjusted.Mean - plain.Mean) / Math.Abs(control.MeanA),
            Math.Sqrt(adjusted.MeanVariance + weighed.MeanVariance) / Math.Abs(control.MeanA), alpha, studentT ? Means.Freedom(plain, adjusted) : null);
    }

    /// <summary>Covariance by variance of the covariate, over all units of both arms.</summary>
    public static Computed<double> Theta(Moments control, Moments treatment)
    {
        if (control.Count == 0 || treatment.Count == 0)
            return NotComputable.EmptyArm;
        if (!control.IsPossible || !treatment.IsPossible)
            return NotComputable.InvalidInput;
        var both = control.Merge(treatment);
        return both.SquaresB <= 0 ? NotComputable.ZeroCovariateVariance : both.Products / both.SquaresB;
    }

    /// <summary>Mean and variance of y − θ x.</summary>
    public static MeanArm Residual(Moments arm, double theta) => new(
        arm.Count, arm.MeanA - theta * arm.MeanB,
        arm.Count > 1 ? Math.Max(0, arm.SquaresA - 2 * theta * arm.Products + theta * theta * arm.SquaresB) / (arm.Count - 1) : 0);

    private static double Square(double value) => value * value;
}
