using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.Extensions.Localization;
using MudBlazor;
using PromptStudio.Access;
using PromptStudio.Prompts;

namespace PromptStudio.Shell;

/// <summary>Something that the palette leads to.</summary>
/// <param name="Title">What it is called.</param>
/// <param name="Kind">Page, action or prompt.</param>
/// <param name="Href">Where it is.</param>
/// <param name="Icon">Beside it.</param>
public sealed record PaletteEntry(string Title, string Kind, string Href, string Icon);

/// <summary>The way to everything by its name.</summary>
public sealed partial class CommandPalette : IDisposable
{
    private const int MostPrompts = 8;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(120);

    private readonly CancellationTokenSource _gone = new();
    private List<PaletteEntry> _known = [];
    private List<PaletteEntry> _prompts = [];
    private string _typed = "";
    private int _search;

    [Inject]
    public required PromptStore Prompts { get; init; }

    [Inject]
    public required IAuthorizationService Authorization { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    public required IStringLocalizer<ShellWords> Words { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    /// <summary>Pages and actions that contain what was typed, then prompts.</summary>
    private List<PaletteEntry> Found =>
    [
        .. _known.Where(entry => entry.Title.Contains(_typed.Trim(), StringComparison.CurrentCultureIgnoreCase)),
        .. _prompts,
    ];

    protected override async Task OnInitializedAsync()
    {
        var user = (await Authentication).User;
        var entries = new List<PaletteEntry>();
        foreach (var place in Places.All)
        {
            if ((await Authorization.AuthorizeAsync(user, place.Policy)).Succeeded)
                entries.Add(new PaletteEntry(Words[place.Title], Words["page"], place.Route, place.Icon));
        }
        entries.Add(new PaletteEntry(Words["Your account"], Words["page"], Links.Account, Icons.Material.Outlined.ManageAccounts));
        if ((await Authorization.AuthorizeAsync(user, Policy.Edit)).Succeeded)
            entries.Insert(0, new PaletteEntry(Words["New prompt"], Words["action"], Links.NewPromptRoute, Icons.Material.Outlined.Add));
        entries.Add(new PaletteEntry(Words["Export all prompts"], Words["action"], Links.Export([]), Icons.Material.Outlined.Download));
        entries.Add(new PaletteEntry(Words["API documentation"], Words["page"], Links.Docs, Icons.Material.Outlined.MenuBook));
        _known = entries;
    }

    public void Dispose()
    {
        _gone.Cancel();
        _gone.Dispose();
    }

    private async Task TypedAsync(ChangeEventArgs change)
    {
        _typed = change.Value?.ToString() ?? "";
        var mine = ++_search;
        if (_typed.Trim().Length == 0)
        {
            _prompts = [];
            return;
        }
        try
        {
            await Task.Delay(Pause, Clock, _gone.Token);
            if (mine != _search)
                return;
            var names = await Prompts.NamesAsync(_typed.Trim(), MostPrompts, _gone.Token);
            if (mine == _search)
                _prompts = [.. names.Select(name => new PaletteEntry(name, Words["prompt"], Links.EditByName(name), Icons.Material.Outlined.Article))];
        }
        catch (OperationCanceledException)
        {
            // The page is gone.
        }
    }

    /// <summary>The next one begins anew.</summary>
    private void Close() => (_typed, _prompts, _search) = ("", [], _search + 1);

    private void Go(PaletteEntry entry)
    {
        Close();
        // What is no page of the circuit is fetched as a file or a page of its own.
        Navigation.NavigateTo(entry.Href, forceLoad: entry.Href.StartsWith("/api/", StringComparison.Ordinal) || entry.Href == Links.Docs || entry.Href.StartsWith(Links.AccountRoot, StringComparison.Ordinal));
    }
}
