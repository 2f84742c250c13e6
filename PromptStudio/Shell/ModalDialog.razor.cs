using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace PromptStudio.Shell;

/// <summary>A question over the page; it is there as long as it is rendered.</summary>
public sealed partial class ModalDialog
{
    private readonly string _id = "dialog-" + Guid.CreateVersion7(DateTimeOffset.UnixEpoch).ToString("N");
    private ElementReference _dialog;

    [Inject]
    public required IJSRuntime Browser { get; init; }

    [Parameter, EditorRequired]
    public required string Title { get; set; }

    [Parameter, EditorRequired]
    public required RenderFragment ChildContent { get; set; }

    /// <summary>With room for two texts beside each other.</summary>
    [Parameter]
    public bool Wide { get; set; }

    /// <summary>It was closed with Escape: stop rendering it.</summary>
    [Parameter, EditorRequired]
    public EventCallback OnClosed { get; set; }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (firstRender)
            await Browser.InvokeVoidAsync("studioShowModal", _dialog);
    }
}
