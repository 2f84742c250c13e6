using PromptStudio.Shell;
using PromptStudio.Tests.Studio;
using PromptStudio.Tests.Studio.Pages;
using PromptStudio.Web;

namespace PromptStudio.Tests.Web;

/// <summary>Pages that other libraries draw: under the studio's content policy, with nothing from another host.</summary>
[Trait(Tier.Name, Tier.Browser)]
public sealed class DocsJourney(JobStudio app, BrowserFixture browser) : IClassFixture<JobStudio>
{
    [Fact]
    public Task Docs_ShowTheOperations_AndAskNobodyElse() => browser.VisitAsync(app, async visit =>
    {
        await visit.Page.GotoAsync(Links.Docs);

        await visit.Page.GetByText("Render a prompt").First.WaitForAsync();

        Assert.Contains(visit.Requests, address => address.EndsWith(ApiDocument.Route, StringComparison.Ordinal));
        Assert.Empty(Elsewhere(visit));
        Assert.DoesNotContain(visit.Console, line => line.StartsWith("error", StringComparison.Ordinal));
    });

    [Fact]
    public Task Jobs_AreShown_ToASuperAdmin() => browser.VisitAsync(app, async visit =>
    {
        await app.WaitForJobsAsync();
        await visit.Page.GotoAsync(Links.SignIn());
        await new SignInPageObject(visit.Page).SignInAsync(SetUpStudio.Email, SetUpStudio.Password);
        await visit.Page.WaitForURLAsync("**" + Links.PromptsRoute);

        await visit.Page.GotoAsync(Links.Jobs + "/recurring");
        await visit.Page.GetByText("verify-audit").First.WaitForAsync();

        Assert.Empty(Elsewhere(visit));
        Assert.DoesNotContain(visit.Console, line => line.StartsWith("error", StringComparison.Ordinal));
    });

    private IEnumerable<string> Elsewhere(Visit visit) => visit.Requests.Where(address =>
        !address.StartsWith(app.Address.AbsoluteUri, StringComparison.Ordinal) && !address.StartsWith($"ws://{app.Address.Authority}/", StringComparison.Ordinal)
        && !address.StartsWith("data:", StringComparison.Ordinal) && !address.StartsWith("blob:", StringComparison.Ordinal));
}
