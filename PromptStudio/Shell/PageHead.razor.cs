using Microsoft.AspNetCore.Components;

namespace PromptStudio.Shell;

/// <summary>What every page begins with: its title, a line about it, and its actions.</summary>
public sealed partial class PageHead
{
    /// <summary>The section of the top bar with the breadcrumbs.</summary>
    public const string Crumbs = "crumbs";

    [Parameter, EditorRequired]
    public required string Title { get; set; }

    /// <summary>One line.</summary>
    [Parameter]
    public RenderFragment? Meta { get; set; }

    /// <summary>At most one filled button.</summary>
    [Parameter]
    public RenderFragment? Actions { get; set; }

    /// <summary>The breadcrumbs, where the title alone does not say where one is.</summary>
    [Parameter]
    public RenderFragment? Trail { get; set; }
}
