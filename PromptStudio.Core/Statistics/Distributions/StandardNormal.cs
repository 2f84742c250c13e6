using MathNet.Numerics;

namespace PromptStudio.Core.Statistics.Distributions;

/// <summary>The normal distribution with mean 0 and variance 1; tails are right down to the smallest number that there is.</summary>
public static class StandardNormal
{
    private const double Sqrt2 = 1.4142135623730951;

    /// <summary>Height of the bell at z.</summary>
    public static double Density(double z) => Math.Exp(LogDensity(z));

    /// <summary>P(Z ≤ z).</summary>
    public static double Lower(double z) => Upper(-z);

    /// <summary>P(Z &gt; z), never as 1 − P(Z ≤ z), which is 0 from z = 8.3.</summary>
    public static double Upper(double z) => z < 6 ? 0.5 * SpecialFunctions.Erfc(z / Sqrt2) : Math.Exp(LogUpper(z));

    /// <summary>ln P(Z &gt; z), right where P(Z &gt; z) itself is too small for a number.</summary>
    public static double LogUpper(double z) => z switch
    {
        < -1 => Exact.LogOnePlus(-Upper(-z)),
        < 6 => Math.Log(Upper(z)),
        double.PositiveInfinity => double.NegativeInfinity,
        _ => LogDensity(z) + Math.Log(Mills(z)),
    };

    /// <summary>P(|Z| &gt; |z|).</summary>
    public static double TwoSided(double z) => Math.Min(1, 2 * Upper(Math.Abs(z)));

    /// <summary>The z with P(Z &gt; z) = q.</summary>
    public static double UpperQuantile(double q)
    {
        if (q is <= 0 or >= 1 || double.IsNaN(q))
            return q == 0 ? double.PositiveInfinity : q == 1 ? double.NegativeInfinity : throw new ArgumentOutOfRangeException(nameof(q), q, "From 0 to 1.");
        if (q > 0.5)
            return -UpperQuantile(1 - q);
        if (q == 0.5)
            return 0;
        var target = Math.Log(q);
        return Exact.Root(z => (LogUpper(z) - target, -Math.Exp(LogDensity(z) - LogUpper(z))), 0, 40, Math.Max(0.01, Sqrt2 * SpecialFunctions.ErfcInv(2 * q)));
    }

    /// <summary>The z that |Z| exceeds with probability <paramref name="alpha"/>: 1.96 for 0.05.</summary>
    public static double Critical(double alpha) => UpperQuantile(alpha / 2);

    private static double LogDensity(double z) => -0.5 * z * z - Exact.HalfLogTwoPi;

    /// <summary>Upper tail by density, by Laplace's continued fraction.</summary>
    private static double Mills(double z)
    {
        var fraction = z;
        for (var k = z < 8 ? 60 : z < 15 ? 30 : 15; k > 0; k--)
            fraction = z + k / fraction;
        return 1 / fraction;
    }
}
