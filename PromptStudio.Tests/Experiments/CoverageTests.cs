using PromptStudio.Core.Experiments;
using PromptStudio.Core.Experiments.Analysis;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Experiments;

/// <summary>Intervals of the pure analysis over experiments whose true effect is known and not 0. Seeds are fixed: each figure is the same in every run.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed class CoverageTests
{
    private const int Simulations = 2_000;

    private const int Users = 300;

    /// <summary>Of 2,000 intervals at 95 %, 93.5 to 96.5 % have to contain the truth: three deviations of chance.</summary>
    [Theory]
    [InlineData("conversion_rate")]
    [InlineData("conversion")]
    [InlineData("avg_response_time")]
    public void FixedHorizonIntervals_OfRealEffects_CoverThemAsOftenAsTheySay(string metric)
    {
        var random = new Random(20_260);
        var settings = new ExperimentSettings { PrimaryMetric = metric, DecisionMethod = DecisionMethod.FixedHorizon };
        var (covered, found) = (0, 0);
        for (var simulation = 0; simulation < Simulations; simulation++)
        {
            var size = (0.2 + random.NextDouble()) * (random.Next(2) == 0 ? -1 : 1);
            var (control, variant, truth) = metric switch
            {
                "conversion_rate" => (Converted(random, 0.3), Converted(random, 0.3 + 0.1 * size), 0.1 * size),
                "conversion" => (Spent(random, 2), Spent(random, 2 + 0.4 * size), 0.4 * size),
                _ => (Waited(random, 0), Waited(random, 60 * size), 60 * size),
            };
            var groups = new[] { control, variant }.Select((sums, index) => new GroupSums(
                Allocation.Group(index), 5_000, Users, Users, Users, new Dictionary<string, Sums> { [metric] = sums }));
            var comparison = ExperimentAnalysis.Of(settings, new(1, [.. groups], 0, 0)).Metrics[0].Comparisons[0];
            var interval = comparison.FixedHorizon!.Interval;
            covered += interval.Contains(truth) ? 1 : 0;
            found += interval.Contains(0) ? 0 : 1;
        }

        Assert.InRange((double)covered / Simulations, 0.935, 0.965);
        Assert.True(found > Simulations / 5, "Effects are found.");
    }

    private static Sums Converted(Random random, double rate) => Of(() => (random.NextDouble() < rate ? 1 : 0, 1));

    /// <summary>Skewed, as what users spend is: an exponential.</summary>
    private static Sums Spent(Random random, double mean) => Of(() => (-mean * Math.Log(1 - random.NextDouble()), 1));

    /// <summary>One to six executions a user, which share the user's own speed.</summary>
    private static Sums Waited(Random random, double shift) => Of(() =>
    {
        var (executions, own) = (1 + random.Next(6), 300 + 400 * random.NextDouble());
        return (executions * (own + shift) + Enumerable.Range(0, executions).Sum(_ => 200 * random.NextDouble()), executions);
    });

    private static Sums Of(Func<(double Value, double Weight)> draw)
    {
        var sums = default(Sums);
        for (var user = 0; user < Users; user++)
        {
            var (value, weight) = draw();
            sums = sums.Add(value, weight);
        }

        return sums;
    }
}
