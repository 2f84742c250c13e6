using Microsoft.AspNetCore.Components;

namespace PromptStudio.Shell;

/// <summary>From an address to its page.</summary>
public sealed partial class Routes
{
    [Parameter, EditorRequired]
    public required Look Look { get; set; }
}
