using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using PromptStudio.Shell;

namespace PromptStudio.Editor;

/// <summary>Two texts beside each other, or one with its changes.</summary>
public sealed partial class MonacoDiff : IAsyncDisposable
{
    private ElementReference _host;
    private IJSObjectReference? _module;
    private IJSObjectReference? _differ;
    private (string, string, string) _shown;
    private bool _sideBySide;
    private bool _left;
    private bool _isShown;

    [Inject]
    public required IJSRuntime Browser { get; init; }

    [Parameter, EditorRequired]
    public required string Before { get; set; }

    [Parameter, EditorRequired]
    public required string After { get; set; }

    /// <summary>For those who hear the page.</summary>
    [Parameter, EditorRequired]
    public required string BeforeLabel { get; set; }

    [Parameter, EditorRequired]
    public required string AfterLabel { get; set; }

    [Parameter]
    public string Format { get; set; } = "plain";

    [Parameter]
    public bool SideBySide { get; set; }

    [Parameter]
    public string Height { get; set; } = "320px";

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_left)
            return;
        try
        {
            if (firstRender)
            {
                _module = await Browser.InvokeAsync<IJSObjectReference>("import", "/editor/editor.js");
                (_shown, _sideBySide) = ((Before, After, Format), SideBySide);
                _differ = await _module.InvokeAsync<IJSObjectReference?>("compare", _host, new { Before, After, Language = Format, SideBySide, BeforeLabel, AfterLabel });
                if (_left || _differ is null)
                    return;
                _isShown = true;
                StateHasChanged();
                return;
            }
            if (_differ is null)
                return;
            if (_shown != (Before, After, Format))
            {
                _shown = (Before, After, Format);
                await _differ.InvokeVoidAsync("show", Before, After, Format);
            }
            if (_sideBySide != SideBySide)
            {
                _sideBySide = SideBySide;
                await _differ.InvokeVoidAsync("sideBySide", SideBySide);
            }
        }
        catch (JSDisconnectedException)
        {
            // The page is gone.
        }
    }

    public async ValueTask DisposeAsync()
    {
        _left = true;
        await _differ.EndAsync("dispose");
        await _module.EndAsync();
    }
}
