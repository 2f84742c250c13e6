using PromptStudio.Core.Experiments;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Experiments;

[Trait(Tier.Name, Tier.Unit)]
public sealed class BucketTests
{
    /// <summary>GrowthBook's public vectors of its hash, version 2.</summary>
    [Theory]
    [InlineData("seed", "a", 0.0505)]
    [InlineData("seed", "b", 0.2696)]
    [InlineData("foo", "ab", 0.2575)]
    [InlineData("foo", "def", 0.2019)]
    [InlineData("89123klj", "8952klfjas09ujkasdf", 0.124)]
    [InlineData("90850943850283058242805", "123", 0.7516)]
    [InlineData("()**(%$##$%#$#", "___)((*\":&", 0.0128)]
    public void Place_IsThatOfThePublicHash(string seed, string value, double expected) => Assert.Equal(expected, Bucket.Of(seed, value));

    [Fact]
    public void Places_UnderTwoSeeds_AreUnrelated()
    {
        var both = Enumerable.Range(0, 10_000).Count(user => Bucket.Of("one", $"u-{user}") < 0.5 && Bucket.Of("two", $"u-{user}") < 0.5);
        Assert.InRange(both, 2_350, 2_650);
    }
}
