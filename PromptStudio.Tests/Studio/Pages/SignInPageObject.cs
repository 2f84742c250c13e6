using Microsoft.Playwright;
using PromptStudio.Shell;

namespace PromptStudio.Tests.Studio.Pages;

/// <summary>The sign-in.</summary>
internal sealed class SignInPageObject(IPage page)
{
    public ILocator Heading => page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = "Sign in" });

    public ILocator Error => page.GetByRole(AriaRole.Alert);

    public Task OpenAsync() => page.GotoAsync(Links.SignIn());

    public async Task<PromptsPageObject> SignInAsync(string email, string password)
    {
        await page.GetByLabel("E-mail").FillAsync(email);
        await page.GetByLabel("Password").FillAsync(password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        return new PromptsPageObject(page);
    }
}
