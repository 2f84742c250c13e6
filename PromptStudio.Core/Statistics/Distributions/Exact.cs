namespace PromptStudio.Core.Statistics.Distributions;

/// <summary>The parts that keep tails right where the textbook formula loses its digits.</summary>
internal static class Exact
{
    /// <summary>½ ln 2π.</summary>
    public const double HalfLogTwoPi = 0.918938533204672741780329736406;

    /// <summary>ln(1 + x), also for tiny x (Kahan's correction).</summary>
    public static double LogOnePlus(double x)
    {
        var sum = 1 + x;
        return sum == 1 ? x : double.IsInfinity(sum) || sum <= 0 ? Math.Log(sum) : Math.Log(sum) * (x / (sum - 1));
    }

    /// <summary>eˣ − 1, also for tiny x (Kahan's correction).</summary>
    public static double ExpMinusOne(double x)
    {
        var power = Math.Exp(x);
        return power == 1 ? x : power - 1 == -1 || double.IsInfinity(power) ? power - 1 : (power - 1) * (x / Math.Log(power));
    }

    /// <summary>ln(1 − eˣ) for x &lt; 0.</summary>
    public static double LogOneMinusExp(double x) => x > -0.6931471805599453 ? Math.Log(-ExpMinusOne(x)) : LogOnePlus(-Math.Exp(x));

    /// <summary>What Stirling's formula leaves out: ln Γ(z) − [(z − ½) ln z − z + ½ ln 2π].</summary>
    public static double StirlingError(double z)
    {
        var shifted = 0.0;
        for (; z < 16; z++)
            shifted += (z + 0.5) * LogOnePlus(1 / z) - 1;
        var square = 1 / (z * z);
        return shifted + (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square * (1.0 / 1680 - square * (1.0 / 1188 - square * 691.0 / 360360))))) / z;
    }

    /// <summary>ln Γ(z) for z &gt; 0.</summary>
    public static double LogGamma(double z) => (z - 0.5) * Math.Log(z) - z + HalfLogTwoPi + StirlingError(z);

    /// <summary>x ln(x/m) + m − x without cancellation. Loader, Fast and accurate computation of binomial probabilities, 2000.</summary>
    public static double Deviance(double x, double m)
    {
        if (x == 0)
            return m;
        if (Math.Abs(x - m) >= 0.1 * (x + m))
            return x * Math.Log(x / m) + m - x;
        var v = (x - m) / (x + m);
        var sum = (x - m) * v;
        var term = 2 * x * v;
        for (var j = 1; j < 1000; j++)
        {
            term *= v * v;
            var next = sum + term / (2 * j + 1);
            if (next == sum)
                break;
            sum = next;
        }

        return sum;
    }

    /// <summary>The argument at which a falling function is 0, by Newton's steps kept inside a bracket. The function gives value and slope.</summary>
    public static double Root(Func<double, (double Value, double Slope)> falling, double low, double high, double start)
    {
        var x = start > low && start < high ? start : low + (high - low) / 2;
        for (var step = 0; step < 300; step++)
        {
            var (value, slope) = falling(x);
            if (value == 0)
                return x;
            if (value > 0)
                low = x;
            else
                high = x;
            var next = x - value / slope;
            if (!(next > low && next < high))
                next = low + (high - low) / 2;
            if (Math.Abs(next - x) <= 4e-16 * Math.Abs(next))
                return next;
            x = next;
        }

        return x;
    }
}
