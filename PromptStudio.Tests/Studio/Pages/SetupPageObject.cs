using Microsoft.Playwright;
using PromptStudio.Shell;

namespace PromptStudio.Tests.Studio.Pages;

/// <summary>The first run.</summary>
internal sealed class SetupPageObject(IPage page)
{
    public ILocator Heading => page.GetByRole(AriaRole.Heading, new() { Level = 1 });

    public ILocator Errors => page.GetByRole(AriaRole.Alert);

    public ILocator Key => page.Locator("#api-key");

    public ILocator Command => page.Locator("#curl");

    public Task OpenAsync(string token) => page.GotoAsync(Links.Setup(token));

    public async Task FillAsync(string email, string password, string repeat)
    {
        await page.GetByLabel("E-mail").FillAsync(email);
        await page.GetByLabel("Password", new() { Exact = true }).FillAsync(password);
        await page.GetByLabel("Password again").FillAsync(repeat);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create account and API key" }).ClickAsync();
    }

    public async Task<PromptsPageObject> OpenStudioAsync()
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "Open the studio" }).ClickAsync();
        return new PromptsPageObject(page);
    }
}
