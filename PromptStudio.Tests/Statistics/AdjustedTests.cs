using PromptStudio.Core.Statistics;
using PromptStudio.Core.Statistics.Distributions;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Statistics;

/// <summary>Figures from before and strata: what must hold whatever the data are, and what the errors promise.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed class AdjustedTests
{
    private const int Experiments = 1_000;

    [Fact]
    public void CupedLift_WithoutSlope_IsTheLift()
    {
        var (control, treatment) = (Users(1, 400, 0), Users(2, 500, 0.4));
        var (plain, adjusted) = (Lifts.Delta(control.Mean, treatment.Mean, studentT: true).Value, Covariates.Lift(control, treatment, theta: 0, studentT: true).Value);
        Assert.Equal(plain.Effect, adjusted.Effect, 12);
        Assert.Equal(plain.P, adjusted.P, 12);
        Assert.True(Covariates.Lift(control, treatment).Value.StandardError < 0.8 * plain.StandardError, "What was there before explains much.");
    }

    [Fact]
    public void CupedRatio_ByUsers_IsTheCupedMean()
    {
        var (control, treatment) = (Users(3, 300, 0), Users(4, 300, 0.3));
        var theta = RatioCovariates.Theta(ByUser(3, 300, 0), ByUser(4, 300, 0.3)).Value;
        var ratio = RatioCovariates.Difference(ByUser(3, 300, 0), ByUser(4, 300, 0.3)).Value;
        var mean = Means.Normal(Covariates.Residual(control, theta), Covariates.Residual(treatment, theta)).Value;
        Assert.Equal(mean.Effect, ratio.Effect, 10);
        Assert.Equal(mean.StandardError, ratio.StandardError, 10);
        foreach (var other in (ReadOnlySpan<double>)[theta * 0.9, theta * 1.1])
            Assert.True(RatioCovariates.Difference(ByUser(3, 300, 0), ByUser(4, 300, 0.3), theta: other).Value.StandardError > ratio.StandardError);
    }

    [Fact]
    public void Adjustment_OfWhatCannotBe_SaysWhy()
    {
        var (control, treatment) = (ByUser(5, 50, 0), ByUser(6, 50, 0));
        var constant = Enumerable.Range(0, 9).Aggregate(JointMoments.Empty(4), (all, user) => all.Add(user, 1, 3, 1));
        Assert.Equal(NotComputable.EmptyArm, RatioCovariates.Lift(JointMoments.Empty(4), treatment).Reason);
        Assert.Equal(NotComputable.InsufficientN, RatioCovariates.Lift(control, JointMoments.Empty(4).Add(1, 1, 1, 1)).Reason);
        Assert.Equal(NotComputable.ZeroCovariateVariance, RatioCovariates.Lift(constant, constant).Reason);
        Assert.Equal(NotComputable.ZeroDenominator, RatioCovariates.Lift(control, JointMoments.Empty(4).Add(1, 1, 1, 0).Add(2, 1, 1, 0)).Reason);
        Assert.Equal(NotComputable.InvalidInput, RatioCovariates.Lift(control, JointMoments.OfSums(3, [1, 1, 1, 1], new double[4, 4])).Reason);
        Assert.Equal(NotComputable.ZeroBaseline, Covariates.Lift(Moments.Empty.Add(-1, 1).Add(1, 2), Users(7, 9, 0)).Reason);
        Assert.Equal(NotComputable.NoTraffic, PostStratification.Difference([]).Reason);
        Assert.Equal(NotComputable.InsufficientN, PostStratification.Difference([new(Pair(8, 30), Pair(9, 1))]).Reason);
        Assert.Equal(NotComputable.ZeroCovariateVariance, PostStratification.RatioDifference([new(constant, constant)], regression: true).Reason);
    }

    [Fact]
    public void OneStratum_IsTheWholeSample()
    {
        var stratum = new Stratum(Pair(10, 200), Pair(11, 300));
        var (control, treatment) = (Users(10, 200, 0), Users(11, 300, 0));
        Assert.Equal(Means.Normal(control.Mean, treatment.Mean).Value.P, PostStratification.Difference([stratum]).Value.P, 10);
        Assert.Equal(Lifts.Delta(control.Mean, treatment.Mean).Value.P, PostStratification.Lift([stratum]).Value.P, 10);
        Assert.Equal(Ratios.Lift(control.Ratio, treatment.Ratio).Value.P, PostStratification.RatioLift([stratum]).Value.P, 10);
        Assert.Equal(Ratios.Difference(control.Ratio, treatment.Ratio).Value.P, PostStratification.RatioDifference([stratum]).Value.P, 10);
    }

    [Fact]
    public void JointMoments_OfTwo_AreMoments()
    {
        var (joint, moments) = (Pair(12, 100).Merge(Pair(13, 50)), Users(12, 100, 0).Merge(Users(13, 50, 0)));
        Assert.Equal(moments.Count, joint.Count);
        Assert.Equal(moments.MeanB, joint.Means[1], 12);
        Assert.Equal(moments.SquaresA, joint.Products[0, 0], 8);
        Assert.Equal(moments.Products, joint.Products[0, 1], 8);
    }

    /// <summary>The reported variance is that of the estimates over many experiments, and the interval covers the truth as often as it says.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Strata_OfManyExperiments_HaveTheErrorThatTheyReport(bool ratio, bool regression)
    {
        var random = new Random(ratio ? 21 : 20);
        var (estimates, variance, covered) = (Moments.Empty, 0.0, 0);
        // Each stratum's own effect and spread, so that a wrong weight shows.
        double[] shares = [0.5, 0.3, 0.2], effects = [0.5, 1, 3], spreads = [1, 2, 4];
        var truth = shares.Zip(effects, (share, effect) => share * effect).Sum() / (ratio ? 2 : 1);
        for (var experiment = 0; experiment < Experiments; experiment++)
        {
            var arms = Enumerable.Range(0, 6).Select(_ => JointMoments.Empty(ratio ? 4 : 2)).ToArray();
            for (var user = 0; user < 300; user++)
            {
                var place = random.NextDouble();
                var kind = place < 0.5 ? 0 : place < 0.8 ? 1 : 2;
                var treated = random.Next(2);
                var (before, uses) = (Normal(random), 2 + 0.3 * Normal(random));
                var metric = 10 * kind + 8 + treated * effects[kind] + before + spreads[kind] * Normal(random);
                ref var arm = ref arms[2 * kind + treated];
                arm = ratio ? arm.Add(metric, uses, before, uses + 0.2 * Normal(random)) : arm.Add(metric, before);
            }

            Stratum[] strata = [.. Enumerable.Range(0, 3).Select(kind => new Stratum(arms[2 * kind], arms[2 * kind + 1]))];
            var estimate = (ratio ? PostStratification.RatioDifference(strata, regression) : PostStratification.Difference(strata, regression)).Value;
            estimates = estimates.Add(estimate.Effect, 0);
            variance += estimate.StandardError * estimate.StandardError / Experiments;
            covered += estimate.Interval.Contains(truth) ? 1 : 0;
        }

        Assert.InRange(variance / estimates.Mean.Variance, 0.85, 1.15);
        Assert.InRange((double)covered / Experiments, 0.93, 0.97);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(0.02, null)]
    [InlineData(null, 5_000.0)]
    public void MoreUsers_Added_GiveTheWantedPower(double? prior, double? tuning)
    {
        var rule = new DecisionRule(0.05, prior is { } mean ? new EffectPrior(mean, 0.001) : null, tuning);
        var factor = MidExperiment.MoreUsers(0.05, 0.03, 2_000, rule, 0.9).Value;
        Assert.InRange(factor, 0.5, 20);
        Assert.Equal(0.9, MidExperiment.PowerAfter(factor, 0.05, 0.03, 2_000, rule).Value, 9);
        Assert.Equal(0, MidExperiment.MoreUsers(0.5, 0.03, 2_000, rule, 0.9).Value);
        Assert.Equal(NotComputable.NotReachable, MidExperiment.MoreUsers(1e-9, 0.03, 2_000, rule with { Prior = null }).Reason);
        Assert.Equal(NotComputable.ZeroEffect, MidExperiment.MoreUsers(0, 0.03, 2_000, rule with { Prior = null }).Reason);
        Assert.Equal(NotComputable.ZeroVariance, MidExperiment.MoreUsers(0.05, 0, 2_000, rule).Reason);
    }

    [Fact]
    public void Bandit_OfTwoArms_WeighsByTheChanceOfTheDifference()
    {
        foreach (var deviation in (ReadOnlySpan<double>)[1e-4, 0.02, 0.5])
        {
            ArmBelief[] arms = [new(0.10, 0.01), new(0.12, deviation)];
            var chance = StandardNormal.Lower(0.02 / Math.Sqrt(0.0001 + deviation * deviation));
            Assert.Equal(chance, Bandit.Chances(arms).Value[1].Best, 10);
            Assert.Equal(1 - chance, Bandit.Chances(arms, lowerIsBetter: true).Value[1].Best, 10);
            Assert.Equal(1 - chance, Bandit.Chances(arms).Value[1].Second, 10);
        }
    }

    [Fact]
    public void Bandit_OfManyArms_AgreesWithDraws()
    {
        ArmBelief[] arms = [new(0.10, 0.02), new(0.12, 0.01), new(0.11, 0.03), new(0.05, 0.005)];
        var random = new Random(31);
        var (best, second) = (new double[4], new double[4]);
        const int draws = 100_000;
        for (var draw = 0; draw < draws; draw++)
        {
            int[] order = [.. arms.Select((arm, index) => (index, Value: arm.Mean + arm.Deviation * Normal(random))).OrderByDescending(one => one.Value).Select(one => one.index)];
            best[order[0]] += 1.0 / draws;
            second[order[1]] += 1.0 / draws;
        }

        var chances = Bandit.Chances(arms).Value;
        var weights = Bandit.Weights(arms, floor: 0.02).Value;
        for (var arm = 0; arm < arms.Length; arm++)
        {
            Assert.Equal(best[arm], chances[arm].Best, 0.006);
            Assert.Equal(second[arm], chances[arm].Second, 0.006);
            Assert.True(weights[arm] >= 0.02);
        }

        Assert.Equal(1, weights.Sum(), 12);
        Assert.Equal(NotComputable.SingleArm, Bandit.Weights([arms[0]]).Reason);
        Assert.Equal(NotComputable.ZeroVariance, Bandit.Weights([arms[0], new(0.1, 0)]).Reason);
        Assert.Equal(NotComputable.InvalidInput, Bandit.Floored([0.5, 0.2], 0.01).Reason);
        Assert.Equal(NotComputable.InsufficientN, ArmBelief.Of(new MeanArm(1, 3, 0)).Reason);
    }

    private static IEnumerable<(double Metric, double Before)> Draw(int seed, int users, double effect)
    {
        var random = new Random(seed);
        for (var user = 0; user < users; user++)
        {
            var before = 5 + Normal(random);
            yield return (before + effect + 0.5 * Normal(random), before);
        }
    }

    private static Moments Users(int seed, int users, double effect) =>
        Draw(seed, users, effect).Aggregate(Moments.Empty, (all, user) => all.Add(user.Metric, user.Before));

    private static JointMoments Pair(int seed, int users) =>
        Draw(seed, users, 0).Aggregate(JointMoments.Empty(2), (all, user) => all.Add(user.Metric, user.Before));

    /// <summary>As a ratio whose denominator is the user.</summary>
    private static JointMoments ByUser(int seed, int users, double effect) =>
        Draw(seed, users, effect).Aggregate(JointMoments.Empty(4), (all, user) => all.Add(user.Metric, 1, user.Before, 1));

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
