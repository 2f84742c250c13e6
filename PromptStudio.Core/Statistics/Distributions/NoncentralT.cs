namespace PromptStudio.Core.Statistics.Distributions;

/// <summary>Student's t around a true effect: what the exact power of a t test needs and MathNet lacks.</summary>
public static class NoncentralT
{
    /// <summary>P(T &gt; t) with noncentrality δ.</summary>
    /// <remarks>
    /// ∫ P(Z &gt; t s − δ) f(s) ds over s = √(χ²/ν), in ln s by the trapezoidal rule, which converges exponentially there; the weights' own sum normalises them.
    /// </remarks>
    public static double Upper(double t, double degreesOfFreedom, double noncentrality) =>
        Over(degreesOfFreedom, scale => StandardNormal.Upper(t * scale - noncentrality));

    /// <summary>P(T ≤ t) with noncentrality δ.</summary>
    public static double Lower(double t, double degreesOfFreedom, double noncentrality) =>
        Over(degreesOfFreedom, scale => StandardNormal.Lower(t * scale - noncentrality));

    /// <summary>The mean of a function of √(χ²/ν).</summary>
    internal static double Over(double degreesOfFreedom, Func<double, double> function)
    {
        if (degreesOfFreedom > 1e12)
            return function(1);
        var step = 1 / Math.Sqrt(2 * degreesOfFreedom) / 8;
        double mass = 0, sum = 0;
        foreach (var direction in (ReadOnlySpan<int>)[-1, 1])
        {
            for (var k = direction < 0 ? 1 : 0; k < 100_000; k++)
            {
                var logScale = direction * k * step;
                // ln of the density over its height at scale 1.
                var log = degreesOfFreedom * (logScale - Exact.ExpMinusOne(2 * logScale) / 2);
                if (log < -60)
                    break;
                var weight = Math.Exp(log);
                mass += weight;
                sum += weight * function(Math.Exp(logScale));
            }
        }

        return sum / mass;
    }
}
