using PromptStudio.Core.Experiments;
using PromptStudio.Experiments.Pages;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Experiments.Pages;

[Trait(Tier.Name, Tier.Unit)]
public sealed class TrafficSplitTests
{
    [Fact]
    public void Set_OfTwoGroups_TheOtherOneTakesTheRest()
    {
        var split = TrafficSplit.Equal(2);

        split.Set(1, 10.5m);

        Assert.Equal([89.5m, 10.5m], Shares(split));
    }

    [Fact]
    public void Set_OfSeveralGroups_TheOthersGiveInProportion()
    {
        var split = TrafficSplit.Of(new Dictionary<string, decimal> { ["control"] = 60, ["variant_a"] = 30, ["variant_b"] = 10 }, 3);

        split.Set(2, 40);

        Assert.Equal([40, 20, 40], Shares(split));
    }

    [Fact]
    public void Set_WhereTheOthersHaveNothing_TheyShareEqually()
    {
        var split = TrafficSplit.Equal(3);

        split.Set(0, 100);
        split.Set(0, 50);

        Assert.Equal([50, 25, 25], Shares(split));
    }

    [Theory]
    [InlineData(-5, 0)]
    [InlineData(250, 100)]
    [InlineData(33.336, 33.34)]
    public void Set_ToWhatIsNoShare_IsTheNearestOne(decimal asked, decimal given)
    {
        var split = TrafficSplit.Equal(3);

        split.Set(1, asked);

        Assert.Equal(given, split[1]);
        Assert.Equal(100, Shares(split).Sum());
    }

    [Fact]
    public void Add_ThenRemove_LeavesOneHundredPercentToThoseWhoAreThere()
    {
        var split = TrafficSplit.Equal(2);

        split.Add();
        Assert.Equal(100, Shares(split).Sum());
        Assert.Equal(33.33m, split[2]);
        split.RemoveAt(1);

        Assert.Equal(2, split.Count);
        Assert.Equal(100, Shares(split).Sum());
        split.Equalize();
        Assert.Equal([50, 50], Shares(split));
    }

    /// <summary>Whatever is moved: it sums up to 100, no share is negative, and the API reads it.</summary>
    [Fact]
    public void Moves_AtRandom_AlwaysSumUpToOneHundred()
    {
        var random = new Random(8);
        for (var run = 0; run < 300; run++)
        {
            var split = TrafficSplit.Equal(random.Next(2, Allocation.MostGroups + 1));
            for (var move = 0; move < 40; move++)
            {
                if (random.Next(8) == 0 && split.Count < Allocation.MostGroups)
                    split.Add();
                else if (random.Next(8) == 0 && split.Count > 2)
                    split.RemoveAt(random.Next(1, split.Count));
                else
                    split.Set(random.Next(split.Count), (decimal)Math.Round(random.NextDouble() * 100, 2));
                Assert.Equal(100, Shares(split).Sum());
                Assert.All(Shares(split), share => Assert.InRange(share, 0, 100));
            }
            split.Equalize();
            Assert.NotNull(Allocation.Read(split.Percentages(), split.Count).Value);
        }
    }

    [Fact]
    public void Of_ASplitOfOtherGroups_IsAnEqualOne() =>
        Assert.True(TrafficSplit.Of(new Dictionary<string, decimal> { ["control"] = 90, ["variant_a"] = 10 }, 3).IsSame(TrafficSplit.Equal(3)));

    private static decimal[] Shares(TrafficSplit split) => [.. Enumerable.Range(0, split.Count).Select(index => split[index])];
}
