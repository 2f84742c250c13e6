using Microsoft.AspNetCore.Components;
using PromptStudio.Prompts;

namespace PromptStudio.Editor;

/// <summary>What the text makes of the values: as callers would get it, with what guardrails find in it.</summary>
public sealed partial class PreviewPane
{
    [Parameter, EditorRequired]
    public required EditorSession Session { get; set; }

    /// <summary>A finding was chosen.</summary>
    [Parameter, EditorRequired]
    public EventCallback<Diagnostic> OnPlace { get; set; }

    /// <summary>The values are to be seen.</summary>
    [Parameter, EditorRequired]
    public EventCallback OnVariables { get; set; }
}
