using PromptStudio.Core.Statistics.Distributions;

namespace PromptStudio.Core.Statistics;

/// <summary>Fisher's exact test of two rates: right for any counts, e.g. for arms without a success.</summary>
/// <param name="PTwoSided">All tables that are no likelier than the one seen.</param>
/// <param name="PGreater">Treatment's successes as many or more.</param>
/// <param name="PLess">As many or fewer.</param>
/// <param name="OddsRatio">Odds of treatment by odds of control, as seen; infinite when control's are 0.</param>
public sealed record FisherExact(double PTwoSided, double PGreater, double PLess, Computed<double> OddsRatio)
{
    public static Computed<FisherExact> Of(ProportionArm control, ProportionArm treatment)
    {
        if (!control.IsValid || !treatment.IsValid)
            return NotComputable.InvalidInput;
        // Without a unit there is one table only, and it is certain.
        if (control.Count == 0 || treatment.Count == 0)
            return new FisherExact(1, 1, 1, NotComputable.EmptyArm);
        var table = new Table(treatment.Count, control.Count, treatment.Successes + control.Successes);
        var seen = treatment.Successes;
        var mode = (long)Math.Floor((table.Draws + 1.0) * (table.First + 1.0) / (table.First + table.Second + 2.0));
        mode = Math.Clamp(mode, table.Lowest, table.Highest);
        var (less, greater) = (table.Tail(seen, -1, mode), table.Tail(seen, 1, mode));
        // Tables as likely as the one seen count, whatever their last digit was rounded to.
        var limit = table.LogMass(seen) + 1e-9;
        double both;
        if (table.LogMass(mode) <= limit)
            both = 1;
        else if (seen < mode)
            both = less + (table.Cross(mode, table.Highest, limit) is var k && k <= table.Highest ? table.Tail(k, 1, mode) : 0);
        else
            both = greater + (table.Cross(mode, table.Lowest, limit) is var k && k >= table.Lowest ? table.Tail(k, -1, mode) : 0);
        return new FisherExact(Math.Min(1, both), greater, less, Odds(control, treatment));
    }

    private static Computed<double> Odds(ProportionArm control, ProportionArm treatment)
    {
        var up = (double)treatment.Successes * (control.Count - control.Successes);
        var down = (double)(treatment.Count - treatment.Successes) * control.Successes;
        return up == 0 && down == 0 ? NotComputable.ZeroPooledVariance : up / down;
    }

    /// <summary>The hypergeometric distribution of the first arm's successes, given all margins.</summary>
    private sealed record Table(long First, long Second, long Draws)
    {
        public long Lowest => Math.Max(0, Draws - Second);

        public long Highest => Math.Min(Draws, First);

        /// <summary>ln of a count's probability, by three binomials in Loader's form.</summary>
        public double LogMass(long k)
        {
            var rate = (double)Draws / (First + Second);
            return LogBinomial(k, First, rate) + LogBinomial(Draws - k, Second, rate) - LogBinomial(Draws, First + Second, rate);
        }

        /// <summary>The sum from a count outwards in a direction; towards the mode by what is left over.</summary>
        public double Tail(long from, int direction, long mode)
        {
            if (from < Lowest || from > Highest)
                return (direction > 0) == (from < Lowest) ? 1 : 0;
            if ((mode - from) * direction > 0)
                return Math.Clamp(1 - Outwards(from - direction, -direction), 0, 1);
            return Math.Min(1, Outwards(from, direction));
        }

        /// <summary>The first count from the mode towards an end that is no likelier than a limit; one past the end when there is none.</summary>
        public long Cross(long mode, long end, double limit)
        {
            var direction = Math.Sign(end - mode);
            var (near, far) = (0L, Math.Abs(end - mode) + 1);
            while (far - near > 1)
            {
                var middle = near + (far - near) / 2;
                if (LogMass(mode + direction * middle) <= limit)
                    far = middle;
                else
                    near = middle;
            }

            return direction == 0 ? mode + (end == Highest ? 1 : -1) : mode + direction * far;
        }

        private double Outwards(long from, int direction)
        {
            if (from < Lowest || from > Highest)
                return 0;
            var (sum, term) = (1.0, 1.0);
            for (var k = from; ;)
            {
                double a = k, stay = Second - Draws + a;
                var ratio = direction > 0 ? (First - a) * (Draws - a) / ((a + 1) * (stay + 1)) : a * stay / ((First - a + 1) * (Draws - a + 1));
                k += direction;
                if (k < Lowest || k > Highest)
                    break;
                term *= ratio;
                sum += term;
                if (term < sum * 1e-18)
                    break;
            }

            return Math.Exp(LogMass(from) + Math.Log(sum));
        }

        private static double LogBinomial(double k, double n, double rate)
        {
            if (n == 0 || rate is <= 0 or >= 1)
                return 0;
            if (k == 0)
                return n * Exact.LogOnePlus(-rate);
            if (k == n)
                return n * Math.Log(rate);
            return Exact.StirlingError(n) - Exact.StirlingError(k) - Exact.StirlingError(n - k)
                - Exact.Deviance(k, n * rate) - Exact.Deviance(n - k, n * (1 - rate)) + 0.5 * Math.Log(n / k / (n - k)) - Exact.HalfLogTwoPi;
        }
    }
}
