using Microsoft.AspNetCore.Components;

namespace PromptStudio.Shell;

/// <summary>What stands in the place of a page that failed.</summary>
public sealed partial class PageFailed
{
    /// <summary>What the log has too.</summary>
    [Parameter]
    public string? Id { get; set; }

    [Parameter]
    public EventCallback OnRetry { get; set; }
}
