using Microsoft.AspNetCore.Components;

namespace PromptStudio.Shell;

/// <summary>An instant as people say it; the exact one shows on hover.</summary>
public sealed partial class RelativeTime
{
    [Inject]
    public required TimeProvider Clock { get; init; }

    /// <summary>Says the browser's zone.</summary>
    [CascadingParameter]
    public Look? Look { get; set; }

    [Parameter, EditorRequired]
    public DateTimeOffset Instant { get; set; }
}
