using PromptStudio.Core.Experiments.Analysis;
using PromptStudio.Core.Statistics;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Experiments;

[Trait(Tier.Name, Tier.Unit)]
public sealed class CalculatorTests
{
    [Fact]
    public void Significance_OfThreeArms_AdjustsAndAgrees()
    {
        var answers = Significance.OfCounts([new(100, 1_000), new(150, 1_000), new(110, 1_000)]);
        Assert.Equal(2, answers.Count);
        Assert.All(answers, answer => Assert.Equal(answer.Value.Significant, !answer.Value.Interval.Contains(0)));
        Assert.True(answers[0].Value.Significant);
        Assert.Equal(2 * answers[0].Value.P, answers[0].Value.AdjustedP, 1e-15);
        Assert.False(answers[1].Value.Significant);
        Assert.InRange(answers[0].Value.ExactP!.Value, 1e-4, 2e-3);
    }

    [Fact]
    public void Significance_OfArmsWithoutSuccess_SaysWhy()
    {
        Assert.Equal(NotComputable.ZeroPooledVariance, Significance.OfCounts([new(0, 10), new(0, 10)])[0].Reason);
        Assert.Equal(NotComputable.InvalidInput, Significance.OfCounts([new(11, 10), new(0, 10)])[0].Reason);
        Assert.Equal(NotComputable.EmptyArm, Significance.OfMeans([new(0, 0, 0), new(10, 1, 1)])[0].Reason);
    }

    [Fact]
    public void SampleSize_OfRates_IsTheTextbooksAndDaysFollowTheTraffic()
    {
        var size = new SampleSizePlan { UsersPerDay = 1_000, Coverage = 0.5 }.ForRates(0.1, 0.12).Value;
        Assert.Equal((3_841, 7_682), (size.UsersPerGroup, size.Users));
        Assert.Equal(16, size.Days);
        Assert.True(size.UsersPerGroupAlwaysValid > size.UsersPerGroup);
        Assert.True(size.DaysAlwaysValid > size.Days);
    }

    [Fact]
    public void SampleSize_WithMoreGroups_IsLarger() =>
        Assert.True(new SampleSizePlan { Groups = 4 }.ForMeans(50, 400).Value.UsersPerGroup > new SampleSizePlan().ForMeans(50, 400).Value.UsersPerGroup);

    [Theory]
    [InlineData(0.1, 0.1, NotComputable.ZeroEffect)]
    [InlineData(-0.1, 0.1, NotComputable.InvalidInput)]
    [InlineData(double.NaN, 0.1, NotComputable.InvalidInput)]
    public void SampleSize_OfNothing_SaysWhy(double control, double treatment, NotComputable reason) =>
        Assert.Equal(reason, new SampleSizePlan().ForRates(control, treatment).Reason);
}
