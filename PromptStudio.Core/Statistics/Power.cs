using MathNet.Numerics.RootFinding;
using PromptStudio.Core.Statistics.Distributions;

namespace PromptStudio.Core.Statistics;

/// <summary>How many units a comparison needs, and what it can find. Two-sided; both tails count.</summary>
public static class Power
{
    /// <summary>Chance that the z test of two rates finds a difference that is there.</summary>
    public static Computed<ProportionPower> OfProportions(double control, double treatment, double controlUnits, double treatmentUnits, double alpha = 0.05)
    {
        if (!IsRate(control) || !IsRate(treatment) || !IsLevel(alpha))
            return NotComputable.InvalidInput;
        if (!(controlUnits > 0) || !(treatmentUnits > 0))
            return NotComputable.EmptyArm;
        var difference = Math.Abs(treatment - control);
        var pooled = (control * controlUnits + treatment * treatmentUnits) / (controlUnits + treatmentUnits);
        var nullError = Math.Sqrt(pooled * (1 - pooled) * (1 / controlUnits + 1 / treatmentUnits));
        var error = Math.Sqrt(control * (1 - control) / controlUnits + treatment * (1 - treatment) / treatmentUnits);
        if (error == 0)
            return NotComputable.ZeroUnpooledVariance;
        var z = StandardNormal.Critical(alpha);
        var cohen = CohenH(control, treatment);
        return new ProportionPower(
            TwoTails(z * nullError / error, difference / error), TwoTails(z, difference / error),
            cohen, TwoTails(z, Math.Abs(cohen) / Math.Sqrt(1 / controlUnits + 1 / treatmentUnits)));
    }

    /// <summary>Units an arm that find a difference of two rates with the wanted power.</summary>
    public static Computed<ProportionSample> SampleOfProportions(double control, double treatment, double alpha = 0.05, double power = 0.8)
    {
        if (!IsRate(control) || !IsRate(treatment) || !IsLevel(alpha) || !IsLevel(power) || power <= alpha)
            return NotComputable.InvalidInput;
        if (control == treatment)
            return NotComputable.ZeroEffect;
        var (za, zb) = (StandardNormal.Critical(alpha), -StandardNormal.UpperQuantile(power));
        var square = (treatment - control) * (treatment - control);
        var middle = (control + treatment) / 2;
        var both = control * (1 - control) + treatment * (1 - treatment);
        double Needed(double nullVariance) => Math.Pow(za * Math.Sqrt(nullVariance) + zb * Math.Sqrt(both), 2) / square;
        var cohen = Math.Abs(CohenH(control, treatment));
        return new ProportionSample(
            Needed(2 * middle * (1 - middle)), Needed(both), Needed(2 * control * (1 - control)),
            Math.Pow(SolveShift(za, power) / cohen, 2) * 2);
    }

    /// <summary>Smallest rise of a rate that n units an arm find with the wanted power: d = (z_α/2 + z_β) √(p(1−p)/n + (p+d)(1−p−d)/n), solved for d.</summary>
    public static Computed<MinimumEffect> MinimumRise(double control, double unitsPerArm, double alpha = 0.05, double power = 0.8)
    {
        if (!IsRate(control) || !IsLevel(alpha) || !IsLevel(power))
            return NotComputable.InvalidInput;
        if (!(unitsPerArm > 0))
            return NotComputable.EmptyArm;
        var shift = StandardNormal.Critical(alpha) - StandardNormal.UpperQuantile(power);
        var c = shift * shift / unitsPerArm;
        var (linear, variance) = (c * (1 - 2 * control), control * (1 - control));
        var rise = (linear + Math.Sqrt(linear * linear + 8 * c * variance * (1 + c))) / (2 * (1 + c));
        if (control + rise > 1)
            return NotComputable.NotReachable;
        return new MinimumEffect(rise, control == 0 ? NotComputable.ZeroBaseline : rise / control, Math.Sqrt(2 * c * variance));
    }

    /// <summary>Smallest difference of two means that n units an arm find with the wanted power.</summary>
    public static Computed<double> MinimumDifference(double deviation, double unitsPerArm, double alpha = 0.05, double power = 0.8) =>
        !(deviation > 0) ? NotComputable.ZeroVariance
        : !(unitsPerArm > 0) ? NotComputable.EmptyArm
        : !IsLevel(alpha) || !IsLevel(power) ? NotComputable.InvalidInput
        : (StandardNormal.Critical(alpha) - StandardNormal.UpperQuantile(power)) * deviation * Math.Sqrt(2 / unitsPerArm);

