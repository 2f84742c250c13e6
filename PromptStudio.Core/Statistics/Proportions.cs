using MathNet.Numerics.RootFinding;
using PromptStudio.Core.Statistics.Distributions;

namespace PromptStudio.Core.Statistics;

/// <summary>Rates of success, one at a time and compared.</summary>
public static class Proportions
{
    /// <summary>z with each arm's own variance (Wald): test and interval of the difference.</summary>
    public static Computed<Estimate> Unpooled(ProportionArm control, ProportionArm treatment, double alpha = 0.05, Alternative alternative = Alternative.TwoSided) =>
        Problem(control, treatment) is { } problem ? problem
        : Variance(control, treatment) == 0 ? NotComputable.ZeroUnpooledVariance
        : Estimate.Of(treatment.Rate - control.Rate, Math.Sqrt(Variance(control, treatment)), alpha, alternative: alternative);

    /// <summary>z with the variance that holds when both arms have one rate. For tests; the interval of a difference is another's business.</summary>
    public static Computed<Estimate> Pooled(ProportionArm control, ProportionArm treatment, double alpha = 0.05, Alternative alternative = Alternative.TwoSided)
    {
        if (Problem(control, treatment) is { } problem)
            return problem;
        var both = new ProportionArm(control.Successes + treatment.Successes, control.Count + treatment.Count);
        return both.Variance == 0
            ? NotComputable.ZeroPooledVariance
            : Estimate.Of(treatment.Rate - control.Rate, Math.Sqrt(both.Variance * (1.0 / control.Count + 1.0 / treatment.Count)), alpha, alternative: alternative);
    }

    /// <summary>The score test with the interval that inverts it: p and interval always agree, and 0 % and 100 % are no obstacle. Miettinen, Nurminen 1985.</summary>
    public static Computed<Estimate> Score(ProportionArm control, ProportionArm treatment, double alpha = 0.05)
    {
        if (Problem(control, treatment) is { } problem)
            return problem;
        double n = control.Count + treatment.Count;
        var both = new ProportionArm(control.Successes + treatment.Successes, control.Count + treatment.Count);
        if (both.Variance == 0)
            return NotComputable.ZeroPooledVariance;
        var error = Math.Sqrt(both.Variance * (1.0 / control.Count + 1.0 / treatment.Count) * n / (n - 1));
        return Estimate.Of(treatment.Rate - control.Rate, error, alpha)
            .Then(test => test with { Interval = MiettinenNurminen(control, treatment, alpha).Value });
    }

    /// <summary>Newcombe's interval of the difference, from both arms' Wilson intervals: sound also for 0 % and 100 %. Newcombe 1998, method 10.</summary>
    public static Computed<Interval> Newcombe(ProportionArm control, ProportionArm treatment, double alpha = 0.05)
    {
        if (Problem(control, treatment) is { } problem)
            return problem;
        var (c, t) = (RawWilson(control, alpha), RawWilson(treatment, alpha));
        var difference = treatment.Rate - control.Rate;
        return new Interval(
            difference - double.Hypot(treatment.Rate - t.Lower, c.Upper - control.Rate),
            difference + double.Hypot(control.Rate - c.Lower, t.Upper - treatment.Rate));
    }

    /// <summary>Wald's interval after one success and one failure were added to each arm. Agresti, Caffo 2000.</summary>
    public static Computed<Interval> AgrestiCaffo(ProportionArm control, ProportionArm treatment, double alpha = 0.05)
    {
        if (Problem(control, treatment) is { } problem)
            return problem;
        var (c, t) = (new ProportionArm(control.Successes + 1, control.Count + 2), new ProportionArm(treatment.Successes + 1, treatment.Count + 2));
        var (difference, reach) = (t.Rate - c.Rate, StandardNormal.Critical(alpha) * Math.Sqrt(Variance(c, t)));
        return new Interval(Math.Max(-1, difference - reach), Math.Min(1, difference + reach));
    }

    /// <summary>The differences that the score test does not reject. Miettinen, Nurminen 1985.</summary>
    /// <remarks><paramref name="cubic"/> says whose likeliest rates; leave it unless statsmodels' figures are to be had.</remarks>
    public static Computed<Interval> MiettinenNurminen(
        ProportionArm control, ProportionArm treatment, double alpha = 0.05, ScoreCubic cubic = ScoreCubic.MaximumLikelihood)
    {
        if (Problem(control, treatment) is { } problem)
            return problem;
        var z = StandardNormal.Critical(alpha);
        var difference = treatment.Rate - control.Rate;
        double Excess(double value, double sign) => sign * (difference - value) - z * Math.Sqrt(ScoreVariance(control, treatment, value, cubic));
        return new Interval(
            Invert(value => Excess(value, 1), difference, -1),
            Invert(value => Excess(value, -1), difference, 1));
    }

    /// <summary>Wilson's score interval of one rate.</summary>
    public static Computed<Interval> Wilson(ProportionArm arm, double alpha = 0.05) =>
        Problem(arm) is { } problem ? problem : RawWilson(arm, alpha);

