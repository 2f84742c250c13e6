using PromptStudio.Core.Statistics.Distributions;

namespace PromptStudio.Core.Statistics;

/// <summary>A normal prior of the effect.</summary>
public readonly record struct EffectPrior(double Mean, double Variance);

/// <summary>What is believed of an effect after the data.</summary>
/// <param name="Mean">Middle of the belief.</param>
/// <param name="Deviation">Its standard deviation.</param>
/// <param name="ChanceToBeat">Probability that treatment is better.</param>
/// <param name="LossOfControl">What is lost on average by keeping control.</param>
/// <param name="LossOfTreatment">What is lost on average by taking treatment.</param>
/// <param name="Interval">Credible interval.</param>
public sealed record EffectBelief(double Mean, double Deviation, double ChanceToBeat, double LossOfControl, double LossOfTreatment, Interval Interval);

/// <summary>What is believed of two rates after the data.</summary>
/// <param name="ChanceToBeat">Probability that treatment's rate is larger.</param>
/// <param name="LossOfControl">Rate lost on average by keeping control.</param>
/// <param name="LossOfTreatment">Rate lost on average by taking treatment.</param>
/// <param name="ControlMean">Mean of the posterior of control.</param>
/// <param name="TreatmentMean">Mean of the posterior of treatment.</param>
/// <param name="Control">Its credible interval.</param>
/// <param name="Treatment">That of treatment.</param>
public sealed record RateBelief(
    double ChanceToBeat, double LossOfControl, double LossOfTreatment, double ControlMean, double TreatmentMean, Interval Control, Interval Treatment);

/// <summary>Bayesian answers: on request, beside the frequentist ones.</summary>
public static class Bayesian
{
    /// <summary>Posterior of a normally distributed effect; without a prior a flat one.</summary>
    /// <remarks>Conjugate normal; expected loss E[max(−δ, 0)] = σ φ(μ/σ) − μ Φ(−μ/σ), whose difference is taken so that it stays exact far out.</remarks>
    public static Computed<EffectBelief> Effect(double effect, double standardError, EffectPrior? prior = null, double alpha = 0.05, bool lowerIsBetter = false)
    {
        if (!double.IsFinite(effect) || !double.IsFinite(standardError) || prior is { Variance: <= 0 })
            return NotComputable.InvalidInput;
        if (standardError <= 0)
            return NotComputable.ZeroVariance;
        var precision = 1 / (standardError * standardError);
        var (mean, deviation) = (effect, standardError);
        if (prior is { } known)
        {
            mean = (effect * precision + known.Mean / known.Variance) / (precision + 1 / known.Variance);
            deviation = Math.Sqrt(1 / (precision + 1 / known.Variance));
        }

        var reach = StandardNormal.Critical(alpha) * deviation;
        var gain = lowerIsBetter ? -mean : mean;
        var (ofControl, ofTreatment) = Losses(gain, deviation);
        return new EffectBelief(mean, deviation, StandardNormal.Lower(gain / deviation), ofControl, ofTreatment, new(mean - reach, mean + reach));
    }

    /// <summary>Expected losses of keeping control, and of taking treatment, when treatment's gain is normal.</summary>
    public static (double OfControl, double OfTreatment) Losses(double gain, double deviation)
    {
        var small = UnitLoss(Math.Abs(gain) / deviation) * deviation;
        return gain >= 0 ? (gain + small, small) : (small, small - gain);
    }

    /// <summary>Posterior of two rates after one Beta prior.</summary>
    /// <remarks>
    /// Chance and losses as integrals over the narrower posterior on the scale of log odds, where the trapezoidal rule converges exponentially;
    /// equal to Miller's closed sum for whole-numbered priors ("Formulas for Bayesian A/B Testing") without its million terms.
    /// </remarks>
    public static Computed<RateBelief> Rates(ProportionArm control, ProportionArm treatment, double priorAlpha = 1, double priorBeta = 1, double level = 0.95)
    {
        if (!control.IsValid || !treatment.IsValid || !(priorAlpha > 0) || !(priorBeta > 0))
            return NotComputable.InvalidInput;
        var a = (A: priorAlpha + control.Successes, B: priorBeta + control.Count - control.Successes);
        var b = (A: priorAlpha + treatment.Successes, B: priorBeta + treatment.Count - treatment.Successes);
        double chance, lossOfControl, lossOfTreatment;
        if (1 / b.A + 1 / b.B <= 1 / a.A + 1 / a.B)
            (chance, lossOfControl, lossOfTreatment) = Over(b, a);
        else
        {
            (var reverse, lossOfTreatment, lossOfControl) = Over(a, b);
            chance = 1 - reverse;
        }

        return new RateBelief(chance, lossOfControl, lossOfTreatment, a.A / (a.A + a.B), b.A / (b.A + b.B), Middle(a, level), Middle(b, level));
    }

    /// <summary>P(X &gt; Y), E[max(X − Y, 0)] and E[max(Y − X, 0)], integrated over X.</summary>
    private static (double Chance, double Gain, double Loss) Over((double A, double B) x, (double A, double B) y)
    {
        var step = Math.Min(0.25, Math.Sqrt(1 / x.A + 1 / x.B) / 8);
        var middle = Math.Log(x.A / x.B);
        var mean = y.A / (y.A + y.B);
        double mass = 0, chance = 0, gain = 0, loss = 0;
        void Take(double logit)
        {
            var (p, q) = (1 / (1 + Math.Exp(-logit)), 1 / (1 + Math.Exp(logit)));
            var weight = Math.Exp(BetaDistribution.LogPrefactor(x.A, x.B, p, q));
            mass += weight;
            var below = BetaDistribution.LogLower(y.A, y.B, p, q);
            var above = BetaDistribution.LogLower(y.B, y.A, q, p);
            chance += weight * Math.Exp(below);
            gain += weight * Math.Max(0, p * Math.Exp(below) - mean * Math.Exp(BetaDistribution.LogLower(y.A + 1, y.B, p, q)));
            loss += weight * Math.Max(0, mean * Math.Exp(BetaDistribution.LogLower(y.B, y.A + 1, q, p)) - p * Math.Exp(above));
        }

        var floor = BetaDistribution.LogPrefactor(x.A, x.B, x.A / (x.A + x.B), x.B / (x.A + x.B)) - 60;
        Take(middle);
        foreach (var direction in (ReadOnlySpan<int>)[-1, 1])
        {
            for (var k = 1; k < 100_000; k++)
            {
                var logit = middle + direction * k * step;
                if (Math.Abs(logit) > 700 || BetaDistribution.LogPrefactor(x.A, x.B, 1 / (1 + Math.Exp(-logit)), 1 / (1 + Math.Exp(logit))) < floor)
                    break;
                Take(logit);
            }
        }

        return (Math.Clamp(chance / mass, 0, 1), gain / mass, loss / mass);
    }

    private static Interval Middle((double A, double B) posterior, double level) => new(
        BetaDistribution.LowerQuantile(posterior.A, posterior.B, (1 - level) / 2),
        1 - BetaDistribution.LowerQuantile(posterior.B, posterior.A, (1 - level) / 2));

    /// <summary>φ(z) − z (1 − Φ(z)) for z ≥ 0; far out its asymptotic series, since the difference of equal numbers has no digits left.</summary>
    private static double UnitLoss(double z)
    {
        if (z < 12)
            return Math.Max(0, StandardNormal.Density(z) - z * StandardNormal.Upper(z));
        var inverse = 1 / (z * z);
        return StandardNormal.Density(z) * inverse * (1 - inverse * (3 - inverse * (15 - inverse * (105 - inverse * 945))));
    }
}
