using Microsoft.AspNetCore.Components;

namespace PromptStudio.Prompts;

/// <summary>A page of prompts; each sorts and opens by its address.</summary>
public sealed partial class PromptTable
{
    private static readonly IReadOnlyList<(string Column, string Heading, string Style)> Columns =
    [
        ("name", "Name", "of-name"),
        ("category", "Category", "of-category"),
        ("active", "Active", "of-active"),
        ("versions", "Versions", "of-versions number"),
        ("executions", "Executions, 7 days", "of-executions number"),
        ("changed", "Changed", "of-changed number"),
    ];

    /// <summary>Null while it is fetched.</summary>
    [Parameter, EditorRequired]
    public PromptPage? List { get; set; }

    [Parameter, EditorRequired]
    public required PromptQuery Query { get; set; }

    /// <summary>The prompt that is opened beside the list.</summary>
    [Parameter]
    public string? Opened { get; set; }

    /// <summary>The prompts that something is to be done with.</summary>
    [Parameter]
    public IReadOnlySet<string> Chosen { get; set; } = new HashSet<string>();

    [Parameter]
    public EventCallback<(string Name, bool Chosen)> OnChosen { get; set; }

    private bool AllChosen => List is { Rows.Count: > 0 } && List.Rows.All(row => Chosen.Contains(row.Name));

    private async Task ChooseAllAsync(bool chosen)
    {
        foreach (var row in List?.Rows ?? [])
            await OnChosen.InvokeAsync((row.Name, chosen));
    }

    private string? SortOf(string column) => Query.SortColumn != column ? null : Query.Descending ? "descending" : "ascending";
}
