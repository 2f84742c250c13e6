using Microsoft.Playwright;
using PromptStudio.Core.Guardrails;
using PromptStudio.Shell;
using PromptStudio.Tests.Guardrails;
using PromptStudio.Tests.Studio;
using PromptStudio.Tests.Studio.Pages;
using static Microsoft.Playwright.Assertions;

namespace PromptStudio.Tests.Shell;

/// <summary>Executions, the audit log, settings; and axe over all of them.</summary>
[Trait(Tier.Name, Tier.Browser)]
public sealed class PagesJourney(SetUpStudio app, BrowserFixture browser) : IClassFixture<SetUpStudio>
{
    [Fact]
    public Task Executions_AreFiltered_AndOneIsOpened() => SignedInAsync(async visit =>
    {
        var page = visit.Page;
        await app.PromptAsync("journey_listed", "Say {{ q }}");
        await app.RenderAsync("journey_listed", """{"q": "something"}""", "\"user_id\": \"journey-user\"");
        await app.RenderAsync("journey_listed", """{"q": "else"}""", "\"user_id\": \"another-user\"");
        await page.GotoAsync(Links.Executions("journey_listed"));
        await new PromptsPageObject(page).LiveAsync();
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(2);

        await page.GetByRole(AriaRole.Button, new() { Name = "Filters" }).ClickAsync();
        await page.GetByLabel("User").FillAsync("journey-user");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);
        await page.ReloadAsync();
        await new PromptsPageObject(page).LiveAsync();
        await Expect(page.Locator("tbody tr")).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Status" }).SelectOptionAsync("blocked");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "No execution matches" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Status" }).SelectOptionAsync("");

        await page.GetByRole(AriaRole.Link, new() { Name = "journey_listed" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = "journey_listed" })).ToBeVisibleAsync();
        await Expect(page.Locator("#rendered")).ToHaveTextAsync("Say something");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Variables" })).ToContainTextAsync("something");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Open in editor" })).ToBeVisibleAsync();

        await page.GotoAsync(Links.Execution(Guid.Empty));
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "This execution is not there" })).ToBeVisibleAsync();
        Assert.Empty(visit.Console);
    });

    [Fact]
    public Task Audit_IsFiltered_ShowsTheChange_AndHolds() => SignedInAsync(async visit =>
    {
        var page = visit.Page;
        await app.GuardAsync("journey_audited", RuleType.Keyword, """{"words": ["x"]}""", """{"name": "Journey audited"}""");
        await page.GotoAsync(Links.AuditRoute);
        await new PromptsPageObject(page).LiveAsync();
        await page.GetByRole(AriaRole.Combobox, new() { Name = "What" }).SelectOptionAsync("guardrail.created");
        await Expect(page.GetByRole(AriaRole.Status).Filter(new() { HasText = "found" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Guardrail created" }).First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Table, new() { Name = "What changed" })).ToContainTextAsync("Journey audited");

        await page.GetByRole(AriaRole.Button, new() { Name = "Verify the chain" }).ClickAsync();
        await Expect(page.GetByText("entries are as they were written.")).ToBeVisibleAsync();
        var export = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Export" }).ClickAsync());
        Assert.Equal("audit.jsonl", export.SuggestedFilename);
        Assert.Empty(visit.Console);
    });

    [Theory]
    [InlineData(false, 1440)]
    [InlineData(true, 390)]
    public Task EveryPage_IsAccessible_AndFitsTheWindow(bool dark, int width) => SignedInAsync(async visit =>
    {
        var page = visit.Page;
        var prompt = $"journey_axe_{width}";
        await app.PromptAsync(prompt, "{{ q }}");
        var guardrail = await app.GuardAsync(prompt, RuleType.Pii, """{"entities": ["EMAIL_ADDRESS"]}""", """{"enforcement_level": "warning"}""");
        var execution = (await app.RenderAsync(prompt, """{"q": "write to ada@example.com", "list": [1, {"a": null}]}""")).Json.Id("execution_id");
        foreach (var route in (string[])
        [
            Links.GuardrailsRoute, Links.NewGuardrailRoute, Links.NewGuardrail("us-ssn-regex"), Links.GuardrailPage(guardrail.Id()), Links.GuardrailTestRoute, Links.ViolationsRoute,
            Links.ExecutionsRoute + "?user=nobody", Links.Executions(prompt), Links.Execution(execution), Links.AuditRoute + "?entry=1", Links.SettingsRoute, Links.UsersRoute, Links.ApiKeysRoute,
        ])
        {
            await page.GotoAsync(route);
            await new PromptsPageObject(page).LiveAsync();
            await Expect(page.Locator(".skeleton")).ToHaveCountAsync(0);
            await Accessibility.CheckAsync(page, route);
            Assert.True(await page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"), $"{route} is wider than its window");
        }
        Assert.Empty(visit.Console);
    }, dark, width);

    private Task SignedInAsync(Func<Visit, Task> journey, bool dark = false, int width = 1440, [System.Runtime.CompilerServices.CallerMemberName] string test = "") => browser.VisitAsync(app, async visit =>
    {
        await new SignInPageObject(visit.Page).OpenAsync();
        await (await new SignInPageObject(visit.Page).SignInAsync(SetUpStudio.Email, SetUpStudio.Password)).LiveAsync();
        await journey(visit);
    }, dark, width, test);
}
