using Microsoft.Playwright;
using PromptStudio.Shell;

namespace PromptStudio.Tests.Studio.Pages;

/// <summary>The editor of a version.</summary>
internal sealed class EditorPageObject(IPage page)
{
    public ILocator Heading => page.GetByRole(AriaRole.Heading, new() { Level = 1 });

    /// <summary>Number and state, e.g. <c>v2 draft</c>.</summary>
    public ILocator Version => page.Locator(".head .version");

    public ILocator State => page.Locator(".head .chip");

    /// <summary>What the text makes of the values.</summary>
    public ILocator Rendered => page.Locator("#rendered-prompt");

    /// <summary>The rows of the timeline.</summary>
    public ILocator Versions => page.GetByRole(AriaRole.Region, new() { Name = "Versions" }).GetByRole(AriaRole.Listitem);

    public ILocator Dialog => page.GetByRole(AriaRole.Dialog);

    /// <summary>Errors and warnings of the text.</summary>
    public ILocator Problems => page.Locator(".status .diagnostics");

    public ILocator Squiggles => page.Locator(".squiggly-error");

    public ILocator Saved => page.Locator("[data-status='saved']");

    /// <summary>The text as the editor shows it, with its spaces as plain ones.</summary>
    public ILocator Text => page.Locator(".pane.text .view-lines");

    public Task OpenAsync(Guid id) => page.GotoAsync(Links.Edit(id));

    /// <summary>Waits until the editor takes a text.</summary>
    public Task LiveAsync() => page.Locator(".pane.text .monaco-editor .view-lines").WaitForAsync();

    /// <summary>Replaces the whole text, as a person does who pastes it.</summary>
    public async Task TypeAsync(string text)
    {
        await Text.ClickAsync();
        await page.Keyboard.PressAsync("Control+A");
        await page.Keyboard.InsertTextAsync(text);
    }

    public ILocator Button(string name) => page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public Task TabAsync(string name) => page.GetByRole(AriaRole.Tab, new() { Name = name }).ClickAsync();

    public ILocator InDialog(string button) => Dialog.GetByRole(AriaRole.Button, new() { Name = button });

    public ILocator Toast(string text) => page.Locator(".mud-snackbar").Filter(new() { HasText = text });
}
