using PromptStudio.Core.Statistics;

namespace PromptStudio.Core.Experiments.Analysis;

/// <summary>What an experiment needs, before it starts.</summary>
/// <param name="UsersPerGroup">For one look, at the end.</param>
/// <param name="UsersPerGroupAlwaysValid">For somebody who looks all the time.</param>
/// <param name="Users">For one look, all groups together.</param>
/// <param name="Days">For one look, at the traffic given; null without traffic.</param>
/// <param name="DaysAlwaysValid">For somebody who looks all the time.</param>
public sealed record SampleSize(long UsersPerGroup, long UsersPerGroupAlwaysValid, long Users, double? Days, double? DaysAlwaysValid);

/// <summary>The sample size calculator: users, smallest effect, power and days.</summary>
/// <remarks>Equal groups; alpha shared over the variants as by Bonferroni, which is what the first variant of Holm's procedure meets.</remarks>
public sealed record SampleSizePlan
{
    /// <summary>Groups, control included.</summary>
    public int Groups { get; init; } = 2;

    public double Alpha { get; init; } = 0.05;

    public double Power { get; init; } = 0.8;

    /// <summary>Users that come a day; null when it is not known.</summary>
    public double? UsersPerDay { get; init; }

    /// <summary>Share of them that take part, from 0 to 1.</summary>
    public double Coverage { get; init; } = 1;

    private double Level => Alpha / Math.Max(1, Groups - 1);

    /// <summary>Users to find that a rate changes from one value to another.</summary>
    public Computed<SampleSize> ForRates(double control, double treatment) =>
        Statistics.Power.SampleOfProportions(control, treatment, Level, Power).Then<SampleSize>(sample => Planned(
            sample.Pooled, control is < 0 or > 1 ? double.NaN : treatment - control,
            units => Math.Sqrt(control * (1 - control) / units + treatment * (1 - treatment) / units)));

    /// <summary>Users to find that a mean changes by a difference.</summary>
    public Computed<SampleSize> ForMeans(double difference, double deviation) =>
        Statistics.Power.SampleOfMeans(difference, deviation, Level, Power).Then<SampleSize>(sample => Planned(
            sample.StudentT, difference, units => deviation * Math.Sqrt(2 / units)));

    /// <summary>The smallest rise of a rate that so many users a group find.</summary>
    public Computed<MinimumEffect> SmallestRise(double control, double usersPerGroup) => Statistics.Power.MinimumRise(control, usersPerGroup, Level, Power);

    /// <summary>The smallest difference of means that so many users a group find.</summary>
    public Computed<double> SmallestDifference(double deviation, double usersPerGroup) =>
        Statistics.Power.MinimumDifference(deviation, usersPerGroup, Level, Power);

    private Computed<SampleSize> Planned(double perGroup, double effect, Func<double, double> error)
    {
        if (!double.IsFinite(perGroup) || perGroup > 1e15)
            return NotComputable.NotReachable;
        var once = Whole(perGroup);
        var always = AlwaysValid(once, effect, error);
        return new SampleSize(once, always, once * Groups, Days(once), Days(always));
    }

    /// <summary>The same power with the confidence sequence, tuned to the sample of one look.</summary>
    private long AlwaysValid(long once, double effect, Func<double, double> error)
    {
        var rho = Sequential.Rho(Level, 2.0 * once);
        bool Enough(long units) => Statistics.Power.TwoTails(Sequential.MultiplierBy(2.0 * units, Level, rho), Math.Abs(effect) / error(units)) >= Power;
        var (low, high) = (once, once);
        while (!Enough(high))
            high *= 2;
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            (low, high) = Enough(middle) ? (low, middle) : (middle + 1, high);
        }

        return low;
    }

    private double? Days(long usersPerGroup) => UsersPerDay is { } traffic && traffic * Coverage > 0 ? Math.Ceiling(usersPerGroup * Groups / (traffic * Coverage)) : null;

    private static long Whole(double units) => Math.Max(2, (long)Math.Ceiling(units));
}