    /// <summary>The exact interval of one rate: never too short. Clopper, Pearson 1934.</summary>
    public static Computed<Interval> ClopperPearson(ProportionArm arm, double alpha = 0.05)
    {
        if (Problem(arm) is { } problem)
            return problem;
        var (x, failures) = ((double)arm.Successes, (double)(arm.Count - arm.Successes));
        return new Interval(
            x == 0 ? 0 : BetaDistribution.LowerQuantile(x, failures + 1, alpha / 2),
            failures == 0 ? 1 : 1 - BetaDistribution.LowerQuantile(failures, x + 1, alpha / 2));
    }

    /// <summary>Wald's interval around Wilson's middle. Agresti, Coull 1998.</summary>
    public static Computed<Interval> AgrestiCoull(ProportionArm arm, double alpha = 0.05)
    {
        if (Problem(arm) is { } problem)
            return problem;
        var z = StandardNormal.Critical(alpha);
        var n = arm.Count + z * z;
        var middle = (arm.Successes + z * z / 2) / n;
        var reach = z * Math.Sqrt(middle * (1 - middle) / n);
        return new Interval(Math.Max(0, middle - reach), Math.Min(1, middle + reach));
    }

    /// <summary>Middle of the posterior after Jeffreys' prior, Beta(½, ½).</summary>
    public static Computed<Interval> Jeffreys(ProportionArm arm, double alpha = 0.05)
    {
        if (Problem(arm) is { } problem)
            return problem;
        var (a, b) = (arm.Successes + 0.5, arm.Count - arm.Successes + 0.5);
        return new Interval(BetaDistribution.LowerQuantile(a, b, alpha / 2), 1 - BetaDistribution.LowerQuantile(b, a, alpha / 2));
    }

    /// <summary>Rate of treatment by rate of control, with the standard error of its logarithm and Katz's interval (1978).</summary>
    public static Computed<RelativeRisk> Risk(ProportionArm control, ProportionArm treatment, double alpha = 0.05)
    {
        if (RatioProblem(control, treatment) is { } problem)
            return problem;
        if (treatment.Successes == 0)
            return NotComputable.ZeroSuccesses;
        var ratio = treatment.Rate / control.Rate;
        var error = Math.Sqrt(
            (double)(treatment.Count - treatment.Successes) / treatment.Successes / treatment.Count
            + (double)(control.Count - control.Successes) / control.Successes / control.Count);
        var reach = Math.Exp(StandardNormal.Critical(alpha) * error);
        return error == 0 ? NotComputable.ZeroUnpooledVariance : new RelativeRisk(ratio, error, new(ratio / reach - 1, ratio * reach - 1));
    }

    /// <summary>The lifts (ratio − 1) that the score test does not reject; open above when control has no success. Miettinen, Nurminen 1985.</summary>
    public static Computed<Interval> ScoreLift(ProportionArm control, ProportionArm treatment, double alpha = 0.05)
    {
        if (RatioProblem(control, treatment) is { } problem)
            return problem;
        var z = StandardNormal.Critical(alpha);
        var ratio = treatment.Rate / control.Rate;
        double Excess(double value, double sign) => sign * (treatment.Rate - value * control.Rate) - z * Math.Sqrt(ScoreRatioVariance(control, treatment, value));
        var top = Math.Max(1, ratio);
        while (Excess(top, -1) < 0 && top < 1e15)
            top *= 2;
        var lower = ratio == 0 ? 0 : Invert(value => Excess(value, 1), ratio, 0);
        return new Interval(lower - 1, Invert(value => Excess(value, -1), ratio, top) - 1);
    }

    /// <summary>Whether treatment is not worse than control by more than a margin, when larger is better. Wald's z of difference + margin, one-sided.</summary>
    public static Computed<NonInferiority> NonInferior(ProportionArm control, ProportionArm treatment, double margin, double alpha = 0.05) =>
        Problem(control, treatment) is { } problem ? problem
        : Variance(control, treatment) == 0 ? NotComputable.ZeroUnpooledVariance
        : NonInferiority.Of(treatment.Rate - control.Rate, Math.Sqrt(Variance(control, treatment)), margin, alpha);

    /// <summary>Whether k arms have one rate: Pearson's chi-square without correction.</summary>
    public static Computed<ChiSquareTest> Homogeneity(IReadOnlyList<ProportionArm> arms)
    {
        if (arms.Count < 2)
            return NotComputable.SingleArm;
        if (arms.Any(arm => !arm.IsValid))
            return NotComputable.InvalidInput;
        if (arms.Any(arm => arm.Count == 0))
            return NotComputable.EmptyArm;
        var all = new ProportionArm(arms.Sum(arm => arm.Successes), arms.Sum(arm => arm.Count));
        return all.Variance == 0
            ? NotComputable.ZeroPooledVariance
            : ChiSquareTest.Of(arms.Sum(arm => arm.Count * (arm.Rate - all.Rate) * (arm.Rate - all.Rate)) / all.Variance, arms.Count - 1);
    }

