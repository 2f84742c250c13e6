using PromptStudio.Shell;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Shell;

[Trait(Tier.Name, Tier.Unit)]
public sealed class TimeRangeTests
{
    private static readonly DateTimeOffset Now = new(2026, 12, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(null, null, null, "7d")]
    [InlineData("24h", null, null, "24h")]
    [InlineData("forever", null, null, "7d")]
    [InlineData(null, "2026-11-01T00:00:00Z", null, "custom")]
    [InlineData(null, "2026-11-02T00:00:00Z", "2026-11-01T00:00:00Z", "7d")]
    [InlineData(null, "yesterday", "x", "7d")]
    [InlineData("24h", "2026-11-01T00:00:00Z", null, "24h")]
    public void Of_AnAddress_TakesWhatMakesSense(string? range, string? from, string? to, string key) => Assert.Equal(key, TimeRange.Of(range, from, to, "7d").Key);

    [Fact]
    public void At_OfASpan_ReachesBackFromNow() => Assert.Equal((Now.AddDays(-1), null), new TimeRange("24h").At(Now));

    [Fact]
    public void Parameters_OfARange_LeadBackToIt()
    {
        var range = new TimeRange(TimeRange.Custom, Now.AddDays(-3), Now);

        var said = range.Parameters("7d").ToDictionary(one => one.Key, one => one.Value);

        Assert.Equal(range, TimeRange.Of(null, said["from"], said["to"], "7d"));
        Assert.Empty(new TimeRange("7d").Parameters("7d"));
        Assert.Equal("30d", new TimeRange("30d").Parameters("7d").Single().Value);
    }
}
