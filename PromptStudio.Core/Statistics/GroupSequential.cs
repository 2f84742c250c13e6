using MathNet.Numerics.Integration;
using MathNet.Numerics.RootFinding;
using PromptStudio.Core.Statistics.Distributions;

namespace PromptStudio.Core.Statistics;

/// <summary>How a plan of equally spaced looks spreads its alpha.</summary>
public enum BoundaryShape
{
    /// <summary>Strict at first, almost the plain test at the end: cₖ = C √(K/k).</summary>
    OBrienFleming,

    /// <summary>The same boundary at every look.</summary>
    Pocock,
}

/// <summary>How alpha is spent over information, when looks come as they come. Lan, DeMets 1983.</summary>
public enum AlphaSpending
{
    /// <summary>2 − 2 Φ(z / √t).</summary>
    OBrienFleming,

    /// <summary>α ln(1 + (e − 1) t).</summary>
    Pocock,
}

/// <summary>A plan of looks.</summary>
/// <param name="Constant">The boundary's constant; of the last look, when alpha is spent.</param>
/// <param name="Boundaries">|z| from which each look rejects.</param>
/// <param name="CumulativeAlpha">Chance of a false rejection up to each look.</param>
public sealed record LookPlan(double Constant, IReadOnlyList<double> Boundaries, IReadOnlyList<double> CumulativeAlpha)
{
    /// <summary>The plain p that corresponds to each boundary.</summary>
    public IReadOnlyList<double> NominalP(bool twoSided = true) =>
        [.. Boundaries.Select(z => twoSided ? StandardNormal.TwoSided(z) : StandardNormal.Upper(z))];
}

/// <summary>Tests with a planned number of looks: Armitage, McPherson, Rowe 1969; Jennison, Turnbull 2000, chapter 19.</summary>
public static class GroupSequential
{
    /// <summary>Looks that a plan may have.</summary>
    public const int MostLooks = 100;

    private const int Nodes = 96;

    /// <summary>The plan of a shape for so many equally spaced looks.</summary>
    public static Computed<LookPlan> Plan(BoundaryShape shape, int looks, double alpha = 0.05, bool twoSided = true)
    {
        if (looks is < 1 or > MostLooks || alpha is not (> 0 and < 1))
            return NotComputable.InvalidInput;
        var times = Enumerable.Range(1, looks).Select(k => (double)k / looks).ToArray();
        double[] Boundaries(double constant) => [.. times.Select(t => shape is BoundaryShape.Pocock ? constant : constant / Math.Sqrt(t))];
        var plain = StandardNormal.UpperQuantile(twoSided ? alpha / 2 : alpha);
        // Bonferroni's is the most that can be needed.
        var most = StandardNormal.UpperQuantile((twoSided ? alpha / 2 : alpha) / looks) + 0.01;
        var constant = looks == 1 ? plain : Brent.FindRoot(c => Crossing(times, Boundaries(c), twoSided)[^1] - alpha, plain - 1e-6, most, 1e-12, 200);
        return new LookPlan(constant, Boundaries(constant), Crossing(times, Boundaries(constant), twoSided));
    }

    /// <summary>The boundaries that spend alpha at given fractions of the planned information.</summary>
    /// <remarks>A two-sided plan is two one-sided ones at α/2 each.</remarks>
    public static Computed<LookPlan> Spend(AlphaSpending spending, IReadOnlyList<double> fractions, double alpha = 0.05, bool twoSided = true)
    {
        if (fractions.Count is 0 or > MostLooks || alpha is not (> 0 and < 1) || fractions.Any(t => t is not (> 0 and <= 1))
            || fractions.Zip(fractions.Skip(1)).Any(pair => pair.First >= pair.Second))
            return NotComputable.InvalidInput;
        var sides = twoSided ? 2 : 1;
        var side = alpha / sides;
        double Spent(double t) => spending is AlphaSpending.Pocock
            ? side * Math.Log(1 + (Math.E - 1) * t)
            : 2 * StandardNormal.Upper(StandardNormal.Critical(side) / Math.Sqrt(t));
        var walk = new Walk(twoSided);
        var boundaries = new List<double>();
        var spent = 0.0;
        foreach (var t in fractions)
        {
            var target = Spent(t) * sides - spent;
            double Excess(double z) => walk.Exit(t, z) - target;
            var boundary = Excess(40) >= 0 ? 40 : Brent.FindRoot(Excess, twoSided ? 0 : -10, 40, 1e-12, 300);
            boundaries.Add(boundary);
            walk.Step(t, boundary);
            spent = Spent(t) * sides;
        }

        return new LookPlan(boundaries[^1], boundaries, [.. fractions.Select(t => Spent(t) * sides)]);
    }

