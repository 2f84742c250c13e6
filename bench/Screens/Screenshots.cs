using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Playwright;

namespace PromptStudio.Bench.Screens;

/// <summary><c>screenshots URL DIR</c>: a picture of every page of a studio that <c>seed</c> has filled, light and dark, wide and narrow. Says which pages wrote to the console or asked another host.</summary>
internal static class Screenshots
{
    private static readonly (string Name, int Width, int Height)[] Sizes = [("wide", 1440, 900), ("narrow", 390, 844)];

    /// <summary>Pages by their names; <c>*</c> stands for the first page that a list leads to, and a button's name after <c>!</c> is pressed there.</summary>
    private static readonly (string Name, string Path)[] Pages =
    [
        ("prompts", "/admin/prompts"),
        ("prompts-empty", "/admin/prompts?search=nothing-like-this"),
        ("editor", "/admin/prompts*/edit"),
        ("compare", "/admin/prompts*/compare"),
        ("experiments", "/admin/ab-tests"),
        ("experiment-new", "/admin/ab-tests/new"),
        ("experiments-none", "/admin/ab-tests?search=nothing-like-this"),
        ("experiment-new-filled", "/admin/ab-tests/new?prompt=support_reply"),
        ("experiment", "/admin/ab-tests?prompt=support_reply&status=running*"),
        ("experiment-unclear", "/admin/ab-tests?prompt=tutor_hint*"),
        ("experiment-mismatch", "/admin/ab-tests?status=paused*"),
        ("experiment-completed", "/admin/ab-tests?status=completed*"),
        ("experiment-decided", "/admin/ab-tests?status=winner_declared*"),
        ("experiment-draft", "/admin/ab-tests?status=draft*"),
        ("experiment-bayesian", "/admin/ab-tests?prompt=support_reply&status=running*?method=bayesian"),
        ("experiment-declare", "/admin/ab-tests?prompt=support_reply&status=running*!Declare winner"),
        ("experiment-declare-closed", "/admin/ab-tests?prompt=tutor_hint*!Declare winner"),
        ("experiment-traffic", "/admin/ab-tests?prompt=tutor_hint*!Change traffic"),
        ("guardrails", "/admin/guardrails"),
        ("guardrail-new", "/admin/guardrails/new"),
        ("guardrail-new-regex", "/admin/guardrails/new?from=us-ssn-regex"),
        ("guardrail", "/admin/guardrails*"),
        ("guardrail-pii", "/admin/guardrails/new?from=personal-data"),
        ("guardrail-test", "/admin/guardrails/test"),
        ("violations", "/admin/guardrails/violations"),
        ("violations-month", "/admin/guardrails/violations?range=30d&outcome=blocked"),
        ("executions", "/admin/executions"),
        ("executions-filtered", "/admin/executions?status=blocked&user=u-1"),
        ("execution", "/admin/executions*"),
        ("execution-blocked", "/admin/executions?status=blocked*"),
        ("audit", "/admin/audit"),
        ("audit-entry", "/admin/audit?action=guardrail.created&entry=*"),
        ("settings", "/admin/settings"),
        ("users", "/admin/users"),
        ("api-keys", "/admin/api-keys"),
        ("account", "/account"),
        ("account-password", "/account/password"),
        ("account-two-factor", "/account/two-factor"),
        ("account-passkeys", "/account/passkeys"),
        ("not-found", "/admin/nothing-here"),
    ];