    /// <summary>What forbids a comparison of two arms.</summary>
    internal static NotComputable? Problem(ProportionArm control, ProportionArm treatment) =>
        !control.IsValid || !treatment.IsValid ? NotComputable.InvalidInput
        : control.Count == 0 || treatment.Count == 0 ? NotComputable.EmptyArm
        : null;

    private static NotComputable? Problem(ProportionArm arm) => !arm.IsValid ? NotComputable.InvalidInput : arm.Count == 0 ? NotComputable.EmptyArm : null;

    private static NotComputable? RatioProblem(ProportionArm control, ProportionArm treatment) =>
        Problem(control, treatment) ?? (control.Successes == 0 ? NotComputable.ZeroBaseline : null);

    private static double Variance(ProportionArm control, ProportionArm treatment) => control.Variance / control.Count + treatment.Variance / treatment.Count;

    private static Interval RawWilson(ProportionArm arm, double alpha)
    {
        var z = StandardNormal.Critical(alpha);
        var n = (double)arm.Count;
        var middle = (arm.Successes + z * z / 2) / (n + z * z);
        var reach = z / (n + z * z) * Math.Sqrt(n * arm.Variance + z * z / 4);
        // Exact at the ends, where rounding leaves −1e-17.
        return new(arm.Successes == 0 ? 0 : middle - reach, arm.Successes == arm.Count ? 1 : middle + reach);
    }

    /// <summary>The value between the estimate and an end at which the excess turns positive, or the end itself.</summary>
    private static double Invert(Func<double, double> excess, double estimate, double end) =>
        estimate == end || excess(end) <= 0 ? end : Brent.FindRoot(excess, Math.Min(estimate, end), Math.Max(estimate, end), 1e-15, 500);

    /// <summary>Variance of the difference when the rates are the likeliest that differ by a value (closed form of the cubic), with N/(N − 1).</summary>
    private static double ScoreVariance(ProportionArm control, ProportionArm treatment, double value, ScoreCubic cubic)
    {
        double n1 = treatment.Count, n0 = control.Count, x1 = treatment.Successes, x0 = control.Successes, n = n1 + n0;
        var l3 = n;
        var l2 = (n1 + 2 * n0) * value - n - (x1 + x0);
        var l1 = ((cubic is ScoreCubic.Statsmodels ? x0 : n0) * value - n - 2 * x0) * value + x1 + x0;
        var l0 = x0 * value * (1 - value);
        var q = Math.Pow(l2 / (3 * l3), 3) - l1 * l2 / (6 * l3 * l3) + l0 / (2 * l3);
        var p = Math.CopySign(Math.Sqrt(Math.Max(0, l2 * l2 / (9 * l3 * l3) - l1 / (3 * l3))), q);
        var angle = (Math.PI + Math.Acos(p == 0 ? 0 : Math.Clamp(q / (p * p * p), -1, 1))) / 3;
        var r0 = Math.Clamp(2 * p * Math.Cos(angle) - l2 / (3 * l3), 0, 1);
        var r1 = Math.Clamp(r0 + value, 0, 1);
        return (r1 * (1 - r1) / n1 + r0 * (1 - r0) / n0) * n / (n - 1);
    }

    /// <summary>The same for a ratio: variance of treatment − value · control.</summary>
    private static double ScoreRatioVariance(ProportionArm control, ProportionArm treatment, double value)
    {
        double n1 = treatment.Count, n0 = control.Count, x1 = treatment.Successes, x0 = control.Successes, n = n1 + n0;
        var (a, b, c) = (n * value, -(n1 * value + x1 + n0 + x0 * value), x1 + x0);
        var r0 = a == 0 ? Math.Clamp(-c / b, 0, 1) : Math.Clamp((-b - Math.Sqrt(Math.Max(0, b * b - 4 * a * c))) / (2 * a), 0, 1);
        var r1 = Math.Clamp(r0 * value, 0, 1);
        return (r1 * (1 - r1) / n1 + value * value * r0 * (1 - r0) / n0) * n / (n - 1);
    }
}

/// <summary>The cubic equation whose root is the likeliest rate of control, given a difference.</summary>
public enum ScoreCubic
{
    /// <summary>Miettinen's and Nurminen's: its root maximises the likelihood.</summary>
    MaximumLikelihood,

    /// <summary>That of statsmodels up to 0.13, which has x₀ in the place of n₀; for comparison with its figures only.</summary>
    Statsmodels,
}

/// <summary>A ratio of two rates.</summary>
/// <param name="Ratio">Treatment by control.</param>
/// <param name="LogError">Standard error of the ratio's natural logarithm.</param>
/// <param name="Lift">Interval of ratio − 1.</param>
public sealed record RelativeRisk(double Ratio, double LogError, Interval Lift);
