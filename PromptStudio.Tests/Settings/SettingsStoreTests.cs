using Microsoft.Extensions.DependencyInjection;
using PromptStudio.Settings;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Settings;

[Trait(Tier.Name, Tier.Api)]
public sealed class SettingsStoreTests(SetUpStudio app) : IClassFixture<SetUpStudio>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SettingsStore Store => app.Services.GetRequiredService<SettingsStore>();

    [Fact]
    public async Task Read_SaysWhatHolds_AndWhoDecidedIt_ButNoSecret()
    {
        var settings = (await Store.ReadAsync(TestActors.Admin, Cancellation)).Value!;

        var all = settings.Sections.SelectMany(section => section.Settings).ToDictionary(setting => setting.Name);
        Assert.Equal(("0", true), (all["RateLimits:AdminPerSecond"].Value, all["RateLimits:AdminPerSecond"].IsConfigured));
        Assert.Equal(("10000", false), (all["RateLimits:RenderPerSecond"].Value, all["RateLimits:RenderPerSecond"].IsConfigured));
        Assert.Equal("RateLimits__RenderPerSecond", all["RateLimits:RenderPerSecond"].Variable);
        Assert.DoesNotContain(all.Values, setting => setting.Value?.Contains(SetUpStudio.Password, StringComparison.Ordinal) == true || setting.Value?.Contains(StudioApp.Key, StringComparison.Ordinal) == true);
        Assert.False(settings.IsEmbedded);
        Assert.True(settings.Database is { Bytes: > 0, Connections: > 0 });
        Assert.NotEmpty(settings.Database.Months);
    }

    [Fact]
    public async Task Read_ByAnEditor_IsRefused() => Assert.Equal(403, (await Store.ReadAsync(TestActors.Editor, Cancellation)).Problem!.Status);
}
