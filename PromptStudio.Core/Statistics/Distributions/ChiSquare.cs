namespace PromptStudio.Core.Statistics.Distributions;

/// <summary>The chi-square distribution's upper tail.</summary>
/// <remarks>Series and continued fraction of the incomplete gamma function (DLMF 8.7.1, 8.9.2), as logarithms.</remarks>
public static class ChiSquare
{
    /// <summary>P(X &gt; x).</summary>
    public static double Upper(double x, double degreesOfFreedom) => Math.Exp(LogUpper(x, degreesOfFreedom));

    /// <summary>ln P(X &gt; x).</summary>
    public static double LogUpper(double x, double degreesOfFreedom)
    {
        if (x <= 0)
            return 0;
        if (double.IsPositiveInfinity(x))
            return double.NegativeInfinity;
        var (a, half) = (degreesOfFreedom / 2, x / 2);
        var prefactor = -Exact.Deviance(a, half) + 0.5 * Math.Log(a) - Exact.HalfLogTwoPi - Exact.StirlingError(a);
        return half < a + 1 ? Exact.LogOnePlus(-Math.Min(1, Math.Exp(prefactor) * Series(a, half))) : prefactor + Math.Log(Fraction(a, half));
    }

    private static double Series(double a, double x)
    {
        var (term, sum) = (1 / a, 1 / a);
        for (var n = 1; n < 1_000_000 && term > sum * 1e-17; n++)
        {
            term *= x / (a + n);
            sum += term;
        }

        return sum;
    }

    private static double Fraction(double a, double x)
    {
        const double tiny = 1e-300;
        var b = x + 1 - a;
        var c = 1 / tiny;
        var d = 1 / b;
        var fraction = d;
        for (var n = 1; n < 1_000_000; n++)
        {
            var term = -n * (n - a);
            b += 2;
            d = term * d + b;
            d = 1 / (Math.Abs(d) < tiny ? tiny : d);
            c = b + term / c;
            c = Math.Abs(c) < tiny ? tiny : c;
            var step = d * c;
            fraction *= step;
            if (Math.Abs(step - 1) < 3e-16)
                break;
        }

        return fraction;
    }
}
