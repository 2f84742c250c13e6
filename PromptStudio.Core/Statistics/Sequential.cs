using PromptStudio.Core.Statistics.Distributions;

namespace PromptStudio.Core.Statistics;

/// <summary>A p and an interval that hold at every look, however often and for whatever reason one looks.</summary>
/// <param name="P">May be acted upon whenever it is small.</param>
/// <param name="LogEvidence">ln of the likelihood ratio behind it: evidence for a difference.</param>
/// <param name="Interval">Covers the true effect at all looks together.</param>
/// <param name="Multiplier">Half its width by the standard error; 1.96 would be the fixed-horizon one.</param>
public sealed record AlwaysValid(double P, double LogEvidence, Interval Interval, double Multiplier);

/// <summary>Always-valid inference.</summary>
public static class Sequential
{
    /// <summary>Units at which the confidence sequence is tightest, when nothing else is said.</summary>
    public const double DefaultTuning = 5_000;

    /// <summary>The asymptotic confidence sequence of a mean difference.</summary>
    /// <remarks>
    /// Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, arXiv 2103.06476v7, equations 9, 155, 161; the same boundary as the normal mixture of Howard,
    /// Ramdas, McAuliffe, Sekhon, arXiv 1810.08240, equation 14. <paramref name="units"/> are users of both arms together.
    /// The tuning has to be fixed before data are seen.
    /// </remarks>
    public static Computed<AlwaysValid> Asymptotic(double effect, double standardError, double units, double alpha = 0.05, double tuning = DefaultTuning)
    {
        if (!double.IsFinite(effect) || !double.IsFinite(standardError))
            return NotComputable.InvalidInput;
        if (units <= 0)
            return NotComputable.EmptyArm;
        if (standardError <= 0)
            return NotComputable.ZeroVariance;
        var rho = Rho(alpha, tuning);
        var evidence = Evidence(effect, standardError, units, rho);
        var multiplier = Multiplier(units, alpha, tuning);
        var reach = multiplier * standardError;
        return new AlwaysValid(Math.Min(1, Math.Exp(-evidence)), evidence, new(effect - reach, effect + reach), multiplier);
    }

    /// <summary>ln of the mixture of likelihood ratios: p is e to the minus of it.</summary>
    public static double Evidence(double effect, double standardError, double units, double rho)
    {
        var spread = units * rho * rho;
        var statistic = effect / standardError;
        return spread / (spread + 1) * statistic * statistic / 2 - Exact.LogOnePlus(spread) / 2;
    }

    /// <summary>Half the width of the confidence sequence, in standard errors.</summary>
    public static double Multiplier(double units, double alpha = 0.05, double tuning = DefaultTuning) => MultiplierBy(units, alpha, Rho(alpha, tuning));

    /// <summary>The same at another level than the one that the mixture was tuned for: an interval that agrees with p at an adjusted level.</summary>
    public static double MultiplierBy(double units, double level, double rho)
    {
        var spread = units * rho * rho;
        return Math.Sqrt(2 * (spread + 1) / spread * (Exact.LogOnePlus(spread) / 2 - Math.Log(level)));
    }

    /// <summary>The mixture's parameter that makes the sequence tightest at the tuning.</summary>
    public static double Rho(double alpha, double tuning) => Math.Sqrt((-2 * Math.Log(alpha) + Math.Log(1 - 2 * Math.Log(alpha))) / tuning);

    /// <summary>A bound from one side that holds at every look, and the alpha (at most ½) at which it would be 0.</summary>
    /// <remarks>arXiv 2103.06476v7, one-sided: √(2 (s+1)/s · ln(1 + √(s+1)/2α)) with s = N ρ², ρ tuned for 2α and kept when p inverts the bound.</remarks>
    public static Computed<(double Bound, double P)> OneSided(
        double effect, double standardError, double units, double alpha = 0.05, double tuning = DefaultTuning, Alternative alternative = Alternative.Greater)
    {
        if (alternative is Alternative.TwoSided || !double.IsFinite(effect) || !double.IsFinite(standardError) || alpha is not (> 0 and < 0.5))
            return NotComputable.InvalidInput;
        if (units <= 0)
            return NotComputable.EmptyArm;
        if (standardError <= 0)
            return NotComputable.ZeroVariance;
        var rho = Rho(2 * alpha, tuning);
        var spread = units * rho * rho;
        var (sign, height) = (alternative is Alternative.Greater ? 1 : -1, Math.Sqrt(spread + 1) / 2);
        var reach = OneSidedMultiplierBy(units, alpha, rho) * standardError;
        var evidence = Math.Max(0, sign * effect / standardError);
        var p = Math.Min(0.5, height / Exact.ExpMinusOne(evidence * evidence * spread / (2 * (spread + 1))));
        return (effect - sign * reach, p);
    }

