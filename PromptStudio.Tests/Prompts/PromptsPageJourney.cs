using Microsoft.Playwright;
using PromptStudio.Prompts;
using PromptStudio.Shell;
using PromptStudio.Tests.Studio;
using PromptStudio.Tests.Studio.Pages;
using static Microsoft.Playwright.Assertions;

namespace PromptStudio.Tests.Prompts;

[Trait(Tier.Name, Tier.Browser)]
public sealed class PromptsPageJourney(SetUpStudio app, BrowserFixture browser) : IClassFixture<SetUpStudio>
{
    [Fact]
    public Task Search_WhileTyping_NarrowsTheListAndTheAddress() => SignedInAsync(async (visit, prompts) =>
    {
        await prompts.Search.FillAsync("CLARIF");
        await Expect(prompts.Names).ToHaveTextAsync(["clarification_questions"]);
        await Expect(visit.Page).ToHaveURLAsync(new Uri(app.Address, Links.Prompts(new PromptQuery { Search = "CLARIF" })).AbsoluteUri);

        await prompts.Search.FillAsync("no such prompt");
        await Expect(visit.Page.GetByRole(AriaRole.Heading, new() { Name = "No prompt matches" })).ToBeVisibleAsync();
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Show all prompts" }).ClickAsync();
        await Expect(prompts.Names).ToHaveCountAsync(2);

        await prompts.Category.SelectOptionAsync("nlu");
        await Expect(prompts.Names).ToHaveTextAsync(["nlu_topic_extraction"]);
        await visit.Page.ReloadAsync();
        await Expect(prompts.Category).ToHaveValueAsync("nlu");
        await Expect(prompts.Names).ToHaveTextAsync(["nlu_topic_extraction"]);
        Assert.Empty(visit.Console);
    });

    [Fact]
    public Task Sort_ByName_AndBack_FollowsTheAddress() => SignedInAsync(async (visit, prompts) =>
    {
        await prompts.SortByAsync("Name");
        await Expect(prompts.Names).ToHaveTextAsync(["clarification_questions", "nlu_topic_extraction"]);
        await prompts.SortByAsync("Name");
        await Expect(prompts.Names).ToHaveTextAsync(["nlu_topic_extraction", "clarification_questions"]);
        await visit.Page.GoBackAsync();
        await Expect(prompts.Names).ToHaveTextAsync(["clarification_questions", "nlu_topic_extraction"]);
    });

    [Fact]
    public Task Peek_ByKeyboard_ShowsTheTextAndCloses() => SignedInAsync(async (visit, prompts) =>
    {
        var name = visit.Page.GetByRole(AriaRole.Link, new() { Name = "Look at nlu_topic_extraction" });
        await name.FocusAsync();
        await visit.Page.Keyboard.PressAsync("Enter");
        await Expect(prompts.Peek).ToContainTextAsync("Student Query: {{ query }}");
        await prompts.Peek.GetByRole(AriaRole.Button, new() { Name = "Copy text" }).ClickAsync();
        await Expect(prompts.Peek.GetByRole(AriaRole.Button, new() { Name = "Copied" })).ToBeVisibleAsync();
        Assert.StartsWith("You are an expert", await visit.Page.EvaluateAsync<string>("navigator.clipboard.readText()"), StringComparison.Ordinal);

        await visit.Page.Keyboard.PressAsync("Escape");
        await Expect(prompts.Peek).ToHaveCountAsync(0);
        await Expect(visit.Page).ToHaveURLAsync(new Uri(app.Address, Links.Prompts()).AbsoluteUri);
    });

    [Fact]
    public Task Navigation_OnAPhone_OpensOverThePageAndNothingIsCutOff() => SignedInAsync(async (visit, prompts) =>
    {
        Assert.True(await visit.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
        var navigation = visit.Page.GetByRole(AriaRole.Navigation, new() { Name = "Studio" });
        await Expect(navigation).ToBeHiddenAsync();
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Open the navigation" }).ClickAsync();
        await Expect(navigation).ToBeVisibleAsync();
        await visit.Page.Keyboard.PressAsync("Escape");
        await Expect(navigation).ToBeHiddenAsync();
        await prompts.PeekAtAsync("nlu_topic_extraction");
        await Expect(prompts.Peek).ToBeVisibleAsync();
        Assert.True(await visit.Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
    }, width: 390);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Axe_OnEachPage_FindsNothingSerious(bool dark) => browser.VisitAsync(app, async visit =>
    {
        var signIn = new SignInPageObject(visit.Page);
        await signIn.OpenAsync();
        await Accessibility.CheckAsync(visit.Page, "sign-in");
        await visit.Page.GotoAsync(Links.NoAccess);
        await Accessibility.CheckAsync(visit.Page, "no access");
        await signIn.OpenAsync();
        var prompts = await signIn.SignInAsync(SetUpStudio.Email, SetUpStudio.Password);
        await prompts.LiveAsync();
        await Accessibility.CheckAsync(visit.Page, "prompts");
        await visit.Page.GetByRole(AriaRole.Button, new() { Name = "Account of" }).ClickAsync();
        await Accessibility.CheckAsync(visit.Page, "account menu");
        await prompts.OpenAsync(prompt: "nlu_topic_extraction");
        await prompts.LiveAsync();
        await Accessibility.CheckAsync(visit.Page, "peek");
        await prompts.OpenAsync(new PromptQuery { Search = "no such prompt" });
        await prompts.LiveAsync();
        await Accessibility.CheckAsync(visit.Page, "empty");
        await visit.Page.GotoAsync("/nothing/here");
        await Accessibility.CheckAsync(visit.Page, "not found");
    }, dark);

    private Task SignedInAsync(Func<Visit, PromptsPageObject, Task> journey, int width = 1440) => browser.VisitAsync(app, async visit =>
    {
        var signIn = new SignInPageObject(visit.Page);
        await signIn.OpenAsync();
        var prompts = await signIn.SignInAsync(SetUpStudio.Email, SetUpStudio.Password);
        await prompts.LiveAsync();
        await journey(visit, prompts);
    }, width: width);
}

/// <summary>axe over the set-up, which only a fresh studio has.</summary>
[Trait(Tier.Name, Tier.Browser)]
public sealed class SetupAccessibility(FreshStudio app, BrowserFixture browser) : IClassFixture<FreshStudio>
{
    [Fact]
    public Task Axe_OnTheSetup_FindsNothingSerious() => browser.VisitAsync(app, async visit =>
    {
        var setup = new SetupPageObject(visit.Page);
        await setup.OpenAsync("wrong");
        await Accessibility.CheckAsync(visit.Page, "refused");
        await setup.OpenAsync(Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions.GetRequiredService<PromptStudio.Access.Bootstrap>(app.Services).Token!);
        await setup.FillAsync("ada@example.com", "correct horse battery", "another horse");
        await Expect(setup.Errors).ToBeVisibleAsync();
        foreach (var theme in (string[])["Light theme", "Dark theme"])
        {
            await visit.Page.GetByRole(AriaRole.Radio, new() { Name = theme }).CheckAsync();
            await Accessibility.CheckAsync(visit.Page, "form, " + theme);
        }
        await setup.FillAsync("ada@example.com", "correct horse battery", "correct horse battery");
        await Expect(setup.Key).ToBeVisibleAsync();
        foreach (var theme in (string[])["Light theme", "Dark theme"])
        {
            await visit.Page.GetByRole(AriaRole.Radio, new() { Name = theme }).CheckAsync();
            await Accessibility.CheckAsync(visit.Page, "key, " + theme);
        }
    });
}
