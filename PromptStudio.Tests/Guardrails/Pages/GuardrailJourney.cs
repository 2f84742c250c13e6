using Microsoft.Playwright;
using PromptStudio.Core.Guardrails;
using PromptStudio.Shell;
using PromptStudio.Tests.Studio;
using PromptStudio.Tests.Studio.Pages;
using static Microsoft.Playwright.Assertions;

namespace PromptStudio.Tests.Guardrails.Pages;

[Trait(Tier.Name, Tier.Browser)]
public sealed class GuardrailJourney(SetUpStudio app, BrowserFixture browser) : IClassFixture<SetUpStudio>
{
    [Fact]
    public Task Guardrail_IsCreated_Tested_AndBlocks() => SignedInAsync(async (visit, page) =>
    {
        await app.PromptAsync("journey_blocked", "{{ q }}");
        await page.GotoAsync(Links.GuardrailsRoute);
        await new PromptsPageObject(page).LiveAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Create guardrail" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "US social security numbers" }).ClickAsync();
        // What is typed is looked at while it is typed.
        await page.GetByLabel("A text").FillAsync("I am 856-45-6789");
        await Expect(page.GetByRole(AriaRole.Complementary).Locator("mark")).ToHaveTextAsync("856-45-6789");
        await Expect(page.GetByText("linear time", new() { Exact = true })).ToBeVisibleAsync();
        await page.GetByLabel("Patterns, one a line").First.FillAsync("(?<=I am )\\d{3}-\\d{2}-\\d{4}");
        await Expect(page.GetByText("backtracks", new() { Exact = true })).ToBeVisibleAsync();
        await page.GetByLabel("Patterns, one a line").First.FillAsync("(");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("is no regular expression");
        await page.GetByLabel("Patterns, one a line").First.FillAsync("\\d{3}-\\d{2}-\\d{4}");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Journey numbers");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create guardrail" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = "Journey numbers" })).ToBeVisibleAsync();
        await Expect(page.GetByText("All saved")).ToBeVisibleAsync();

        var blocked = await app.RenderAsync("journey_blocked", """{"q": "mine is 856-45-6789"}""");
        Assert.Equal("guardrail_blocked", blocked.Code);

        // Off, and on again by the toast.
        await page.GotoAsync(Links.GuardrailsRoute);
        await new PromptsPageObject(page).LiveAsync();
        var isOn = page.GetByRole(AriaRole.Switch, new() { Name = "Journey numbers is on" });
        await isOn.ClickAsync();
        // The browser clears the switch at once; the toast says that the studio has done it.
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Undo" })).ToBeVisibleAsync();
        await Expect(isOn).Not.ToBeCheckedAsync();
        Assert.Null((await app.RenderAsync("journey_blocked", """{"q": "mine is 856-45-6789"}""")).Code);
        await page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await Expect(isOn).ToBeCheckedAsync();

        // The violation leads to the execution, and may be marked as wrong.
        await page.GotoAsync(Links.Violations(prompt: "journey_blocked"));
        await new PromptsPageObject(page).LiveAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Mark as found wrongly: Journey numbers" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Take back the mark of Journey numbers" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Mark as found wrongly: Journey numbers" })).ToBeVisibleAsync();
        await page.Locator("tbody .row-link").First.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = "journey_blocked" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Link, new() { Name = "Journey numbers" })).ToBeVisibleAsync();

        // Deleted by its name.
        await page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Link, new() { Name = "Journey numbers" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Delete guardrail" })).ToBeDisabledAsync();
        await page.GetByLabel("Type its name to confirm").FillAsync("Journey numbers");
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete guardrail" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = "Guardrails" })).ToBeVisibleAsync();
        Assert.Empty(visit.Console);
        Assert.All(visit.Requests, address => Assert.Equal(app.Address.Authority, new Uri(address).Authority));
    });

    [Fact]
    public Task Conflict_IsShown_AndNothingIsLost() => SignedInAsync(async (_, page) =>
    {
        var guardrail = await app.GuardAsync("journey_conflict", RuleType.Keyword, """{"words": ["one"]}""", """{"name": "Journey conflict"}""");
        await page.GotoAsync(Links.GuardrailPage(guardrail.Id()));
        await new PromptsPageObject(page).LiveAsync();
        await page.GetByLabel("Words or phrases, one a line").FillAsync("one\ntwo");
        using var other = new HttpRequestMessage(HttpMethod.Put, $"{Guarded.Guardrails}/{guardrail.Id()}") { Content = new StringContent("""{"message": "theirs"}""", System.Text.Encoding.UTF8, "application/json") };
        other.Headers.TryAddWithoutValidation("If-Match", "*");
        (await app.Client.SendAsync(other, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();

        await page.GetByRole(AriaRole.Button, new() { Name = "Save changes" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Both differ in: What it looks for, Message.");
        await Expect(page.GetByLabel("Words or phrases, one a line")).ToHaveValueAsync("one\ntwo");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save mine in its place" }).ClickAsync();
        await Expect(page.GetByText("All saved")).ToBeVisibleAsync();
        var saved = await app.Client.CallAsync(HttpMethod.Get, $"{Guarded.Guardrails}/{guardrail.Id()}");
        Assert.Equal("3", saved.Value("revision"));
        Assert.Contains("two", saved.Text, StringComparison.Ordinal);
    });

    [Fact]
    public Task TestBench_OfSeveralRules_ShowsWhatEachFinds() => SignedInAsync(async (_, page) =>
    {
        await app.GuardAsync("journey_bench", RuleType.Keyword, """{"words": ["apple"]}""", """{"name": "Journey apples"}""");
        await app.GuardAsync("journey_bench", RuleType.Keyword, """{"words": ["pear"]}""", """{"name": "Journey pears", "enforcement_level": "warning"}""");
        await page.GotoAsync(Links.GuardrailTestRoute);
        await new PromptsPageObject(page).LiveAsync();
        await page.GetByLabel("A text").FillAsync("an apple a day");
        await page.GetByRole(AriaRole.Button, new() { Name = "Test this text" }).ClickAsync();

        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Journey apples" })).ToContainTextAsync("Hit");
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Journey pears" })).ToContainTextAsync("No hit");
        await Expect(page.Locator("mark.blocking")).ToHaveTextAsync("apple");
    });

    private Task SignedInAsync(Func<Visit, IPage, Task> journey, [System.Runtime.CompilerServices.CallerMemberName] string test = "") => browser.VisitAsync(app, async visit =>
    {
        await new SignInPageObject(visit.Page).OpenAsync();
        await (await new SignInPageObject(visit.Page).SignInAsync(SetUpStudio.Email, SetUpStudio.Password)).LiveAsync();
        await journey(visit, visit.Page);
    }, test: test);
}
