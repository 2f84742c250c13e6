using PromptStudio.Core.Access;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Access;

[Trait(Tier.Name, Tier.Unit)]
public sealed class ApiKeyTests
{
    [Fact]
    public void New_IsWellFormedAndNeverTheSame()
    {
        var keys = Enumerable.Range(0, 1000).Select(_ => ApiKey.New()).ToList();

        Assert.All(keys, key => Assert.True(ApiKey.IsWellFormed(key), key));
        Assert.Equal(keys.Count, keys.Distinct(StringComparer.Ordinal).Count());
        Assert.All(keys, key => Assert.Equal(46, key.Length));
    }

    [Theory]
    [InlineData("ps_0123456789abcdef", true)]
    [InlineData("ps_0123456789abcde", false)]
    [InlineData("sk_0123456789abcdef", false)]
    [InlineData("ps_0123456789abcde ", false)]
    [InlineData("ps_0123456789abcdef\n", false)]
    [InlineData(null, false)]
    public void IsWellFormed_FollowsTheRule(string? key, bool expected) => Assert.Equal(expected, ApiKey.IsWellFormed(key));

    [Fact]
    public void Matches_OnlyItsOwnHash()
    {
        var key = ApiKey.New();

        Assert.True(ApiKey.Matches(key, ApiKey.Hash(key)));
        Assert.False(ApiKey.Matches(key + "x", ApiKey.Hash(key)));
        Assert.False(ApiKey.Matches(key, []));
        Assert.Equal(key[..8], ApiKey.Prefix(key));
    }
}
