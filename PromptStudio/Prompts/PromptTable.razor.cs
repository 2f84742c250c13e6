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

    private string? SortOf(string column) => Query.SortColumn != column ? null : Query.Descending ? "descending" : "ascending";
}
