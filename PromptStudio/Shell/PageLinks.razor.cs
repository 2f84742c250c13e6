using Microsoft.AspNetCore.Components;

namespace PromptStudio.Shell;

/// <summary>The way between the pages of a list; nothing where there is only one.</summary>
public sealed partial class PageLinks
{
    /// <summary>From 1.</summary>
    [Parameter, EditorRequired]
    public int Page { get; set; }

    [Parameter, EditorRequired]
    public int PageSize { get; set; }

    [Parameter, EditorRequired]
    public long Total { get; set; }

    /// <summary>The address of a page.</summary>
    [Parameter, EditorRequired]
    public required Func<int, string> Of { get; set; }

    private long First => Math.Min(Total, ((Page - 1L) * PageSize) + 1);

    private long Last => Math.Min(Total, (long)Page * PageSize);
}