    /// <summary>How often a plain test rejects wrongly when it is looked at so many times: 14 % with five looks at 5 %.</summary>
    public static Computed<double> Peeking(int looks, double nominalAlpha = 0.05, bool twoSided = true)
    {
        if (looks is < 1 or > MostLooks || nominalAlpha is not (> 0 and < 1))
            return NotComputable.InvalidInput;
        var z = StandardNormal.UpperQuantile(twoSided ? nominalAlpha / 2 : nominalAlpha);
        return Crossing([.. Enumerable.Range(1, looks).Select(k => (double)k / looks)], [.. Enumerable.Repeat(z, looks)], twoSided)[^1];
    }

    private static double[] Crossing(double[] times, double[] boundaries, bool twoSided)
    {
        var (walk, sum, crossed) = (new Walk(twoSided), 0.0, new double[times.Length]);
        for (var look = 0; look < times.Length; look++)
        {
            crossed[look] = sum += walk.Exit(times[look], boundaries[look]);
            walk.Step(times[look], boundaries[look]);
        }

        return crossed;
    }

    /// <summary>Brownian motion that has stayed inside so far: its density on the nodes of Gauss and Legendre's rule.</summary>
    private sealed class Walk(bool twoSided)
    {
        private double _time;
        private double[] _places = [0];
        private double[] _masses = [1];

        /// <summary>Chance to be beyond the boundary at a time.</summary>
        public double Exit(double time, double boundary)
        {
            var (edge, spread, exit) = (boundary * Math.Sqrt(time), Math.Sqrt(time - _time), 0.0);
            for (var node = 0; node < _places.Length; node++)
            {
                exit += _masses[node] * StandardNormal.Upper((edge - _places[node]) / spread);
                if (twoSided)
                    exit += _masses[node] * StandardNormal.Upper((edge + _places[node]) / spread);
            }

            return exit;
        }

        public void Step(double time, double boundary)
        {
            var (edge, spread) = (boundary * Math.Sqrt(time), Math.Sqrt(time - _time));
            // Beyond nine deviations there is nothing to find.
            var reach = 9 * Math.Sqrt(time);
            var (low, high) = (twoSided ? -Math.Min(edge, reach) : -reach, Math.Min(edge, reach));
            // Enough nodes for steps that are small beside the range.
            var panels = (int)Math.Clamp(Math.Ceiling((high - low) / spread / 24), 1, 20);
            var (places, masses) = (new double[panels * Nodes], new double[panels * Nodes]);
            for (var panel = 0; panel < panels; panel++)
            {
                var rule = new GaussLegendreRule(low + (high - low) * panel / panels, low + (high - low) * (panel + 1) / panels, Nodes);
                for (var node = 0; node < Nodes; node++)
                {
                    var place = rule.GetAbscissa(node);
                    var density = 0.0;
                    for (var from = 0; from < _places.Length; from++)
                        density += _masses[from] * StandardNormal.Density((place - _places[from]) / spread);
                    places[panel * Nodes + node] = place;
                    masses[panel * Nodes + node] = rule.GetWeight(node) * density / spread;
                }
            }

            (_time, _places, _masses) = (time, places, masses);
        }
    }
}
