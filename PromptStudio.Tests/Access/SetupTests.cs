using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PromptStudio.Access;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Shell;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Access;

[Trait(Tier.Name, Tier.Api)]
public sealed class SetupTests(PostgresServer server)
{
    [Theory]
    [InlineData("")]
    [InlineData("?token=")]
    [InlineData("?token=0123456789abcdef0123456789abcdef0123456789abcdef")]
    public async Task Setup_WithoutTheRightToken_ShowsNoForm(string query)
    {
        await using var app = await StartAsync();
        var page = await app.Anonymous.GetStringAsync(Links.SetupRoute + query, TestContext.Current.CancellationToken);

        Assert.Contains("Open the link from the console", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<form", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Setup_OfEverything_WorksOnce()
    {
        await using var app = await StartAsync();
        var link = Links.Setup(app.Services.GetRequiredService<Bootstrap>().Token!);
        using var client = app.NewClient();
        using var slower = app.NewClient();
        var token = SignInTests.Token(await client.GetStringAsync(link, TestContext.Current.CancellationToken));
        var slowerToken = SignInTests.Token(await slower.GetStringAsync(link, TestContext.Current.CancellationToken));

        // A posted form needs the link's token as much as a page does.
        Assert.DoesNotContain("ps_", await PostAsync(client, Links.Setup("0123"), token, "ada@example.com", "correct horse battery", "correct horse battery"), StringComparison.Ordinal);
        // What people get wrong is said, all of it.
        var problems = await PostAsync(client, link, token, "ada", "short", "shorter");
        Assert.Contains("Enter an e-mail address", problems, StringComparison.Ordinal);
        Assert.Contains("at least 10 characters", problems, StringComparison.Ordinal);
        Assert.Contains("are not the same", problems, StringComparison.Ordinal);
        Assert.Contains("a repetition", await PostAsync(client, link, token, "ada@example.com", "aaaaaaaaaaaa", "aaaaaaaaaaaa"), StringComparison.Ordinal);

        // An apostrophe is a character of e-mail addresses.
        var ready = await PostAsync(client, link, token, "o'hara@example.com", "correct horse battery", "correct horse battery");
        Assert.Contains("Your studio is ready", ready, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(Links.Prompts(), TestContext.Current.CancellationToken)).StatusCode);

        // Neither the link nor a form that was open already makes a second one.
        Assert.Equal(HttpStatusCode.Redirect, (await slower.GetAsync(link, TestContext.Current.CancellationToken)).StatusCode);
        Assert.DoesNotContain("Your studio is ready", await PostAsync(slower, link, slowerToken, "eve@example.com", "correct horse battery", "correct horse battery"), StringComparison.Ordinal);
        await using var context = await app.OpenAsync();
        Assert.Equal("o'hara@example.com", (await context.Users.SingleAsync(TestContext.Current.CancellationToken)).Email);
        var key = await context.ApiKeys.SingleAsync(TestContext.Current.CancellationToken);
        Assert.Equal((SetupPage.FirstKey, ApiScope.Render), (key.Name, Assert.Single(key.Scopes)));
        // What the set-up does is a change as any other: by whom, and the sign-in with it.
        var entries = await context.AuditEntries.OrderBy(entry => entry.Sequence).Select(entry => new { entry.Action, entry.ActorName }).ToListAsync(TestContext.Current.CancellationToken);
        Assert.Equal(
            [(AuditAction.UserJoined, "anonymous"), (AuditAction.SignedIn, "o'hara@example.com"), (AuditAction.ApiKeyCreated, "o'hara@example.com")],
            entries.Select(entry => (entry.Action, entry.ActorName)));
        Assert.Equal("o'hara@example.com", key.CreatedBy);
    }

    /// <summary>One studio a test: set-up happens once.</summary>
    private async Task<FreshStudio> StartAsync()
    {
        var app = new FreshStudio(server);
        await app.InitializeAsync();
        return app;
    }

    private static async Task<string> PostAsync(HttpClient client, string link, string token, string email, string password, string repeat)
    {
        using var form = SignInTests.Form("setup", token, ("Input.Email", email), ("Input.Password", password), ("Input.Repeat", repeat));
        var response = await client.PostAsync(link, form, TestContext.Current.CancellationToken);
        return WebUtility.HtmlDecode(await SignInTests.BodyAsync(response));
    }
}
