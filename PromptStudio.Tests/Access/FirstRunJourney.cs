using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using PromptStudio.Access;
using PromptStudio.Tests.Studio;
using PromptStudio.Tests.Studio.Pages;
using static Microsoft.Playwright.Assertions;

namespace PromptStudio.Tests.Access;

[Trait(Tier.Name, Tier.Browser)]
public sealed partial class FirstRunJourney(FreshStudio app, BrowserFixture browser) : IClassFixture<FreshStudio>
{
    private const string Email = "ada@example.com";
    private const string Password = "correct horse battery";

    [Fact]
    public Task FirstRun_FromTheLinkToTheSecondSignIn() => browser.VisitAsync(app, async visit =>
    {
        var page = visit.Page;
        var setup = new SetupPageObject(page);
        await setup.OpenAsync("not the token");
        await Expect(setup.Heading).ToHaveTextAsync("Open the link from the console");

        // The set-up, wrong first.
        await setup.OpenAsync(app.Services.GetRequiredService<Bootstrap>().Token!);
        await setup.FillAsync(Email, Password, Password + "!");
        await Expect(setup.Errors).ToContainTextAsync("The two passwords are not the same.");
        await setup.FillAsync(Email, Password, Password);
        await Expect(setup.Heading).ToHaveTextAsync("Your studio is ready");

        // The key that it shows works as its command says.
        var key = await setup.Key.InnerTextAsync();
        Assert.Equal(HttpStatusCode.OK, await RunAsync(await setup.Command.InnerTextAsync(), key));

        // The studio lists both prompts and what just happened.
        var prompts = await setup.OpenStudioAsync();
        await prompts.LiveAsync();
        await Expect(prompts.Names).ToHaveTextAsync(["clarification_questions", "nlu_topic_extraction"]);
        await Expect(page.GetByRole(AriaRole.Definition).Filter(new() { HasText = "0 of 1" }).First).ToBeVisibleAsync();

        // The theme outlives a reload, and the account page has it too.
        await prompts.Theme("Dark theme").CheckAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await page.ReloadAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("data-theme", "dark");
        await Expect(prompts.Theme("Dark theme")).ToBeCheckedAsync();
        await Expect(page.Locator("body")).ToHaveCSSAsync("background-color", "rgb(15, 17, 21)");
        await prompts.LiveAsync();

        // Out, and in again, wrong first.
        var signIn = await prompts.SignOutAsync();
        await Expect(signIn.Heading).ToBeVisibleAsync();
        await Expect(page.Locator("body")).ToHaveCSSAsync("background-color", "rgb(15, 17, 21)");
        await signIn.SignInAsync(Email, "something else");
        await Expect(signIn.Error).ToContainTextAsync("The e-mail address or the password is wrong.");
        await signIn.SignInAsync(Email, Password);
        await Expect(prompts.Heading).ToBeVisibleAsync();
        await prompts.LiveAsync();

        // Nothing came from elsewhere, and nothing went wrong unseen.
        Assert.NotEmpty(visit.Requests);
        Assert.All(visit.Requests, request => Assert.Equal(app.Address.Authority, new Uri(request).Authority));
        Assert.Empty(visit.Console);
        Assert.Empty(app.Errors);
    });

    /// <summary>Does what the curl command says.</summary>
    private async Task<HttpStatusCode> RunAsync(string command, string key)
    {
        var parts = Command().Match(command);
        Assert.True(parts.Success, command);
        Assert.Equal(key, parts.Groups["key"].Value);
        Assert.StartsWith(app.Address.AbsoluteUri, parts.Groups["url"].Value, StringComparison.Ordinal);
        using var request = new HttpRequestMessage(HttpMethod.Post, parts.Groups["url"].Value);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        request.Content = new StringContent(parts.Groups["body"].Value, Encoding.UTF8, "application/json");
        return (await app.Anonymous.SendAsync(request, TestContext.Current.CancellationToken)).StatusCode;
    }

    [GeneratedRegex("""\Acurl (?<url>\S+) \\\s+-H "Authorization: Bearer (?<key>\S+)" \\\s+-H "Content-Type: application/json" \\\s+-d '(?<body>[^']+)'\s*\z""")]
    private static partial Regex Command();
}
