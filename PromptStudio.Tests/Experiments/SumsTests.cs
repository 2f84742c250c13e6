using PromptStudio.Core.Experiments;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Experiments;

[Trait(Tier.Name, Tier.Unit)]
public sealed class SumsTests
{
    [Fact]
    public void Sums_Merged_AreThoseOfAllUsersTogether()
    {
        var random = new Random(7);
        var users = Enumerable.Range(0, 1_000).Select(_ => (Value: 1e9 + random.NextDouble(), Weight: (double)random.Next(1, 9))).ToArray();

        var merged = Of(users[..300]).Merge(Of(users[300..])).Merge(default);

        // Around 1e9 doubles are 1.2e-7 apart, so the plain sum of a thousand would be no measure; nor can a running mean be nearer than some tens of those steps.
        var (value, weight) = (1e9 + users.Average(user => user.Value - 1e9), users.Average(user => user.Weight));
        Assert.Equal(1_000, merged.Count);
        Assert.Equal(value, merged.MeanValue, 1e-5);
        Assert.Equal(users.Sum(user => Math.Pow(user.Value - value, 2)) / 999, merged.ValueVariance, 1e-6);
        Assert.Equal(users.Sum(user => Math.Pow(user.Weight - weight, 2)) / 999, merged.WeightVariance, 1e-9);
        Assert.Equal(users.Sum(user => (user.Value - value) * (user.Weight - weight)) / 999, merged.Covariance, 1e-6);
    }

    [Fact]
    public void Sums_OfOneUser_HaveNoVariance() => Assert.Equal((0, 0, 0), (new Sums().Add(5, 2).ValueVariance, new Sums().Add(5, 2).WeightVariance, new Sums().Add(5, 2).Covariance));

    [Fact]
    public void CanonicalJson_KnowsNeitherOrderNorWayOfWriting() => Assert.Equal(
        CanonicalJson.Write(System.Text.Json.JsonDocument.Parse("""{"b": [1.0, "x"], "a": {"d": 0.00000012, "c": null}}""").RootElement),
        CanonicalJson.Write(System.Text.Json.JsonDocument.Parse("""{"a":{"c":null,"d":1.2e-7},"b":[1,"x"]}""").RootElement));

    private static Sums Of((double Value, double Weight)[] users) => users.Aggregate(default(Sums), (sums, user) => sums.Add(user.Value, user.Weight));
}
