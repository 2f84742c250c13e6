namespace PromptStudio.Core.Statistics.Distributions;

/// <summary>Student's t with any positive degrees of freedom; tails are right down to 1e-300 and as logarithms beyond.</summary>
public static class StudentT
{
    /// <summary>P(T &gt; t).</summary>
    public static double Upper(double t, double degreesOfFreedom) => Math.Exp(LogUpper(t, degreesOfFreedom));

    /// <summary>P(T ≤ t).</summary>
    public static double Lower(double t, double degreesOfFreedom) => Upper(-t, degreesOfFreedom);

    /// <summary>P(|T| &gt; |t|).</summary>
    public static double TwoSided(double t, double degreesOfFreedom) => Math.Min(1, 2 * Upper(Math.Abs(t), degreesOfFreedom));

    /// <summary>ln P(T &gt; t).</summary>
    public static double LogUpper(double t, double degreesOfFreedom)
    {
        if (double.IsPositiveInfinity(degreesOfFreedom))
            return StandardNormal.LogUpper(t);
        if (t < 0)
            return Exact.LogOneMinusExp(LogUpper(-t, degreesOfFreedom));
        if (t == 0)
            return Math.Log(0.5);
        var root = t / Math.Sqrt(degreesOfFreedom);
        // Here 1/(1 + t²/ν) has lost its digits, and the mean over the variance's distribution is quick and exact.
        if (degreesOfFreedom > 1e5 && t * t < 4 * Math.Sqrt(2 * degreesOfFreedom))
        {
            var normal = StandardNormal.LogUpper(t);
            return normal + Math.Log(NoncentralT.Over(degreesOfFreedom, scale => Math.Exp(StandardNormal.LogUpper(t * scale) - normal)));
        }

        if (root > 1e100)
            return FarTail(root, degreesOfFreedom / 2);
        var square = root * root;
        return Math.Log(0.5) + BetaDistribution.LogLower(degreesOfFreedom / 2, 0.5, 1 / (1 + square), square / (1 + square));
    }

    /// <summary>The t with P(T &gt; t) = q.</summary>
    public static double UpperQuantile(double q, double degreesOfFreedom)
    {
        if (double.IsPositiveInfinity(degreesOfFreedom))
            return StandardNormal.UpperQuantile(q);
        if (q is <= 0 or >= 1 || double.IsNaN(q))
            return q == 0 ? double.PositiveInfinity : q == 1 ? double.NegativeInfinity : throw new ArgumentOutOfRangeException(nameof(q), q, "From 0 to 1.");
        if (q > 0.5)
            return -UpperQuantile(1 - q, degreesOfFreedom);
        if (q == 0.5)
            return 0;
        var target = Math.Log(q);
        // In ln t: with few degrees of freedom t can be astronomic.
        var logT = Exact.Root(
            u =>
            {
                var t = Math.Exp(u);
                var tail = LogUpper(t, degreesOfFreedom);
                return (tail - target, -Math.Exp(LogDensity(t, degreesOfFreedom) + u - tail));
            },
            -745, 709, Math.Log(StandardNormal.UpperQuantile(q)));
        return Math.Exp(logT);
    }

    /// <summary>The t that |T| exceeds with probability <paramref name="alpha"/>.</summary>
    public static double Critical(double alpha, double degreesOfFreedom) => UpperQuantile(alpha / 2, degreesOfFreedom);

    private static double LogDensity(double t, double degreesOfFreedom)
    {
        var square = t / Math.Sqrt(degreesOfFreedom) * (t / Math.Sqrt(degreesOfFreedom));
        return double.IsInfinity(square) || square == 0
            ? FarTail(t / Math.Sqrt(degreesOfFreedom), degreesOfFreedom / 2) + Math.Log(degreesOfFreedom / t)
            : BetaDistribution.LogPrefactor(degreesOfFreedom / 2, 0.5, 1 / (1 + square), square / (1 + square)) - Math.Log(t);
    }

    /// <summary>The first term of the tail, where the next is nothing beside it: x^a / (2 a B(a, ½)) with x = 1/root².</summary>
    private static double FarTail(double root, double a) =>
        -2 * a * Math.Log(root) - Math.Log(2 * a) - (Exact.LogGamma(a) + Exact.LogGamma(0.5) - Exact.LogGamma(a + 0.5));
}
