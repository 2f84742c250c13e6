using System.Text.Json;
using PromptStudio.Core.Experiments;
using PromptStudio.Core.Experiments.Analysis;
using PromptStudio.Core.Statistics;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Experiments;

[Trait(Tier.Name, Tier.Unit)]
public sealed class AnalysisTests
{
    private static readonly ExperimentSettings Conversion = new() { PrimaryMetric = "conversion_rate" };

    [Fact]
    public void Decision_CertainDifferenceAndEnoughUsers_SaysWhatToDo()
    {
        var analysis = ExperimentAnalysis.Of(Conversion with { DecisionMethod = DecisionMethod.FixedHorizon }, Rates((500, 5_000), (712, 5_000)));
        Assert.Equal("Variant A converts 3.0 to 5.5 points better; safe to declare.", analysis.Decision.Text);
        Assert.Equal((Decision.Declare, "variant_a"), (analysis.Decision.Code, analysis.Decision.Group));
        Assert.True(analysis.Gates.Single(gates => gates.Group == "variant_a").Open);
        Assert.False(analysis.Gates.Single(gates => gates.Group == "control").Open);
    }

    [Fact]
    public void Decision_CertainButTooFewUsers_Waits()
    {
        var analysis = ExperimentAnalysis.Of(Conversion, Rates((10, 500), (120, 500)));
        Assert.Equal(Decision.Wait, analysis.Decision.Code);
        Assert.Contains("500 of 1,000 users", analysis.Decision.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Decision_EveryVariantWorse_KeepsControl()
    {
        var analysis = ExperimentAnalysis.Of(Conversion, Rates((700, 5_000), (450, 5_000), (470, 5_000)));
        Assert.Equal(Decision.KeepControl, analysis.Decision.Code);
        Assert.True(analysis.Gates[0].Open);
    }

    [Fact]
    public void Decision_GroupsOfTheWrongSize_TrustsNothing()
    {
        var analysis = ExperimentAnalysis.Of(Conversion, Rates((500, 5_000), (800, 5_600)));
        Assert.Equal(Decision.CheckAssignment, analysis.Decision.Code);
        Assert.True(analysis.SampleRatio.Alarm);
        Assert.All(analysis.Gates, gates => Assert.False(gates.Open));
    }

    [Fact]
    public void Comparison_ControlWithoutASuccess_IsDefined()
    {
        var comparison = Primary(ExperimentAnalysis.Of(Conversion, Rates((0, 2_000), (60, 2_000))));
        Assert.Null(comparison.Reason);
        Assert.Equal(Comparison.Better, comparison.Verdict);
        Assert.InRange(comparison.AdjustedP!.Value, 1e-30, 0.05);
        Assert.Null(comparison.Lift);
        Assert.Equal("zero_baseline", comparison.LiftReason);
    }

    [Fact]
    public void Comparison_GroupWithoutUsers_SaysWhy()
    {
        var comparison = Primary(ExperimentAnalysis.Of(Conversion, Rates((5, 100), (0, 0))));
        Assert.Equal("empty_arm", comparison.Reason);
        Assert.Null(comparison.P);
        Assert.Null(comparison.Interval);
    }

    [Theory]
    [InlineData(DecisionMethod.AlwaysValid)]
    [InlineData(DecisionMethod.FixedHorizon)]
    public void Comparison_PAndIntervals_Agree(string method)
    {
        var random = new Random(20261201);
        var (significant, lifts) = (0, 0);
        for (var run = 0; run < 400; run++)
        {
            var (rate, users) = (random.NextDouble() * 0.4, random.Next(200, 20_000));
            var sums = Rates([.. Enumerable.Range(0, random.Next(2, 5)).Select(_ => (Draw(random, users, rate + random.NextDouble() * 0.03), users))]);
            foreach (var one in ExperimentAnalysis.Of(Conversion with { DecisionMethod = method }, sums).Metrics[0].Comparisons.Where(one => one.Interval is not null))
            {
                Assert.Equal(one.AdjustedP <= 0.05, !one.Interval!.Value.Contains(0));
                Assert.Equal(one.AdjustedP <= 0.05, one.Verdict != Comparison.Unclear);
                if (one.LiftInterval is { } lift)
                {
                    lifts++;
                    Assert.Equal(one.Interval.Value.Contains(0), lift.Contains(0));
                }

                significant += one.AdjustedP <= 0.05 ? 1 : 0;
            }
        }

        Assert.InRange(significant, 20, 1_100);
        Assert.True(lifts > 500);
    }

    [Fact]
    public void AlwaysValidP_OverManyLooks_NeverRises()
    {
        var random = new Random(7);
        ExperimentAnalysis? analysis = null;
        var (control, variant, last) = (0, 0, 1.0);
        for (var look = 1; look <= 60; look++)
        {
            control += Draw(random, 200, 0.1);
            variant += Draw(random, 200, look < 30 ? 0.16 : 0.07);
            analysis = ExperimentAnalysis.Of(Conversion, Rates((control, look * 200), (variant, look * 200)), analysis);
            var one = Primary(analysis);
            Assert.True(one.P <= last);
            Assert.Equal(one.AdjustedP <= 0.05, !one.Interval!.Value.Contains(0));
            last = one.P!.Value;
        }

        Assert.True(last < 0.05);
    }

    [Fact]
    public void Analysis_OfAnotherPhase_StartsAnew()
    {
        var first = ExperimentAnalysis.Of(Conversion, Rates((500, 5_000), (700, 5_000)));
        var second = ExperimentAnalysis.Of(Conversion, Rates((500, 5_000), (500, 5_000)) with { Phase = 2 }, first);
        Assert.Equal(1, Primary(second).P);
    }

    [Fact]
    public void Analysis_OfTheSameFigures_IsTheSameToTheBit()
    {
        var settings = Conversion with
        {
            SecondaryMetrics = ["success_rate", "conversion"],
            GuardrailMetrics = [new("avg_response_time", 0.05, Relative: true), new("error_rate", 0.01)],
        };
        var sums = Many(11, 3_000, 0.02);
        var once = JsonSerializer.Serialize(ExperimentAnalysis.Of(settings, sums));
        Assert.Equal(once, JsonSerializer.Serialize(ExperimentAnalysis.Of(settings, sums)));
        // Stored, read, and worked out again with what it remembers of itself.
        var read = JsonSerializer.Deserialize<ExperimentAnalysis>(once);
        Assert.Equal(once, JsonSerializer.Serialize(ExperimentAnalysis.Of(settings, sums, read)));
        Assert.Equal(5, read!.Metrics.Count);
    }

    [Fact]
    public void Guardrail_HarmedBeyondItsMargin_BlocksTheWinner()
    {
        var settings = Conversion with { GuardrailMetrics = [new("error_rate", 0.01)] };
        var bad = ExperimentAnalysis.Of(settings, WithErrors((500, 5_000), (750, 5_000), 0.02, 0.08));
        Assert.Equal(GuardrailFinding.Harmed, bad.Metrics.Single(metric => metric.Role == MetricAnalysis.Guardrail).Comparisons[0].Guardrail!.Verdict);
        Assert.Equal(Decision.Blocked, bad.Decision.Code);
        Assert.Contains("Error rate is worse", bad.Decision.Text, StringComparison.Ordinal);

        var good = ExperimentAnalysis.Of(settings with { GuardrailMetrics = [new("error_rate", 0.05)] }, WithErrors((500, 5_000), (750, 5_000), 0.02, 0.02));
        Assert.Equal(GuardrailFinding.Safe, good.Metrics.Single(metric => metric.Role == MetricAnalysis.Guardrail).Comparisons[0].Guardrail!.Verdict);
        Assert.Equal(Decision.Declare, good.Decision.Code);
    }

    [Fact]
    public void Bayesian_OnRequest_SaysChanceAndLoss()
    {
        var analysis = ExperimentAnalysis.Of(Conversion with { DecisionMethod = DecisionMethod.Bayesian }, Rates((500, 5_000), (600, 5_000)));
        var one = Primary(analysis);
        Assert.Null(one.P);
        Assert.InRange(one.Belief!.ChanceToBeat, 0.99, 1);
        Assert.InRange(one.Belief.LossOfControl, 0.015, 0.025);
        Assert.Equal(Decision.Declare, analysis.Decision.Code);
        Assert.Null(Primary(ExperimentAnalysis.Of(Conversion, Rates((500, 5_000), (600, 5_000)))).Belief);
    }

    [Fact]
    public void Dunnett_OnRequest_IsSharperThanHolmForTheStrongest()
    {
        var settings = Conversion with { DecisionMethod = DecisionMethod.FixedHorizon };
        var sums = Rates((500, 5_000), (560, 5_000), (540, 5_000), (530, 5_000));
        var holm = Primary(ExperimentAnalysis.Of(settings, sums));
        var dunnett = Primary(ExperimentAnalysis.Of(settings, sums, correction: VariantCorrection.Dunnett));
        Assert.True(dunnett.AdjustedP < holm.AdjustedP);
        Assert.True(dunnett.AdjustedP > dunnett.P);
        Assert.Equal(dunnett.AdjustedP <= 0.05, !dunnett.Interval!.Value.Contains(0));
    }

    [Fact]
    public void Crossovers_ManyOfThem_Warn()
    {
        var analysis = ExperimentAnalysis.Of(Conversion, Rates((50, 1_000), (50, 1_000)) with { Crossovers = 400 });
        Assert.Contains("400 users were seen in two groups", Assert.Single(analysis.Warnings), StringComparison.Ordinal);
    }

    /// <summary>2,000 experiments without a difference, looked at 20 times: always-valid p may be below 5 % in 5 % of them at most; the plain one, at the end, in about 5 %.</summary>
    [Fact]
    public void AgainstItself_AlwaysValidAndFixedHorizon_KeepTheirAlpha()
    {
        const int experiments = 2_000;
        var random = new Random(42);
        var (watched, once, covered) = (0, 0, 0);
        for (var run = 0; run < experiments; run++)
        {
            ExperimentAnalysis? analysis = null;
            var (control, variant) = (0, 0);
            for (var look = 1; look <= 20; look++)
            {
                control += Draw(random, 100, 0.2);
                variant += Draw(random, 100, 0.2);
                analysis = ExperimentAnalysis.Of(Conversion, Rates((control, look * 100), (variant, look * 100)), analysis);
            }

            var one = Primary(analysis!);
            watched += one.AdjustedP <= 0.05 ? 1 : 0;
            once += one.FixedHorizon!.P <= 0.05 ? 1 : 0;
            covered += one.FixedHorizon.Interval.Contains(0) ? 1 : 0;
        }

        var bounds = Power.AgainstItself(experiments, 0.05, 0.999).Value;
        Assert.InRange(once, bounds.Low, bounds.High);
        Assert.Equal(experiments, once + covered);
        Assert.InRange(watched, 1, (int)(0.05 * experiments));
    }

    /// <summary>Metrics by execution: users with many executions each, no difference. Tests by execution would reject almost half of them.</summary>
    [Fact]
    public void AgainstItself_SeveralExecutionsAUser_KeepsItsAlpha()
    {
        const int experiments = 600;
        var (rejected, settings) = (0, new ExperimentSettings { PrimaryMetric = "success_rate", DecisionMethod = DecisionMethod.FixedHorizon });
        for (var run = 0; run < experiments; run++)
            rejected += ExperimentAnalysis.Of(settings, Many(run, 200, 0)).Metrics[0].Comparisons[0].P <= 0.05 ? 1 : 0;
        var bounds = Power.AgainstItself(experiments, 0.05, 0.999).Value;
        Assert.InRange(rejected, bounds.Low, bounds.High);
    }

    private static Comparison Primary(ExperimentAnalysis analysis) => analysis.Metrics[0].Comparisons[0];

    private static ExperimentSums Rates(params (int Successes, int Users)[] groups) => new(1,
    [
        .. groups.Select((group, index) => new GroupSums(Allocation.Group(index), 10_000 / groups.Length, group.Users, group.Users, group.Users,
            new Dictionary<string, Moments> { ["conversion_rate"] = Binary(group.Successes, group.Users) })),
    ], 0, 0);

    private static ExperimentSums WithErrors((int, int) control, (int, int) variant, double controlErrors, double variantErrors)
    {
        var sums = Rates(control, variant);
        double[] rates = [controlErrors, variantErrors];
        return sums with
        {
            Groups =
            [
                .. sums.Groups.Select((group, index) => group with
                {
                    Metrics = new Dictionary<string, Moments>(group.Metrics) { ["error_rate"] = Binary((int)(rates[index] * group.Users), (int)group.Users) },
                }),
            ],
        };
    }

    private static Moments Binary(int successes, int users)
    {
        var rate = users == 0 ? 0 : (double)successes / users;
        return users == 0 ? default : new(users, rate, 1, users * rate * (1 - rate), 0, 0);
    }

    /// <summary>Users who differ in how often they come and how often they succeed.</summary>
    private static ExperimentSums Many(int seed, int users, double effect)
    {
        var random = new Random(seed);
        GroupSums Group(string name, double shift)
        {
            var metrics = Metric.All.ToDictionary(metric => metric.Name, _ => default(Moments));
            for (var user = 0; user < users; user++)
            {
                var executions = 1 + (random.NextDouble() < 0.05 ? random.Next(40) : random.Next(14));
                var own = Math.Clamp(0.5 + shift + (random.NextDouble() - 0.5) * 0.9, 0, 1);
                var successes = Draw(random, executions, own);
                var time = Enumerable.Range(0, executions).Sum(_ => 200 + 400 * own + random.Next(300));
                metrics["success_rate"] = metrics["success_rate"].Add(successes, executions);
                metrics["error_rate"] = metrics["error_rate"].Add(Draw(random, executions, 0.02), executions);
                metrics["avg_response_time"] = metrics["avg_response_time"].Add(time, executions);
                metrics["conversion_rate"] = metrics["conversion_rate"].Add(random.NextDouble() < 0.1 + shift ? 1 : 0, 1);
                metrics["conversion"] = metrics["conversion"].Add(successes * random.NextDouble(), 1);
            }

            return new(name, 5_000, users, users * 8L, users * 8L, metrics);
        }

        return new(1, [Group("control", 0), Group("variant_a", effect)], 0, 0);
    }

    private static int Draw(Random random, int trials, double rate)
    {
        var successes = 0;
        for (var trial = 0; trial < trials; trial++)
            successes += random.NextDouble() < rate ? 1 : 0;
        return successes;
    }
}
