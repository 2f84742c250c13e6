using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using PromptStudio.Prompts;
using PromptStudio.Shell;
using PromptStudio.Tests.Studio;
using PromptStudio.Tests.Studio.Pages;
using static Microsoft.Playwright.Assertions;

namespace PromptStudio.Tests.Editor;

[Trait(Tier.Name, Tier.Browser)]
public sealed class EditorJourneys(SetUpStudio app, BrowserFixture browser) : IClassFixture<SetUpStudio>
{
    [Fact]
    public Task Prompt_FromItsFirstWordToItsSecondVersionInProduction_InTheBrowser() => SignedInAsync(async (page, editor) =>
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "New prompt" }).ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("journey_prompt");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create prompt" }).ClickAsync();
        await Expect(editor.Heading).ToHaveTextAsync("journey_prompt");
        await editor.LiveAsync();

        await editor.TypeAsync("Hello {{ name }}!");
        await Expect(editor.Saved).ToHaveTextAsync("Unsaved");
        await editor.TabAsync("Variables");
        await editor.Button("Declare 1 variable").ClickAsync();
        await page.Locator("#value-name").FillAsync("Ada");
        await editor.TabAsync("Preview");
        await Expect(editor.Rendered).ToHaveTextAsync("Hello Ada!");
        await page.Keyboard.PressAsync("Control+S");
        await Expect(editor.Saved).ToHaveTextAsync("Saved");

        await editor.Button("Activate").ClickAsync();
        await editor.InDialog("Activate v1 in production").ClickAsync();
        await Expect(editor.State).ToHaveTextAsync("active");

        await editor.TypeAsync("Good day {{ name }}!");
        await Expect(editor.Rendered).ToHaveTextAsync("Good day Ada!");
        await editor.Button("Create version").ClickAsync();
        await editor.Dialog.GetByLabel("What changed, and why").FillAsync("More polite");
        await editor.InDialog("Create version").ClickAsync();
        await Expect(editor.Version).ToHaveTextAsync("v2");
        await Expect(editor.Versions).ToHaveCountAsync(2);
        await Expect(editor.Versions.First).ToContainTextAsync("More polite");

        await editor.LiveAsync();
        await editor.TabAsync("Compare");
        await Expect(page.Locator(".panel .monaco-diff .modified .view-lines")).ToContainTextAsync("Good");
        await editor.Button("Activate").ClickAsync();
        await Expect(editor.Dialog).ToContainTextAsync("Callers get version 1 now. From then on they get version 2.");
        await editor.InDialog("Activate v2 in production").ClickAsync();
        await Expect(editor.State).ToHaveTextAsync("active");

        await using var context = await app.OpenAsync();
        Assert.Equal(2, context.PromptTemplates.Single(version => version.Name == "journey_prompt" && version.IsActive).Version);
    });

    [Fact]
    public Task Text_ThatIsNoTemplate_IsMarkedWhileTyping() => OpenedAsync("marked", "{{ a }}", async (page, editor, _) =>
    {
        await editor.TypeAsync("Hello\n{% if %}");
        await Expect(editor.Problems).ToContainTextAsync("1 error");
        await Expect(editor.Squiggles.First).ToBeAttachedAsync();
        await editor.TypeAsync("Hello");
        await Expect(editor.Problems).ToContainTextAsync("No problems");
        await Expect(editor.Squiggles).ToHaveCountAsync(0);
    });

    [Fact]
    public Task Draft_WhenTheTabDies_IsRestored_AndCanBeDiscarded() => OpenedAsync("drafted", "As stored", async (page, editor, id) =>
    {
        await editor.TypeAsync("Typed and not saved");
        await Expect(editor.Rendered).ToHaveTextAsync("Typed and not saved");
        await page.ReloadAsync();
        await editor.LiveAsync();
        await Expect(page.GetByText("Your draft was restored.")).ToBeVisibleAsync();
        await Expect(editor.Rendered).ToHaveTextAsync("Typed and not saved");
        await editor.Button("Discard").ClickAsync();
        await Expect(editor.Rendered).ToHaveTextAsync("As stored");
        await page.ReloadAsync();
        await editor.LiveAsync();
        await Expect(editor.Rendered).ToHaveTextAsync("As stored");
        await Expect(page.GetByText("Your draft was restored.")).ToHaveCountAsync(0);
    });

    [Fact]
    public Task Conflict_OfTwoPeople_IsShown_AndNothingIsWrittenOver() => OpenedAsync("shared", "As stored", async (page, editor, id) =>
    {
        await editor.TypeAsync("Mine");
        await Expect(editor.Rendered).ToHaveTextAsync("Mine");
        var theirs = await app.Services.GetRequiredService<EditCommand>().RunAsync(TestActors.Editor, id, null, new PromptEdit { TemplateText = "Theirs" }, TestContext.Current.CancellationToken);
        Assert.NotNull(theirs.Value);

        await page.Keyboard.PressAsync("Control+S");
        await Expect(page.GetByText("eve@example.com saved this version while you edited it.")).ToBeVisibleAsync();
        Assert.Equal("Theirs", await StoredAsync(id));
        await Expect(editor.Rendered).ToHaveTextAsync("Mine");

        await editor.Button("Keep mine").ClickAsync();
        await Expect(editor.Saved).ToHaveTextAsync("Saved");
        Assert.Equal("Mine", await StoredAsync(id));
    });

    [Fact]
    public Task Palette_ByKeyboard_LeadsToAPrompt() => SignedInAsync(async (page, editor) =>
    {
        var prompts = new PromptsPageObject(page);
        await page.Keyboard.PressAsync("Control+K");
        await Expect(prompts.Palette).ToBeVisibleAsync();
        await Accessibility.CheckAsync(page, "palette");
        await page.Keyboard.TypeAsync("clarif");
        await Expect(prompts.Palette.GetByRole(AriaRole.Option)).ToHaveTextAsync([new System.Text.RegularExpressions.Regex("clarification_questions")]);
        await page.Keyboard.PressAsync("Enter");
        await Expect(editor.Heading).ToHaveTextAsync("clarification_questions");
        await Expect(prompts.Palette).ToBeHiddenAsync();
    });

    [Fact]
    public Task Editor_OnAPhone_ShowsOnePaneAtATime() => OpenedAsync("phone", "Hello", async (page, editor, _) =>
    {
        await Expect(editor.Text).ToBeVisibleAsync();
        await Expect(editor.Rendered).ToBeHiddenAsync();
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"));
        await page.GetByRole(AriaRole.Navigation, new() { Name = "Panes" }).GetByRole(AriaRole.Button, new() { Name = "Preview" }).ClickAsync();
        await Expect(editor.Rendered).ToBeVisibleAsync();
        await Expect(editor.Text).ToBeHiddenAsync();
    }, width: 390);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Axe_OnEachTabAndDialog_FindsNothingSerious(bool dark) => OpenedAsync(dark ? "axe_dark" : "axe_light", "Hello {{ name }} {{ other }}", async (page, editor, id) =>
    {
        foreach (var tab in (string[])["Preview", "Variables", "Guardrails", "Compare", "Use"])
        {
            await editor.TabAsync(tab);
            await Accessibility.CheckAsync(page, tab);
        }
        await editor.Button("Labels").ClickAsync();
        await Accessibility.CheckAsync(page, "labels");
        await editor.InDialog("Close").ClickAsync();
        await editor.Button("Activate").ClickAsync();
        await Expect(editor.Dialog).ToContainTextAsync("What callers send");
        await Accessibility.CheckAsync(page, "activate");
        await editor.InDialog("Leave it as it is").ClickAsync();
        await page.GotoAsync(Links.Compare(id));
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 2, Name = "Settings" })).ToBeVisibleAsync();
        await Accessibility.CheckAsync(page, "compare");
        await page.GotoAsync(Links.NewPromptRoute);
        await new PromptsPageObject(page).LiveAsync();
        await Accessibility.CheckAsync(page, "new prompt");
    }, dark: dark);

    private async Task<string> StoredAsync(Guid id)
    {
        await using var context = await app.OpenAsync();
        return context.PromptTemplates.Single(version => version.Id == id).TemplateText;
    }

    private async Task OpenedAsync(string name, string text, Func<IPage, EditorPageObject, Guid, Task> journey, int width = 1440, bool dark = false)
    {
        var made = await app.Services.GetRequiredService<PromptCommands>().CreateAsync(TestActors.Admin, new NewPrompt { Name = name, TemplateText = text }, TestContext.Current.CancellationToken);
        await SignedInAsync(async (page, editor) =>
        {
            await editor.OpenAsync(made.Value!.Id);
            await editor.LiveAsync();
            await journey(page, editor, made.Value.Id);
        }, width, dark);
    }

    private Task SignedInAsync(Func<IPage, EditorPageObject, Task> journey, int width = 1440, bool dark = false) => browser.VisitAsync(app, async visit =>
    {
        var signIn = new SignInPageObject(visit.Page);
        await signIn.OpenAsync();
        var prompts = await signIn.SignInAsync(SetUpStudio.Email, SetUpStudio.Password);
        await prompts.LiveAsync();
        await journey(visit.Page, new EditorPageObject(visit.Page));
        Assert.Empty(visit.Console);
        Assert.All(visit.Requests.Where(request => !request.StartsWith("data:", StringComparison.Ordinal) && !request.StartsWith("blob:", StringComparison.Ordinal)), request => Assert.Equal(app.Address.Authority, new Uri(request).Authority));
    }, dark, width);
}
