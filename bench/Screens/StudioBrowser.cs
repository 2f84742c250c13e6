using Microsoft.Playwright;

namespace PromptStudio.Bench.Screens;

/// <summary>Debian's Chromium, and somebody who signs in to a studio with it.</summary>
internal sealed class StudioBrowser : IAsyncDisposable
{
    public const string Email = "ada@example.com";
    public const string Password = "correct horse battery";

    private readonly IPlaywright _playwright;

    private StudioBrowser(IPlaywright playwright, IBrowser browser) => (_playwright, Browser) = (playwright, browser);

    public IBrowser Browser { get; }

    /// <summary>Starts one.</summary>
    /// <param name="arguments">What Chromium is told beyond the usual.</param>
    public static async Task<StudioBrowser> StartAsync(params string[] arguments)
    {
        var playwright = await Playwright.CreateAsync();
        return new StudioBrowser(playwright, await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = "/usr/bin/chromium", Args = ["--no-sandbox", "--disable-gpu", .. arguments] }));
    }

    /// <summary>A person of their own, signed in.</summary>
    public async Task<IBrowserContext> SignInAsync(Uri studio)
    {
        var context = await Browser.NewContextAsync(new BrowserNewContextOptions { BaseURL = studio.AbsoluteUri, ViewportSize = new ViewportSize { Width = 1440, Height = 900 } });
        context.SetDefaultTimeout(60_000);
        var page = await context.NewPageAsync();
        await page.GotoAsync("/account/sign-in");
        await SignInAsync(page);
        // Left, and not only closed: a circuit whose browser goes away without a word is kept for minutes.
        await page.GotoAsync("about:blank");
        await page.CloseAsync();
        return context;
    }

    /// <summary>Signs in where the page asks for it.</summary>
    public static async Task SignInAsync(IPage page)
    {
        await page.GetByLabel("E-mail").FillAsync(Email);
        await page.GetByLabel("Password").FillAsync(Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await page.WaitForURLAsync("**/admin/prompts");
    }

    /// <summary>The page answers, and shows more than the shape of what it fetches.</summary>
    public static Task<IJSHandle> ReadyAsync(IPage page) =>
        page.WaitForFunctionAsync("() => document.fonts.status === 'loaded' && document.querySelector('main')?.dataset.live !== 'false' && !document.querySelector('.skeleton') && [...document.querySelectorAll('.plot')].every(plot => plot.querySelector('svg'))");

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        _playwright.Dispose();
    }
}
