using Microsoft.AspNetCore.Components;

namespace PromptStudio.Shell;

/// <summary>Asks whoever is about to destroy something to type its name.</summary>
public sealed partial class ConfirmByName
{
    private string _typed = "";

    [Parameter, EditorRequired]
    public required string Title { get; set; }

    /// <summary>What has to be typed.</summary>
    [Parameter, EditorRequired]
    public required string Name { get; set; }

    /// <summary>What the button does.</summary>
    [Parameter, EditorRequired]
    public required string Verb { get; set; }

    /// <summary>Asks for the name, if not in the usual words.</summary>
    [Parameter]
    public string? Label { get; set; }

    [Parameter]
    public string? Cancel { get; set; }

    /// <summary>What it means.</summary>
    [Parameter, EditorRequired]
    public required RenderFragment ChildContent { get; set; }

    /// <summary>Why it did not happen.</summary>
    [Parameter]
    public string? Problem { get; set; }

    [Parameter, EditorRequired]
    public EventCallback OnConfirmed { get; set; }

    [Parameter, EditorRequired]
    public EventCallback OnClosed { get; set; }

    private bool Fits => string.Equals(_typed.Trim(), Name.Trim(), StringComparison.Ordinal);

    private Task ConfirmAsync() => Fits ? OnConfirmed.InvokeAsync() : Task.CompletedTask;
}
