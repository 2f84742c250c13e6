using System.Net;
using PromptStudio.Shell;
using PromptStudio.Tests.Access;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Jobs;

[Trait(Tier.Name, Tier.Api)]
public sealed class JobDashboardTests(JobStudio app) : IClassFixture<JobStudio>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Dashboard_TakesNoCommandThatAnotherSiteSends()
    {
        await app.WaitForJobsAsync();
        using var client = app.NewClient();
        await SignInTests.SignInAsync(client, SetUpStudio.Email, SetUpStudio.Password);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri(Links.Jobs + "/recurring", UriKind.Relative), Cancellation)).StatusCode);
        using var form = new FormUrlEncodedContent([new("jobs[]", "verify-audit")]);

        var answer = await client.PostAsync(new Uri(Links.Jobs + "/recurring/remove", UriKind.Relative), form, Cancellation);

        Assert.True(answer.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Forbidden);
        Assert.Contains("verify-audit", await client.GetStringAsync(new Uri(Links.Jobs + "/recurring", UriKind.Relative), Cancellation), StringComparison.Ordinal);
    }
}