    /// <summary>Chance that the t test of two means finds a difference that is there, exactly and by the normal distribution.</summary>
    public static Computed<MeanPower> OfMeans(double difference, double deviation, double controlUnits, double treatmentUnits, double alpha = 0.05)
    {
        if (!double.IsFinite(difference) || !IsLevel(alpha))
            return NotComputable.InvalidInput;
        if (!(deviation > 0))
            return NotComputable.ZeroVariance;
        if (!(controlUnits > 0) || !(treatmentUnits > 0))
            return NotComputable.EmptyArm;
        var freedom = controlUnits + treatmentUnits - 2;
        if (freedom <= 0)
            return NotComputable.InsufficientN;
        var cohen = difference / deviation;
        var shift = Math.Abs(cohen) / Math.Sqrt(1 / controlUnits + 1 / treatmentUnits);
        return new MeanPower(cohen, StudentPower(shift, freedom, alpha), TwoTails(StandardNormal.Critical(alpha), shift));
    }

    /// <summary>Units of control (treatment gets <paramref name="ratio"/> times as many) that find a difference of means with the wanted power.</summary>
    public static Computed<MeanSample> SampleOfMeans(double difference, double deviation, double alpha = 0.05, double power = 0.8, double ratio = 1)
    {
        if (!double.IsFinite(difference) || !IsLevel(alpha) || !IsLevel(power) || power <= alpha || !(ratio > 0))
            return NotComputable.InvalidInput;
        if (!(deviation > 0))
            return NotComputable.ZeroVariance;
        if (difference == 0)
            return NotComputable.ZeroEffect;
        var cohen = Math.Abs(difference) / deviation;
        var spread = 1 + 1 / ratio;
        var byNormal = Math.Pow(SolveShift(StandardNormal.Critical(alpha), power) / cohen, 2) * spread;
        double Missing(double n) => StudentPower(cohen * Math.Sqrt(n / spread), n * (1 + ratio) - 2, alpha) - power;
        var low = Math.Max(byNormal * 0.9, 2.0001 / (1 + ratio));
        var high = byNormal + 2;
        while (Missing(high) < 0)
            high *= 2;
        // Where two units are enough, fewer are not to be had.
        var exact = Missing(low) >= 0 ? low : Brent.FindRoot(Missing, low, high, high * 1e-10, 200);
        return new MeanSample(exact, byNormal);
    }

    /// <summary>What n independent executions become when users have several: Kish's design effect, 1 + (m − 1) ICC.</summary>
    public static Computed<ClusteredSample> Clustered(double independentExecutions, double executionsPerUser, double intraclassCorrelation) =>
        !(independentExecutions > 0) || !(executionsPerUser > 0) || intraclassCorrelation is not (>= -1 and <= 1)
            ? NotComputable.InvalidInput
            : ClusteredSample.Of(independentExecutions, executionsPerUser, 1 + (executionsPerUser - 1) * intraclassCorrelation);

    /// <summary>Power of always-valid inference at n units: the wider interval by the true error, not the true error by a wider one.</summary>
    public static Computed<double> Sequential(double effect, double standardError, double units, double alpha = 0.05, double tuning = Statistics.Sequential.DefaultTuning) =>
        !(standardError > 0) ? NotComputable.ZeroVariance
        : !(units > 0) ? NotComputable.EmptyArm
        : TwoTails(Statistics.Sequential.Multiplier(units, alpha, tuning), Math.Abs(effect) / standardError);

    /// <summary>Chance that n units an arm show a lift of a mean that is there: by the z test, or by a credible interval after a prior of the lift.</summary>
    /// <remarks>
    /// The estimate d has variance v by the delta method, with control's variance in both arms. After a prior N(m, w) the interval excludes 0 when
    /// |d/v + m/w| &gt; z √(1/v + 1/w); without one, when |d| &gt; z √v.
    /// </remarks>
    public static Computed<double> OfLift(double mean, double variance, double lift, double unitsPerArm, double alpha = 0.05, EffectPrior? prior = null)
    {
        if (!IsLevel(alpha) || !double.IsFinite(lift) || prior is { Variance: <= 0 })
            return NotComputable.InvalidInput;
        if (mean == 0)
            return NotComputable.ZeroBaseline;
        if (!(variance > 0))
            return NotComputable.ZeroVariance;
        if (!(unitsPerArm > 0))
            return NotComputable.EmptyArm;
        var v = variance * (1 + (1 + lift) * (1 + lift)) / (unitsPerArm * mean * mean);
        var (precision, pull) = prior is { } known ? (1 / v + 1 / known.Variance, known.Mean / known.Variance) : (1 / v, 0);
        var edge = StandardNormal.Critical(alpha) * Math.Sqrt(precision * v);
        var shift = lift / Math.Sqrt(v) + pull * Math.Sqrt(v);
        return StandardNormal.Upper(edge - shift) + StandardNormal.Upper(edge + shift);
    }

