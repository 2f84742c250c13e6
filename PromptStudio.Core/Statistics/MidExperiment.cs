using MathNet.Numerics.RootFinding;
using PromptStudio.Core.Statistics.Distributions;

namespace PromptStudio.Core.Statistics;

/// <summary>How an experiment that runs will be decided.</summary>
/// <param name="Alpha">The level.</param>
/// <param name="Prior">Of the effect, when it is a credible interval that has to exclude 0.</param>
/// <param name="Tuning">Of the confidence sequence, when it is that one.</param>
public sealed record DecisionRule(double Alpha = 0.05, EffectPrior? Prior = null, double? Tuning = null);

/// <summary>Whether an experiment that runs has a chance to show an effect of the wanted size, and how many more users would give it one.</summary>
/// <remarks>From the error so far, which shrinks with the root of the users: no variance has to be guessed as before the start (<see cref="Power"/>).</remarks>
public static class MidExperiment
{
    /// <summary>How many times today's users may be added before the answer is that they will not come.</summary>
    private const double Ceiling = 1 << 27;

    /// <summary>Chance to show the effect when <paramref name="factor"/> times today's users are added.</summary>
    /// <remarks>
    /// The estimate d then has variance v = se²/(1 + factor). After a prior N(m, w) the interval excludes 0 when |d/v + m/w| &gt; z √(1/v + 1/w), with a confidence
    /// sequence when |d| exceeds its multiplier at all users times √v, else when |d| &gt; z √v.
    /// </remarks>
    public static Computed<double> PowerAfter(double factor, double effect, double standardError, double units, DecisionRule rule)
    {
        if (!double.IsFinite(effect) || !double.IsFinite(standardError) || !(factor >= 0) || rule.Alpha is not (> 0 and < 1)
            || rule.Prior is { Variance: <= 0 } || rule.Tuning is <= 0)
        {
            return NotComputable.InvalidInput;
        }

        if (standardError <= 0)
            return NotComputable.ZeroVariance;
        if (!(units > 0))
            return NotComputable.EmptyArm;
        var error = standardError / Math.Sqrt(1 + factor);
        var size = Math.Abs(effect);
        if (rule.Prior is { } known)
        {
            var edge = StandardNormal.Critical(rule.Alpha) * Math.Sqrt(1 + error * error / known.Variance);
            return Power.TwoTails(edge, size / error + known.Mean * error / known.Variance);
        }

        var critical = rule.Tuning is { } tuning ? Sequential.Multiplier(units * (1 + factor), rule.Alpha, tuning) : StandardNormal.Critical(rule.Alpha);
        return Power.TwoTails(critical, size / error);
    }

    /// <summary>The multiple of today's users that has to be added; 0 when those of today are enough.</summary>
    public static Computed<double> MoreUsers(double effect, double standardError, double units, DecisionRule rule, double power = 0.8)
    {
        if (power is not (> 0 and < 1))
            return NotComputable.InvalidInput;
        var today = PowerAfter(0, effect, standardError, units, rule);
        if (!today.IsDefined || today.Value >= power)
            return today.Then(_ => 0.0);
        if (effect == 0)
            return NotComputable.ZeroEffect;
        double Missing(double factor) => PowerAfter(factor, effect, standardError, units, rule).Value - power;
        var high = 1.0;
        while (Missing(high) < 0)
        {
            high *= 2;
            if (high > Ceiling)
                return NotComputable.NotReachable;
        }

        return Brent.FindRoot(Missing, high > 1 ? high / 2 : 0, high, 1e-12 * high, 200);
    }
}
