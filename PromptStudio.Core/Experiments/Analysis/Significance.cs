using PromptStudio.Core.Statistics;

namespace PromptStudio.Core.Experiments.Analysis;

/// <summary>A treatment of the significance calculator against control.</summary>
/// <param name="Effect">Treatment minus control.</param>
/// <param name="StandardError">Of the effect.</param>
/// <param name="P">Two-sided.</param>
/// <param name="Log10P">Its logarithm, there also when p is too small for a number.</param>
/// <param name="AdjustedP">For the number of treatments.</param>
/// <param name="Significant">Adjusted p at most alpha: exactly when the interval excludes 0.</param>
/// <param name="Interval">Of the difference, at the adjusted level.</param>
/// <param name="Lift">Effect by control's figure; null when that is 0.</param>
/// <param name="LiftInterval">Fieller's; or why there is none.</param>
/// <param name="ExactP">Fisher's, for rates.</param>
/// <param name="ChanceToBeat">Bayesian, from a flat prior.</param>
public sealed record TreatmentSignificance(
    double Effect, double StandardError, double P, double Log10P, double AdjustedP, bool Significant, Interval Interval,
    double? Lift, Computed<Interval> LiftInterval, double? ExactP, double ChanceToBeat);

/// <summary>The significance calculator: figures of k arms, control first, looked at once.</summary>
public static class Significance
{
    /// <summary>Arms that it takes.</summary>
    public const int MostArms = 20;

    /// <summary>From counts: the score test with its interval, Fisher's exact p beside it.</summary>
    public static IReadOnlyList<Computed<TreatmentSignificance>> OfCounts(IReadOnlyList<ProportionArm> arms, double alpha = 0.05) =>
        Of(arms, alpha, Proportions.Score, (control, treatment) => (
            AsMean(control), AsMean(treatment),
            FisherExact.Of(control, treatment) is { IsDefined: true } exact ? exact.Value.PTwoSided : null,
            Bayesian.Rates(control, treatment).Then(belief => belief.ChanceToBeat)));

    /// <summary>From means and variances: Welch's test.</summary>
    public static IReadOnlyList<Computed<TreatmentSignificance>> OfMeans(IReadOnlyList<MeanArm> arms, double alpha = 0.05) =>
        Of(arms, alpha, (control, treatment, level) => Means.Welch(control, treatment, level), (control, treatment) => (
            control, treatment, null,
            Bayesian.Effect(treatment.Mean - control.Mean, Math.Sqrt(control.MeanVariance + treatment.MeanVariance)).Then(belief => belief.ChanceToBeat)));

    private static MeanArm AsMean(ProportionArm arm) => new(arm.Count, arm.Rate, arm.Variance);

    private static IReadOnlyList<Computed<TreatmentSignificance>> Of<TArm>(
        IReadOnlyList<TArm> arms, double alpha, Func<TArm, TArm, double, Computed<Estimate>> test,
        Func<TArm, TArm, (MeanArm Control, MeanArm Treatment, double? Exact, Computed<double> Chance)> more)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(arms.Count, 2, nameof(arms));
        var tests = arms.Skip(1).Select(arm => test(arms[0], arm, alpha)).ToArray();
        var family = tests.Select(one => one.IsDefined ? one.Value.P : 1).ToArray();
        var (adjusted, levels) = (Multiplicity.Adjust(family, Adjustment.Holm), Multiplicity.HolmLevels(family, alpha));
        return [.. tests.Select((one, index) => one.Then<TreatmentSignificance>(plain =>
        {
            var (control, treatment, exact, chance) = more(arms[0], arms[index + 1]);
            var interval = test(arms[0], arms[index + 1], levels[index]).Value.Interval;
            var lift = Lifts.Fieller(control, treatment, levels[index]);
            return new TreatmentSignificance(
                plain.Effect, plain.StandardError, plain.P, plain.Log10P, adjusted[index], adjusted[index] <= alpha * (1 + 1e-12), interval,
                control.Mean == 0 ? null : plain.Effect / Math.Abs(control.Mean),
                // Another test's edge may say otherwise than the score test: then no lift is stated.
                lift.IsDefined && lift.Value.Contains(0) != interval.Contains(0) ? NotComputable.UnboundedInterval : lift,
                exact, chance.IsDefined ? chance.Value : 0.5);
        }))];
    }
}