    /// <summary>The smallest positive lift that is shown with the wanted power.</summary>
    public static Computed<double> MinimumLift(double mean, double variance, double unitsPerArm, double alpha = 0.05, double power = 0.8, EffectPrior? prior = null)
    {
        if (!IsLevel(power))
            return NotComputable.InvalidInput;
        if (OfLift(mean, variance, 0, unitsPerArm, alpha, prior) is { IsDefined: false, Reason: { } reason })
            return reason;
        double Missing(double lift) => OfLift(mean, variance, lift, unitsPerArm, alpha, prior).Value - power;
        if (Missing(0) >= 0)
            return 0;
        // Power grows with the lift only up to a ceiling: the error grows too.
        var high = 1e-6;
        while (Missing(high) < 0)
        {
            high *= 1.1;
            if (high > 1e6)
                return NotComputable.NotReachable;
        }

        return Brent.FindRoot(Missing, high / 1.1 < 1e-6 ? 0 : high / 1.1, high, 1e-12, 300);
    }

    /// <summary>The rejections among so many A/A tests that chance allows, with a coverage: outside, the pipeline is broken.</summary>
    public static Computed<RejectionBounds> AgainstItself(int simulations, double alpha, double coverage) =>
        simulations < 1 || !IsLevel(alpha) || !IsLevel(coverage)
            ? NotComputable.InvalidInput
            : new RejectionBounds(
                BinomialQuantile(simulations, alpha, (1 - coverage) / 2, lower: true),
                BinomialQuantile(simulations, alpha, (1 - coverage) / 2, lower: false), simulations * alpha);

    /// <summary>Chance of |Z + shift| beyond a critical value.</summary>
    internal static double TwoTails(double critical, double shift) => StandardNormal.Upper(critical - shift) + StandardNormal.Upper(critical + shift);

    /// <summary>The smallest count whose lower tail reaches q, or whose upper tail is at most q.</summary>
    internal static long BinomialQuantile(long trials, double rate, double q, bool lower)
    {
        var (low, high) = (0L, trials);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            // P(X ≤ k) = I₁₋ₚ(n − k, k + 1)
            var reached = middle >= trials || (lower
                ? BetaDistribution.Upper(middle + 1, trials - middle, rate) >= q
                : BetaDistribution.Lower(middle + 1, trials - middle, rate) <= q);
            (low, high) = reached ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    private static double CohenH(double control, double treatment) => 2 * (Math.Asin(Math.Sqrt(treatment)) - Math.Asin(Math.Sqrt(control)));

    private static double StudentPower(double shift, double freedom, double alpha)
    {
        var critical = StudentT.Critical(alpha, freedom);
        return NoncentralT.Upper(critical, freedom, shift) + NoncentralT.Lower(-critical, freedom, shift);
    }

    /// <summary>The shift with which both tails together have the wanted power.</summary>
    private static double SolveShift(double critical, double power) =>
        Brent.FindRoot(shift => TwoTails(critical, shift) - power, 0, critical + 40, 1e-13, 500);

    private static bool IsRate(double value) => value is >= 0 and <= 1;

    private static bool IsLevel(double value) => value is > 0 and < 1;
}

/// <summary>Power of a comparison of rates.</summary>
/// <param name="PooledNull">With the pooled variance in the test.</param>
/// <param name="Unpooled">With each arm's own.</param>
/// <param name="CohenH">Difference of the arcsine roots.</param>
/// <param name="ByCohenH">Power by it.</param>
public sealed record ProportionPower(double PooledNull, double Unpooled, double CohenH, double ByCohenH);

/// <summary>Units an arm, not yet rounded up.</summary>
/// <param name="Pooled">With the pooled variance in the test (Fleiss, without continuity correction).</param>
/// <param name="Unpooled">With each arm's own.</param>
/// <param name="BaselineNull">With the control's variance in the test, as Evan Miller's calculator has it.</param>
/// <param name="ByCohenH">By Cohen's h.</param>
public sealed record ProportionSample(double Pooled, double Unpooled, double BaselineNull, double ByCohenH);

/// <summary>The smallest effect that is found.</summary>
public sealed record MinimumEffect(double Absolute, Computed<double> Relative, double AbsoluteByBaseline);

/// <summary>Power of a comparison of means.</summary>
public sealed record MeanPower(double CohenD, double StudentT, double Normal);

/// <summary>Units of control, not yet rounded up.</summary>
public sealed record MeanSample(double StudentT, double Normal);

/// <summary>A sample with several executions a user.</summary>
public sealed record ClusteredSample(double DesignEffect, double Executions, double Users)
{
    internal static ClusteredSample Of(double executions, double perUser, double effect) => new(effect, executions * effect, executions * effect / perUser);
}

/// <summary>Rejections that chance allows.</summary>
public sealed record RejectionBounds(long Low, long High, double Mean);
