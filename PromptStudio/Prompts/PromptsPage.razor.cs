using System.Globalization;
using Microsoft.AspNetCore.Components;
using PromptStudio.Shell;

namespace PromptStudio.Prompts;

/// <summary>The dashboard: every prompt, and how the day goes. The address is its state.</summary>
public sealed partial class PromptsPage : IDisposable
{
    private static readonly TimeSpan TypingPause = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _left = new();
    private PromptQuery _query = new();
    private readonly HashSet<string> _chosen = new(StringComparer.Ordinal);
    private CancellationTokenSource? _typing;

    private static readonly IReadOnlyList<(string Status, string Text)> Statuses =
    [
        (PromptStatus.Active, "Active"),
        (PromptStatus.Inactive, "No active version"),
        (PromptStatus.Draft, "With drafts"),
        (PromptStatus.Archived, "In the archive"),
    ];

    [Inject]
    public required PromptStore Store { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    public required TimeProvider Clock { get; init; }

    [SupplyParameterFromQuery]
    public string? Search { get; set; }

    [SupplyParameterFromQuery]
    public string? Category { get; set; }

    [SupplyParameterFromQuery]
    public string? Status { get; set; }

    [SupplyParameterFromQuery]
    public string? Sort { get; set; }

    [SupplyParameterFromQuery]
    public string? Page { get; set; }

    /// <summary>The prompt that is opened beside the list.</summary>
    [SupplyParameterFromQuery]
    public string? Prompt { get; set; }

    /// <summary>What <see cref="List"/> answers; like those below it comes from the prerendered page, and is not fetched twice.</summary>
    [PersistentState]
    public PromptQuery? Listed { get; set; }

    [PersistentState]
    public PromptPage? List { get; set; }

    [PersistentState]
    public PromptFigures? Figures { get; set; }

    [PersistentState]
    public PromptTemplate? Opened { get; set; }

    [PersistentState]
    public IReadOnlyList<string>? OpenedLabels { get; set; }

    /// <summary>The chosen category stays a choice when no prompt has it any more.</summary>
    private IEnumerable<string> CategoryChoices =>
        _query.Category is { } chosen && Figures?.Categories.Contains(chosen) != true ? [.. Figures?.Categories ?? [], chosen] : Figures?.Categories ?? [];

    protected override async Task OnParametersSetAsync()
    {
        _query = PromptQuery.Of(Search, Category, Sort, int.TryParse(Page, CultureInfo.InvariantCulture, out var page) ? page : null, Status);
        Figures ??= await Store.CountAsync(_left.Token);
        await ListAsync(_query);
        var prompt = PromptQuery.Storable(Prompt);
        if (Opened?.Name != prompt)
        {
            Opened = prompt is null ? null : await Store.FindShownAsync(prompt, _left.Token);
            OpenedLabels = Opened is null ? null : await Store.LabelsAsync(Opened.Id, _left.Token);
        }
    }

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
        _typing?.Dispose();
    }

    private async Task ListAsync(PromptQuery query)
    {
        if (Listed == query)
            return;
        var list = await Store.ListAsync(query, _left.Token);
        // The answer to an earlier address may arrive after the next one was opened.
        if (query != _query)
            return;
        (Listed, List) = (query, list);
        // What is not seen is not chosen.
        _chosen.IntersectWith(list.Rows.Select(row => row.Name));
    }

    private async Task SearchAsync(ChangeEventArgs change)
    {
        if (_typing is not null)
            await _typing.CancelAsync();
        _typing?.Dispose();
        _typing = CancellationTokenSource.CreateLinkedTokenSource(_left.Token);
        try
        {
            await Task.Delay(TypingPause, Clock, _typing.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        Show(_query with { Search = change.Value?.ToString() ?? "", Page = 1 });
    }

    private void Choose((string Name, bool Chosen) choice)
    {
        if (choice.Chosen)
            _chosen.Add(choice.Name);
        else
            _chosen.Remove(choice.Name);
    }

    private void ChooseCategory(ChangeEventArgs change) =>
        Show(_query with { Category = change.Value?.ToString() is { Length: > 0 } category ? category : null, Page = 1 });

    private void ChooseStatus(ChangeEventArgs change) =>
        Show(_query with { Status = change.Value?.ToString() is { Length: > 0 } status ? status : null, Page = 1 });

    private void Show(PromptQuery query) => Navigation.NavigateTo(Links.Prompts(query), replace: true);
}
