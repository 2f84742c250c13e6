using PromptStudio.Core.Statistics.Distributions;

namespace PromptStudio.Core.Statistics;

/// <summary>Whether treatment's values tend to be larger, whatever their distribution: the rank test of Mann and Whitney. One value a user.</summary>
/// <param name="UControl">Pairs in which control is larger; ties count half.</param>
/// <param name="UTreatment">Pairs in which treatment is larger.</param>
/// <param name="Superiority">Share of them: 0.5 when neither is.</param>
/// <param name="Shift">Hodges and Lehmann's estimate: median of all differences treatment − control.</param>
/// <param name="Asymptotic">p by the normal distribution, corrected for ties and for continuity.</param>
/// <param name="AsymptoticPlain">The same without continuity correction.</param>
/// <param name="Exact">p by counting all orders; not with ties.</param>
/// <param name="ExactGreater">The same for a larger treatment only.</param>
public sealed record MannWhitney(
    double UControl, double UTreatment, double Superiority, double Shift,
    Computed<double> Asymptotic, Computed<double> AsymptoticPlain, Computed<double> Exact, Computed<double> ExactGreater)
{
    /// <summary>Work that the exact distribution may take: n · m · (n + m).</summary>
    private const double LargestExact = 50_000_000;

    public static Computed<MannWhitney> Of(IReadOnlyList<double> control, IReadOnlyList<double> treatment)
    {
        if (control.Count == 0 || treatment.Count == 0)
            return NotComputable.EmptyArm;
        if (control.Concat(treatment).Any(value => !double.IsFinite(value)))
            return NotComputable.InvalidInput;
        double n = control.Count, m = treatment.Count, all = n + m;
        var (rankSum, ties) = Ranks(control, treatment);
        var u = rankSum - m * (m + 1) / 2;
        var larger = Math.Max(u, n * m - u);
        var deviation = Math.Sqrt(Math.Max(0, n * m / 12 * (all + 1 - ties / (all * (all - 1)))));
        var tied = deviation == 0 || ties >= all * all * all - all;
        Computed<double> Tail(double correction) =>
            tied ? NotComputable.AllValuesTied : StandardNormal.TwoSided(Math.Max(0, larger - n * m / 2 - correction) / deviation);
        var (exact, exactGreater) = ByCounting(control.Count, treatment.Count, u, ties > 0);
        return new MannWhitney(
            n * m - u, u, u / (n * m), HodgesLehmann([.. control.Order()], [.. treatment.Order()]),
            Tail(0.5), Tail(0), exact, exactGreater);
    }

    private static (double RankSum, double Ties) Ranks(IReadOnlyList<double> control, IReadOnlyList<double> treatment)
    {
        var values = control.Select(value => (Value: value, Treated: false)).Concat(treatment.Select(value => (Value: value, Treated: true)))
            .OrderBy(one => one.Value).ToArray();
        double rankSum = 0, ties = 0;
        for (var start = 0; start < values.Length;)
        {
            var end = start;
            var treated = 0;
            for (; end < values.Length && values[end].Value == values[start].Value; end++)
                treated += values[end].Treated ? 1 : 0;
            double length = end - start;
            rankSum += treated * (start + 1 + end) / 2.0;
            ties += length * length * length - length;
            start = end;
        }

        return (rankSum, ties);
    }

    private static (Computed<double> TwoSided, Computed<double> Greater) ByCounting(int n, int m, double u, bool ties)
    {
        if (ties)
            return (NotComputable.TiedValues, NotComputable.TiedValues);
        if ((double)n * m * (n + m) > LargestExact)
            return (NotComputable.TooLarge, NotComputable.TooLarge);
        // Shares of the orders with each U, by the generating function ∏ (1 − q^(n+j)) / (1 − q^j): each factor one pass up, one pass down.
        var shares = new double[n * m + 1];
        shares[0] = 1;
        for (var j = 1; j <= m; j++)
        {
            for (var k = shares.Length - 1; k >= n + j; k--)
                shares[k] -= shares[k - n - j];
            for (var k = j; k < shares.Length; k++)
                shares[k] += shares[k - j];
            var scale = (double)j / (n + j);
            for (var k = 0; k < shares.Length; k++)
                shares[k] *= scale;
        }

        double Upper(double from) => Math.Min(1, shares.Skip((int)Math.Ceiling(from)).Sum());
        return (Math.Min(1, 2 * Upper(Math.Max(u, (double)n * m - u))), Upper(u));
    }

    /// <summary>The median of all differences, by halving the range of numbers: two sorted walks a step instead of n · m differences.</summary>
    private static double HodgesLehmann(double[] control, double[] treatment)
    {
        var pairs = (long)control.Length * treatment.Length;
        var lower = Select((pairs - 1) / 2);
        return pairs % 2 == 1 ? lower : (lower + Select(pairs / 2)) / 2;

        double Select(long rank)
        {
            var (low, high) = (Order(treatment[0] - control[^1]), Order(treatment[^1] - control[0]));
            while (low < high)
            {
                var middle = low + (long)((ulong)(high - low) / 2);
                if (AtMost(FromOrder(middle)) > rank)
                    high = middle;
                else
                    low = middle + 1;
            }

            return FromOrder(low);
        }

        long AtMost(double limit)
        {
            var (count, c) = (0L, control.Length - 1);
            // The larger treatment's value, the larger control's must be.
            var below = 0;
            for (var t = 0; t < treatment.Length; t++)
            {
                while (below < control.Length && treatment[t] - control[below] > limit)
                    below++;
                count += c + 1 - below;
            }

            return count;
        }
    }

    /// <summary>Numbers as integers in the same order.</summary>
    private static long Order(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        return bits >= 0 ? bits : long.MinValue - bits;
    }

    private static double FromOrder(long order) => BitConverter.Int64BitsToDouble(order >= 0 ? order : long.MinValue - order);
}