    /// <returns>The exit code: 1 when a page wrote to the console or asked another host.</returns>
    public static async Task<int> RunAsync(Uri studio, string folder)
    {
        Directory.CreateDirectory(folder);
        var complaints = new ConcurrentQueue<string>();
        var known = new Dictionary<string, string?>();
        await using var chromium = await StudioBrowser.StartAsync();
        var taken = 0;
        foreach (var (size, width, height) in Sizes)
        {
            await using var context = await chromium.Browser.NewContextAsync(new BrowserNewContextOptions { BaseURL = studio.AbsoluteUri, ViewportSize = new ViewportSize { Width = width, Height = height }, ReducedMotion = ReducedMotion.Reduce });
            var page = await context.NewPageAsync();
            var at = "";
            // What Chromium advises about forms is no message of the page.
            page.Console += (_, message) =>
            {
                if (!message.Text.StartsWith("[DOM]", StringComparison.Ordinal))
                    complaints.Enqueue($"{at}: {message.Text}");
            };
            page.PageError += (_, error) => complaints.Enqueue($"{at}: {error}");
            page.Request += (_, request) =>
            {
                if (new Uri(request.Url) is { Scheme: "http" or "https" } asked && asked.Authority != studio.Authority)
                    complaints.Enqueue($"{at}: asks {asked.Host}");
            };
            await page.GotoAsync("/account/sign-in");
            await TakeAsync(page, folder, "sign-in", size, isWhole: size == "narrow");
            await StudioBrowser.SignInAsync(page);
            foreach (var (name, asked) in Pages)
            {
                at = name;
                var parts = asked.Split('!');
                var (path, button) = (parts[0], parts.ElementAtOrDefault(1));
                if (await AddressAsync(page, path, known) is not { } address)
                {
                    await Console.Out.WriteLineAsync($"{name}: nothing leads there");
                    continue;
                }
                var answer = await page.GotoAsync(address);
                // The browser says by itself what was not found.
                if (answer?.Status == 404 && name != "not-found")
                {
                    await Console.Out.WriteLineAsync($"{name}: no page at {address}");
                    continue;
                }
                if (button is not null)
                {
                    await StudioBrowser.ReadyAsync(page);
                    await page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();
                    await page.GetByRole(AriaRole.Dialog).WaitForAsync();
                }
                await TakeAsync(page, folder, name, size, isWhole: size == "narrow" && button is null);
                taken += 2;
            }
        }
        foreach (var complaint in complaints.Distinct().Where(complaint => !complaint.Contains("404", StringComparison.Ordinal)))
            await Console.Error.WriteLineAsync(complaint);
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{taken} pictures in {folder}"));
        return complaints.Any(complaint => !complaint.Contains("404", StringComparison.Ordinal)) ? 1 : 0;
    }

    /// <summary>An address without its star.</summary>
    private static async Task<string?> AddressAsync(IPage page, string path, Dictionary<string, string?> known)
    {
        if (!path.Contains('*', StringComparison.Ordinal))
            return path;
        if (known.TryGetValue(path, out var address))
            return address;
        var (list, rest) = (path[..path.IndexOf('*', StringComparison.Ordinal)].Replace("&entry=", "", StringComparison.Ordinal), path[(path.IndexOf('*', StringComparison.Ordinal) + 1)..]);
        await page.GotoAsync(list);
        await StudioBrowser.ReadyAsync(page);
        var links = page.Locator("tbody a");
        var link = await links.CountAsync() == 0 ? null : await links.First.GetAttributeAsync("href");
        if (list == "/admin/prompts" && rest.Length > 0)
        {
            // A list may lead to a page beside it; the API knows the version.
            var id = await page.EvaluateAsync<string?>("async () => (await (await fetch('/api/admin/prompts?page_size=1&sort=-executions')).json()).items?.[0]?.template_id ?? (await (await fetch('/api/admin/prompts?page_size=1')).json()).items?.[0]?.id ?? null");
            link = id is null ? null : $"{list}/{id}";
        }
        return known[path] = link is null ? null : link + rest;
    }

    private static async Task TakeAsync(IPage page, string folder, string name, string size, bool isWhole)
    {
        foreach (var theme in (string[])["light", "dark"])
        {
            await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = theme == "dark" ? ColorScheme.Dark : ColorScheme.Light });
            await StudioBrowser.ReadyAsync(page);
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"{name}-{size}-{theme}.png"), FullPage = isWhole });
        }
    }
}