    /// <summary>Distance of the one-sided bound from the effect, in standard errors, at another level than the one that the mixture was tuned for.</summary>
    public static double OneSidedMultiplierBy(double units, double level, double rho)
    {
        var spread = units * rho * rho;
        return Math.Sqrt(2 * (spread + 1) / spread * Exact.LogOnePlus(Math.Sqrt(spread + 1) / (2 * level)));
    }

    /// <summary>The mixture sequential probability ratio test of an effect with a variance against 0; <paramref name="mixing"/> is τ², fixed beforehand.</summary>
    /// <remarks>Johari, Koomen, Pekelis, Walsh, KDD 2017: Λ = √(V/(V+τ²)) exp(τ² D² / (2 V (V+τ²))). The interval inverts Λ = 1/α.</remarks>
    public static Computed<AlwaysValid> Mixture(double effect, double variance, double mixing, double alpha = 0.05)
    {
        if (!double.IsFinite(effect) || !double.IsFinite(variance) || !(mixing > 0))
            return NotComputable.InvalidInput;
        if (variance <= 0)
            return NotComputable.ZeroVariance;
        var ratio = mixing / variance;
        var statistic = effect / Math.Sqrt(variance);
        var evidence = ratio / (1 + ratio) * statistic * statistic / 2 - Exact.LogOnePlus(ratio) / 2;
        var multiplier = Math.Sqrt((1 + ratio) / ratio * (Exact.LogOnePlus(ratio) - 2 * Math.Log(alpha)));
        var reach = multiplier * Math.Sqrt(variance);
        return new AlwaysValid(Math.Min(1, Math.Exp(-evidence)), evidence, new(effect - reach, effect + reach), multiplier);
    }

    /// <summary>The same for two rates with the plug-in variance; without one, no evidence can be claimed.</summary>
    public static Computed<AlwaysValid> Mixture(ProportionArm control, ProportionArm treatment, double mixing, double alpha = 0.05) =>
        Proportions.Problem(control, treatment) is { } problem
            ? problem
            : Mixture(treatment.Rate - control.Rate, control.Variance / control.Count + treatment.Variance / treatment.Count, mixing, alpha);

    /// <summary>The same for means of n units an arm with a known variance of one unit.</summary>
    public static Computed<AlwaysValid> MixtureOfMeans(long unitsPerArm, double effect, double unitVariance, double mixing, double alpha = 0.05) =>
        unitsPerArm <= 0 ? NotComputable.EmptyArm : Mixture(effect, 2 * unitVariance / unitsPerArm, mixing, alpha);

    /// <summary>What may be published after each look: no p is larger than one before. A look without a figure leaves it as it was.</summary>
    public static IReadOnlyList<double> Published(IEnumerable<Computed<AlwaysValid>> looks)
    {
        var (published, smallest) = (new List<double>(), 1.0);
        foreach (var look in looks)
            published.Add(smallest = look.IsDefined ? Math.Min(smallest, look.Value.P) : smallest);
        return published;
    }

    /// <summary>The two-sided normal mixture for a sum with a variance process, tuned to be tightest at a variance.</summary>
    /// <remarks>Howard, Ramdas, McAuliffe, Sekhon, arXiv 1810.08240, equation 14.</remarks>
    public static MixtureBoundary NormalMixture(double sum, double variance, double tunedVariance, double alpha = 0.05)
    {
        var rho = tunedVariance / (-2 * Math.Log(alpha) + Math.Log(1 - 2 * Math.Log(alpha)));
        var log = -Exact.LogOnePlus(variance / rho) / 2 + sum * sum / (2 * (variance + rho));
        return new(rho, log, Math.Sqrt((variance + rho) * (Exact.LogOnePlus(variance / rho) - 2 * Math.Log(alpha))));
    }

    /// <summary>ln of the e-value of a t statistic, and the p that holds at every look.</summary>
    /// <remarks>Lindon, Ham, Tingley, Bojinov, arXiv 2210.08589: ½ ln r + ½ (ν+1) [ln(1 + t²/ν) − ln(1 + r t²/ν)], r = g/(g+n).</remarks>
    public static (double LogEvidence, double P) AnytimeT(double statisticSquared, double degreesOfFreedom, double units, double g = 1)
    {
        var r = g / (g + units);
        var log = 0.5 * Math.Log(r)
            + 0.5 * (degreesOfFreedom + 1) * (Exact.LogOnePlus(statisticSquared / degreesOfFreedom) - Exact.LogOnePlus(r * statisticSquared / degreesOfFreedom));
        return (log, Math.Min(1, Math.Exp(-log)));
    }
}

/// <summary>A mixture boundary.</summary>
/// <param name="Rho">The mixture's precision.</param>
/// <param name="LogMixture">ln of the mixture of likelihood ratios.</param>
/// <param name="Bound">The sum that is crossed with at most alpha.</param>
public sealed record MixtureBoundary(double Rho, double LogMixture, double Bound);
