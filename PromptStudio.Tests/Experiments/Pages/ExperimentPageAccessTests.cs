using System.Net;
using PromptStudio.Core.Access;
using PromptStudio.Shell;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Experiments.Pages;

/// <summary>Who sees which buttons: a Viewer reads everything and changes nothing.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed class ExperimentPageAccessTests(SetUpStudio app) : IClassFixture<SetUpStudio>
{
    private const string Password = "a quite long password";

    [Fact]
    public async Task Pages_OfAViewer_ShowTheFigures_AndNoWayToChangeThem()
    {
        var (id, _) = await app.RunningAsync("seen_by_viewers");
        var (_, viewer) = await TestUsers.JoinAsync(app, "viewer-of-experiments@example.com", Role.Viewer, Password);
        var (_, editor) = await TestUsers.JoinAsync(app, "editor-of-experiments@example.com", Role.Editor, Password);

        var seen = await viewer.GetStringAsync(Links.AbTest(id), TestContext.Current.CancellationToken);
        var edited = await editor.GetStringAsync(Links.AbTest(id), TestContext.Current.CancellationToken);

        foreach (var button in (string[])["Declare winner", "Pause", "Change traffic", "Recompute now"])
        {
            Assert.Contains($">{button}</button>", edited, StringComparison.Ordinal);
            Assert.DoesNotContain($">{button}</button>", seen, StringComparison.Ordinal);
        }
        Assert.Contains("seen_by_viewers", seen, StringComparison.Ordinal);
        Assert.DoesNotContain(Links.NewAbTestRoute, await viewer.GetStringAsync(Links.AbTests(), TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using var refused = await viewer.GetAsync(Links.NewAbTest(), TestContext.Current.CancellationToken);
        Assert.NotEqual(HttpStatusCode.OK, refused.StatusCode);
    }
}
