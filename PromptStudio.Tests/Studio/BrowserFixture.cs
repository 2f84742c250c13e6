using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Playwright;
using PromptStudio.Tests.Studio;

[assembly: AssemblyFixture(typeof(BrowserFixture))]

namespace PromptStudio.Tests.Studio;

/// <summary>One Chromium for the whole run; every visit is a person of its own, and leaves a screenshot and a trace when it fails.</summary>
public sealed class BrowserFixture : IAsyncLifetime
{
    private const string Chromium = "/usr/bin/chromium";

    /// <summary>Milliseconds for what a page has to do: only a failure ever takes them, however busy the machine is.</summary>
    private const float Patience = 60_000;

    private readonly SemaphoreSlim _start = new(1, 1);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>Drives a browser through the app.</summary>
    /// <param name="app">Where it goes.</param>
    /// <param name="visit">What it does there.</param>
    /// <param name="dark">What the person's system prefers.</param>
    /// <param name="width">Of the window.</param>
    /// <param name="test">Names the files of a failure.</param>
    public async Task VisitAsync(StudioApp app, Func<Visit, Task> visit, bool dark = false, int width = 1440, [CallerMemberName] string test = "")
    {
        var browser = await BrowserAsync();
        await using var context = await browser.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = app.Address.AbsoluteUri,
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ViewportSize = new ViewportSize { Width = width, Height = width < 600 ? 844 : 900 },
            Permissions = ["clipboard-read", "clipboard-write"],
        });
        context.SetDefaultTimeout(Patience);
        await context.Tracing.StartAsync(new TracingStartOptions { Screenshots = true, Snapshots = true });
        var page = await context.NewPageAsync();
        try
        {
            await visit(new Visit(page));
            await context.Tracing.StopAsync();
        }
        catch
        {
            var folder = Directory.CreateDirectory(Path.Combine("TestResults", test)).FullName;
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, "page.png"), FullPage = true });
            await context.Tracing.StopAsync(new TracingStopOptions { Path = Path.Combine(folder, "trace.zip") });
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        _start.Dispose();
    }

    private async Task<IBrowser> BrowserAsync()
    {
        Requirement.SkipUnless(File.Exists(Chromium), $"The browser tests drive {Chromium}. Install it, on Debian: apt-get install chromium");
        await _start.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            _playwright ??= await Playwright.CreateAsync();
            Assertions.SetDefaultExpectTimeout(Patience);
            return _browser ??= await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
            {
                ExecutablePath = Chromium,
                Args =
                [
                    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                    "--disable-background-networking", "--disable-component-update", "--disable-sync",
                ],
            });
        }
        finally
        {
            _start.Release();
        }
    }
}

/// <summary>A person with a browser: the page, and what it asked for and said.</summary>
public sealed class Visit
{
    private readonly ConcurrentQueue<string> _requests = new();
    private readonly ConcurrentQueue<string> _console = new();

    public Visit(IPage page)
    {
        Page = page;
        page.Request += (_, request) => _requests.Enqueue(request.Url);
        page.WebSocket += (_, socket) => _requests.Enqueue(socket.Url);
        // Chromium says this when somebody typed before the page had chosen a field: a matter of who was first, not of the page.
        page.Console += (_, message) =>
        {
            if (!message.Text.StartsWith("Autofocus processing was blocked", StringComparison.Ordinal))
                _console.Enqueue($"{message.Type}: {message.Text}");
        };
        page.PageError += (_, error) => _console.Enqueue($"error: {error}");
    }

    public IPage Page { get; }

    /// <summary>Every address that the pages asked for.</summary>
    public IReadOnlyCollection<string> Requests => _requests;

    /// <summary>Every line on the browser's console.</summary>
    public IReadOnlyCollection<string> Console => _console;
}
