using PromptStudio.Core.Statistics;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Statistics;

[Trait(Tier.Name, Tier.Unit)]
public sealed class MomentsTests
{
    [Fact]
    public void Moments_Merged_AreThoseOfAllUsersTogether()
    {
        var random = new Random(7);
        var users = Enumerable.Range(0, 1_000).Select(_ => (Value: 1e9 + random.NextDouble(), Weight: (double)random.Next(1, 9))).ToArray();

        var merged = Of(users[..300]).Merge(Of(users[300..])).Merge(Moments.Empty);

        // Around 1e9 doubles are 1.2e-7 apart, so the plain sum of a thousand would be no measure; nor can a running mean be nearer than some tens of those steps.
        var (value, weight) = (1e9 + users.Average(user => user.Value - 1e9), users.Average(user => user.Weight));
        Assert.Equal(1_000, merged.Count);
        Assert.Equal(value, merged.MeanA, 1e-5);
        Assert.Equal(users.Sum(user => Math.Pow(user.Value - value, 2)) / 999, merged.Mean.Variance, 1e-6);
        Assert.Equal(users.Sum(user => Math.Pow(user.Weight - weight, 2)) / 999, merged.Ratio.DenominatorVariance, 1e-9);
        Assert.Equal(users.Sum(user => (user.Value - value) * (user.Weight - weight)) / 999, merged.Ratio.Covariance, 1e-6);
    }

    [Fact]
    public void Moments_OfOneUser_HaveNoVariance() => Assert.Equal((0, 0, 0), (One.Mean.Variance, One.Ratio.DenominatorVariance, One.Ratio.Covariance));

    private static Moments One => Moments.Empty.Add(5, 2);

    private static Moments Of((double Value, double Weight)[] users) => users.Aggregate(Moments.Empty, (sums, user) => sums.Add(user.Value, user.Weight));
}
