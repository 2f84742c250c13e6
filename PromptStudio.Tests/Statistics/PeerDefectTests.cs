using PromptStudio.Core.Experiments;
using PromptStudio.Core.Statistics;
using PromptStudio.Core.Statistics.Distributions;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Statistics;

/// <summary>What other platforms get wrong, each as a test of the studio.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed class PeerDefectTests
{
    /// <summary>gbstats: an arm at 0 or 100 % gives p = 1 and an interval from 0 to 0.</summary>
    [Fact]
    public void ArmWithoutVariance_HasFiguresStill()
    {
        var (control, treatment) = (new ProportionArm(0, 500), new ProportionArm(200, 500));
        Assert.InRange(Proportions.Score(control, treatment).Value.P, 1e-70, 1e-40);
        Assert.InRange(Proportions.Newcombe(control, treatment).Value.Lower, 0.3, 0.4);
        Assert.InRange(FisherExact.Of(control, treatment).Value.PTwoSided, 1e-80, 1e-50);
        Assert.InRange(Means.Welch(new(500, 0, 0), new(500, 0.4, 0.24)).Value.P, 1e-70, 1e-30);
    }

    /// <summary>gbstats: p = 2 (1 − cdf), which is 0 from |t| = 8.3.</summary>
    [Theory]
    [InlineData(9)]
    [InlineData(20)]
    [InlineData(36)]
    public void TinyP_IsNotZero(double statistic)
    {
        var estimate = Estimate.Of(statistic, 1, 0.05, 1e9).Value;
        Assert.True(estimate.P > 0);
        Assert.Equal(Math.Log10(estimate.P), estimate.Log10P, 1e-9);
    }

    /// <summary>gbstats: significance by the lift's delta method, p = 0.062, where the difference has 0.020.</summary>
    [Fact]
    public void DifferenceAndLift_ExcludeZeroTogether()
    {
        var (control, treatment) = (new MeanArm(3_407, 0.41, 15.2091), new MeanArm(3_461, 0.7, 38.4403));
        Assert.Equal(0.0202, Means.Welch(control, treatment).Value.P, 4);
        Assert.Equal(0.0619, Lifts.Delta(control, treatment, studentT: true).Value.P, 3);
        var lift = Lifts.Fieller(control, treatment).Value;
        Assert.Equal((0.094, 1.708), (Math.Round(lift.Lower, 3), Math.Round(lift.Upper, 3)));
    }

    /// <summary>gbstats: arms without weight are left out, but not from the degrees of freedom: 0.815 in place of 0.523.</summary>
    [Fact]
    public void SampleRatio_ArmWithoutWeight_IsNoDegreeOfFreedom()
    {
        var test = SampleRatio.ChiSquare([500, 480, 0], [0.5, 0.5, 0]).Value;
        Assert.Equal((1, 0.523), (test.DegreesOfFreedom, Math.Round(test.P, 3)));
        Assert.Equal(NotComputable.UnexpectedTraffic, SampleRatio.ChiSquare([500, 480, 3], [0.5, 0.5, 0]).Reason);
    }

    /// <summary>gbstats: a prior stated for the lift is not rescaled for the difference, so the two disagree.</summary>
    [Fact]
    public void Prior_OfLiftAndOfDifference_GiveTheSameChance()
    {
        const double baseline = 12.5;
        var lift = Bayesian.Effect(0.04, 0.03, new EffectPrior(0.01, 0.0009)).Value;
        var difference = Bayesian.Effect(0.04 * baseline, 0.03 * baseline, new EffectPrior(0.01 * baseline, 0.0009 * baseline * baseline)).Value;
        Assert.Equal(lift.ChanceToBeat, difference.ChanceToBeat, 12);
        Assert.Equal(lift.LossOfTreatment * baseline, difference.LossOfTreatment, 12);
    }

    /// <summary>GrowthBook's planner: the wider interval's error is taken for the sampling error, 20.6 % power where there is 7.2 %.</summary>
    [Fact]
    public void SequentialPower_IsThatOfTheTrueError()
    {
        const double mean = 10, variance = 3909.9997749994377, lift = 0.05, users = 400_000.0 / 3;
        var error = Math.Sqrt(Lifts.Variance(new MeanArm((long)users, mean, variance), new MeanArm((long)users, mean * (1 + lift), variance)));
        Assert.Equal(0.0721, Power.Sequential(lift, error, 2 * users, 0.05, 5_000).Value, 4);
    }

    /// <summary>GrowthBook's documentation: the cluster ratio of a quantile upside down. Users who are alike make the error larger, not smaller.</summary>
    [Fact]
    public void Quantile_OfClusteredValues_IsLessCertain()
    {
        // 200 users, five equal values each: as good as 200 values, a fifth of the 1,000.
        double[] users = [.. Enumerable.Range(0, 200).Select(user => (double)(user * 37 % 200))];
        double[] values = [.. users.SelectMany(value => Enumerable.Repeat(value, 5)).Order()];
        var plain = Quantiles.Arm(values, 0.5).Value;
        var below = RatioArm.OfUnits(users.Select(value => Enumerable.Repeat(value <= plain.Value ? 1.0 : 0, 5).ToArray()));
        var clustered = plain.Clustered(below, 0.5, values.Length).Value;
        Assert.InRange(clustered.Variance / plain.Variance, 4.8, 5.2);
        Assert.Equal(200, clustered.Count);
    }

    /// <summary>Statsig: −2 ln(α/2) where −2 ln α does, and a τ that depends on the data.</summary>
    [Fact]
    public void MixtureTest_IntervalInvertsOneByAlpha()
    {
        var test = Sequential.Mixture(0.05, 0.0001956, 0.0001).Value;
        var edge = test.Multiplier * Math.Sqrt(0.0001956);
        Assert.Equal(0.05, Sequential.Mixture(edge, 0.0001956, 0.0001).Value.P, 12);
        Assert.True(edge < 0.0671);
    }

    /// <summary>PostHog: no correction for variants, and nothing that allows to look.</summary>
    [Fact]
    public void ManyVariantsAndManyLooks_AreCorrectedByDefault()
    {
        Assert.Equal(DecisionMethod.AlwaysValid, new ExperimentSettings { PrimaryMetric = "success_rate" }.DecisionMethod);
        Assert.Equal([0.06, 0.06, 0.06], Multiplicity.Adjust([0.02, 0.03, 0.04], Adjustment.Holm).Select(p => Math.Round(p, 12)));
        Assert.True(Sequential.Multiplier(10_000) > StandardNormal.Critical(0.05));
    }
}
