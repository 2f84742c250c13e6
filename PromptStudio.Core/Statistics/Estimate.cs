using PromptStudio.Core.Statistics.Distributions;

namespace PromptStudio.Core.Statistics;

/// <summary>Which differences count as evidence.</summary>
public enum Alternative
{
    /// <summary>Both.</summary>
    TwoSided,

    /// <summary>Treatment larger than control.</summary>
    Greater,

    /// <summary>Treatment smaller than control.</summary>
    Less,
}

/// <summary>From … to; an end that is not bounded is infinite.</summary>
public readonly record struct Interval(double Lower, double Upper)
{
    public bool Contains(double value) => Lower <= value && value <= Upper;
}

/// <summary>An effect (always treatment minus control) with what chance does to it.</summary>
/// <param name="Effect">The difference.</param>
/// <param name="StandardError">Its standard error.</param>
/// <param name="Statistic">Effect by standard error: z, or t when there are degrees of freedom.</param>
/// <param name="DegreesOfFreedom">Of Student's t; null when the normal distribution is used.</param>
/// <param name="P">Probability of so much evidence without a difference.</param>
/// <param name="Log10P">Its logarithm to base 10, there also when <paramref name="P"/> is too small for a number.</param>
/// <param name="Interval">The differences that the data do not speak against.</param>
/// <param name="Alternative">What counts as evidence.</param>
public sealed record Estimate(
    double Effect, double StandardError, double Statistic, double? DegreesOfFreedom, double P, double Log10P, Interval Interval, Alternative Alternative)
{
    public double Lower => Interval.Lower;

    public double Upper => Interval.Upper;

    /// <summary>The p that only a larger treatment counts for.</summary>
    public double PGreater => StudentT.Upper(Statistic, DegreesOfFreedom ?? double.PositiveInfinity);

    /// <summary>The p that only a smaller treatment counts for.</summary>
    public double PLess => StudentT.Lower(Statistic, DegreesOfFreedom ?? double.PositiveInfinity);

    /// <summary>From an effect and its error; without degrees of freedom by the normal distribution.</summary>
    public static Computed<Estimate> Of(
        double effect, double standardError, double alpha, double? degreesOfFreedom = null, Alternative alternative = Alternative.TwoSided)
    {
        if (!double.IsFinite(effect) || !double.IsFinite(standardError))
            return NotComputable.InvalidInput;
        if (standardError <= 0)
            return NotComputable.ZeroVariance;
        var freedom = degreesOfFreedom ?? double.PositiveInfinity;
        var statistic = effect / standardError;
        var logP = alternative switch
        {
            Alternative.Greater => StudentT.LogUpper(statistic, freedom),
            Alternative.Less => StudentT.LogUpper(-statistic, freedom),
            _ => Math.Min(0, Math.Log(2) + StudentT.LogUpper(Math.Abs(statistic), freedom)),
        };
        var p = alternative switch
        {
            Alternative.Greater => StudentT.Upper(statistic, freedom),
            Alternative.Less => StudentT.Lower(statistic, freedom),
            _ => StudentT.TwoSided(statistic, freedom),
        };
        var reach = StudentT.UpperQuantile(alternative is Alternative.TwoSided ? alpha / 2 : alpha, freedom) * standardError;
        var interval = new Interval(
            alternative is Alternative.Less ? double.NegativeInfinity : effect - reach,
            alternative is Alternative.Greater ? double.PositiveInfinity : effect + reach);
        return new Estimate(effect, standardError, statistic, degreesOfFreedom, p, logP / Math.Log(10), interval, alternative);
    }
}
