namespace PromptStudio.Core.Statistics.Distributions;

/// <summary>The beta distribution, and with it Student's t, the binomial and the posterior of a rate.</summary>
/// <remarks>
/// The continued fraction of the incomplete beta function (DLMF 8.17.22) behind a prefactor in Loader's form: right to 1e-13 also with
/// parameters of millions, where the difference of three log-gammas has 1e-9.
/// </remarks>
public static class BetaDistribution
{
    private const int MostSteps = 1_000_000;

    /// <summary>P(X ≤ x).</summary>
    public static double Lower(double a, double b, double x) => x <= 0 ? 0 : x >= 1 ? 1 : Math.Exp(LogLower(a, b, x, 1 - x));

    /// <summary>P(X &gt; x).</summary>
    public static double Upper(double a, double b, double x) => x <= 0 ? 1 : x >= 1 ? 0 : Math.Exp(LogLower(b, a, 1 - x, x));

    /// <summary>The x with P(X ≤ x) = p.</summary>
    public static double LowerQuantile(double a, double b, double p)
    {
        if (p is 0 or 1)
            return p;
        // In ln(x/(1−x)), and by the smaller tail, so that both ends keep their digits.
        var upper = p > Lower(a, b, a / (a + b));
        var target = upper ? Exact.LogOnePlus(-p) : Math.Log(p);
        var logit = Exact.Root(
            u =>
            {
                var (x, y) = (1 / (1 + Math.Exp(-u)), 1 / (1 + Math.Exp(u)));
                var tail = upper ? LogLower(b, a, y, x) : LogLower(a, b, x, y);
                var slope = -Math.Exp(LogPrefactor(a, b, x, y) - tail);
                return upper ? (tail - target, slope) : (target - tail, slope);
            },
            -700, 700, Math.Log(a / b));
        return 1 / (1 + Math.Exp(-logit));
    }

    /// <summary>ln P(X ≤ x), where y is 1 − x with all its digits.</summary>
    internal static double LogLower(double a, double b, double x, double y)
    {
        if (x <= 0)
            return double.NegativeInfinity;
        if (y <= 0)
            return 0;
        if (x < (a + 1) / (a + b + 2))
            return LogPrefactor(a, b, x, y) + Math.Log(Fraction(a, b, x) / a);
        var other = LogPrefactor(b, a, y, x) + Math.Log(Fraction(b, a, y) / b);
        return other >= 0 ? double.NegativeInfinity : Exact.LogOneMinusExp(other);
    }

    /// <summary>ln [xᵃ yᵇ / B(a, b)].</summary>
    internal static double LogPrefactor(double a, double b, double x, double y)
    {
        var n = a + b;
        return -Exact.Deviance(a, n * x) - Exact.Deviance(b, n * y) + 0.5 * Math.Log(a / n * b) - Exact.HalfLogTwoPi
            - Exact.StirlingError(a) - Exact.StirlingError(b) + Exact.StirlingError(n);
    }

    /// <summary>Lentz's evaluation of the continued fraction.</summary>
    private static double Fraction(double a, double b, double x)
    {
        const double tiny = 1e-300;
        var c = 1.0;
        var d = 1 - (a + b) * x / (a + 1);
        d = 1 / (Math.Abs(d) < tiny ? tiny : d);
        var fraction = d;
        for (var m = 1; m < MostSteps; m++)
        {
            var even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d = 1 + even * d;
            d = 1 / (Math.Abs(d) < tiny ? tiny : d);
            c = 1 + even / c;
            c = Math.Abs(c) < tiny ? tiny : c;
            fraction *= d * c;
            var odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = 1 + odd * d;
            d = 1 / (Math.Abs(d) < tiny ? tiny : d);
            c = 1 + odd / c;
            c = Math.Abs(c) < tiny ? tiny : c;
            var step = d * c;
            fraction *= step;
            if (Math.Abs(step - 1) < 3e-16)
                break;
        }

        return fraction;
    }
}
