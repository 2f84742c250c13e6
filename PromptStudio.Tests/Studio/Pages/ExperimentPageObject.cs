using Microsoft.Playwright;
using PromptStudio.Shell;

namespace PromptStudio.Tests.Studio.Pages;

/// <summary>The form of an experiment.</summary>
internal sealed class ExperimentFormPageObject(IPage page)
{
    public ILocator Problem => page.GetByRole(AriaRole.Alert);

    public ILocator Calculator => page.GetByRole(AriaRole.Complementary, new() { Name = "How many users does it take?" });

    public ILocator Control => page.Locator("#version-0");

    public ILocator Variant => page.Locator("#version-1");

    public async Task OpenAsync(string? prompt = null)
    {
        await page.GotoAsync(Links.NewAbTest(prompt));
        await new PromptsPageObject(page).LiveAsync();
    }

    public ILocator Share(string group) => page.GetByLabel($"Share of {group}, per cent");

    public Task NameAsync(string name) => page.GetByLabel("Name", new() { Exact = true }).FillAsync(name);

    public Task ChoosePromptAsync(string prompt) => ChangeAsync(page.GetByLabel("Prompt", new() { Exact = true }), prompt);

    public Task SplitAsync(string group, string percent) => ChangeAsync(Share(group), percent);

    public Task MinimumAsync(string users) => ChangeAsync(page.GetByLabel("Users of each group at least"), users);

    public async Task<ExperimentPageObject> CreateAsync()
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Create draft" }).ClickAsync();
        return new ExperimentPageObject(page);
    }

    /// <summary>Fills a field and leaves it: what is typed counts then.</summary>
    private static async Task ChangeAsync(ILocator field, string value)
    {
        await field.FillAsync(value);
        await field.BlurAsync();
    }
}

/// <summary>The page of an experiment.</summary>
internal sealed class ExperimentPageObject(IPage page)
{
    public ILocator Heading(string name) => page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = name, Exact = true });

    public ILocator Verdict => page.Locator("section.verdict");

    /// <summary>What the verdict is based on: users, method, time.</summary>
    public ILocator Basis => page.Locator(".basis");

    public ILocator Dialog => page.GetByRole(AriaRole.Dialog);

    /// <summary>The evidence on a metric.</summary>
    public ILocator Effects(string metric) => page.GetByRole(AriaRole.Table, new() { Name = $"{metric} by group" });

    public ILocator Record => page.GetByRole(AriaRole.Region, new() { Name = "The decision" });

    public async Task OpenAsync(Guid id)
    {
        await page.GotoAsync(Links.AbTest(id));
        await new PromptsPageObject(page).LiveAsync();
    }

    public Task PressAsync(string button) => page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    /// <summary>Asks for a move, and confirms it.</summary>
    public async Task MoveAsync(string button, string confirmation)
    {
        await PressAsync(button);
        await Dialog.GetByRole(AriaRole.Button, new() { Name = confirmation, Exact = true }).ClickAsync();
    }
}
