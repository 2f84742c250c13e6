using System.Globalization;
using PromptStudio.Core.Experiments;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Experiments;

[Trait(Tier.Name, Tier.Unit)]
public sealed class AllocationTests
{
    [Theory]
    [InlineData("50 50", "5000 5000")]
    [InlineData("33.33 33.33 33.34", "3333 3333 3334")]
    [InlineData("99.99 0.01", "9999 1")]
    [InlineData("50 50 0", "5000 5000 0")]
    public void Shares_ThatSumUpTo100_AreExact(string shares, string basisPoints)
    {
        var (read, problem) = Allocation.Read(Shares(shares), shares.Split(' ').Length);

        Assert.Null(problem);
        Assert.Equal(basisPoints, string.Join(' ', read!.BasisPoints));
        Assert.Equal(Shares(shares), read.Percentages);
    }

    [Theory]
    [InlineData("50 49.99", "99.99")]
    [InlineData("50 50.01", "100.01")]
    [InlineData("150 -50", "0 to 100")]
    [InlineData("33.333 66.667", "two decimals")]
    [InlineData("0 100", "control")]
    [InlineData("100 0", "two groups")]
    public void Shares_ThatDoNot_AreRefusedWithTheReason(string shares, string reason)
    {
        var (read, problem) = Allocation.Read(Shares(shares), 2);

        Assert.Null(read);
        Assert.Contains(reason, problem, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Groups_ThatAreMissingOrForeign_AreNamed()
    {
        Assert.Contains("'variant_a'", Allocation.Read(new Dictionary<string, decimal> { ["control"] = 100 }, 2).Problem, StringComparison.Ordinal);
        Assert.Contains("'variant_z'", Allocation.Read(new Dictionary<string, decimal> { ["control"] = 50, ["variant_a"] = 25, ["variant_z"] = 25 }, 2).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void EqualSplit_LeavesNobodyOut()
    {
        for (var groups = 2; groups <= Allocation.MostGroups; groups++)
        {
            var split = Allocation.Equal(groups).BasisPoints;
            Assert.Equal((groups, Bucket.Count), (split.Count, split.Sum()));
            Assert.True(split.Max() - split.Min() <= 1);
        }
    }

    private static Dictionary<string, decimal> Shares(string shares) =>
        shares.Split(' ').Select((share, index) => (share, index)).ToDictionary(pair => Allocation.Group(pair.index), pair => decimal.Parse(pair.share, CultureInfo.InvariantCulture));
}
