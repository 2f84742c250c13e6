using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;
using PromptStudio.Shell;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Shell;

[Trait(Tier.Name, Tier.Unit)]
public sealed class FiguresTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    private static readonly IStringLocalizer<ShellWords> Words =
        new ServiceCollection().AddLogging().AddLocalization().BuildServiceProvider().GetRequiredService<IStringLocalizer<ShellWords>>();

    [Theory]
    [InlineData(-5, "just now")]
    [InlineData(59, "just now")]
    [InlineData(60, "1 minute ago")]
    [InlineData(3_599, "59 minutes ago")]
    [InlineData(7_300, "2 hours ago")]
    [InlineData(86_400, "yesterday")]
    [InlineData(3 * 86_400, "3 days ago")]
    [InlineData(14 * 86_400, "8 Nov 2026")]
    public void Ago_OfSecondsAgo_IsWhatPeopleSay(int seconds, string expected) =>
        Assert.Equal(expected, Words.Ago(Now.AddSeconds(-seconds), Now));

    [Theory]
    [InlineData(0, 10, "0")]
    [InlineData(10, 10, "100")]
    [InlineData(32, 1000, "3.2")]
    [InlineData(1, 1_000_000, "< 0.1")]
    [InlineData(999_999, 1_000_000, "> 99.9")]
    public void Share_OfAPart_NeverRoundsToNothingOrEverything(long part, long whole, string expected) =>
        Assert.Equal(expected + "\u00a0%", Figures.Share(part, whole));

    [Fact]
    public void Exact_WithoutAZone_IsUtc() =>
        Assert.Equal("22 Nov 2026, 12:00:00 UTC", Figures.Exact(Now.ToOffset(TimeSpan.FromHours(5))));

    [Theory]
    [InlineData(330, "22 Nov 2026, 17:30:00 UTC+5:30")]
    [InlineData(-180, "22 Nov 2026, 09:00:00 UTC\u22123")]
    public void Exact_InAZone_NamesIt(int minutes, string expected) =>
        Assert.Equal(expected, Figures.Exact(Now, TimeZoneInfo.CreateCustomTimeZone("x", TimeSpan.FromMinutes(minutes), "x", "x")));
}
