using PromptStudio.Core.Statistics.Distributions;

namespace PromptStudio.Core.Statistics;

/// <summary>A chi-square statistic with its upper tail, also as a logarithm for tails below 1e-308.</summary>
public sealed record ChiSquareTest(double Statistic, int DegreesOfFreedom, double P, double Log10P)
{
    public static ChiSquareTest Of(double statistic, int degreesOfFreedom) => new(
        statistic, degreesOfFreedom,
        ChiSquare.Upper(statistic, degreesOfFreedom), ChiSquare.LogUpper(statistic, degreesOfFreedom) / Math.Log(10));
}
