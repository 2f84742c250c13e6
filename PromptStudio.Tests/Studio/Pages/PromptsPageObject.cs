using Microsoft.Playwright;
using PromptStudio.Prompts;
using PromptStudio.Shell;

namespace PromptStudio.Tests.Studio.Pages;

/// <summary>The dashboard, and the frame around it.</summary>
internal sealed class PromptsPageObject(IPage page)
{
    public ILocator Heading => page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = "Prompts" });

    /// <summary>The names in the list.</summary>
    public ILocator Names => page.Locator("tbody .of-name a");

    public ILocator Search => page.GetByRole(AriaRole.Searchbox);

    /// <summary>The search over pages, prompts and actions.</summary>
    public ILocator Palette => page.GetByRole(AriaRole.Dialog, new() { Name = "Command palette" });

    public ILocator Category => page.GetByRole(AriaRole.Combobox, new() { Name = "Category" });

    /// <summary>The prompt that is opened beside the list.</summary>
    public ILocator Peek => page.GetByRole(AriaRole.Complementary);

    public ILocator Theme(string name) => page.GetByRole(AriaRole.Radio, new() { Name = name });

    public Task OpenAsync(PromptQuery? query = null, string? prompt = null) => page.GotoAsync(Links.Prompts(query, prompt));

    /// <summary>Waits until the page answers: a prerendered one only looks as if it did.</summary>
    public Task LiveAsync() => page.WaitForFunctionAsync("() => document.querySelector('main')?.dataset.live === 'true'");

    public Task SortByAsync(string column) => page.GetByRole(AriaRole.Columnheader, new() { Name = column }).GetByRole(AriaRole.Link).ClickAsync();

    public Task PeekAtAsync(string name) => page.GetByRole(AriaRole.Link, new() { Name = "Look at " + name, Exact = true }).ClickAsync();

    public async Task<SignInPageObject> SignOutAsync()
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Account of" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        return new SignInPageObject(page);
    }
}
