using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace PromptStudio.Shell;

/// <summary>A chart in the studio's colours, with the same figures as a table below it. <c>chart.js</c> draws it with ApexCharts, and again when the theme changes.</summary>
public sealed partial class Chart : IAsyncDisposable
{
    private ElementReference _plot;
    private IJSObjectReference? _module;
    private IJSObjectReference? _drawn;
    private ChartData? _shown;

    [Inject]
    public required IJSRuntime Browser { get; init; }

    [Parameter, EditorRequired]
    public required ChartData Data { get; set; }

    /// <summary>Stands above it.</summary>
    [Parameter]
    public string? Title { get; set; }

    /// <summary>What it shows, in a sentence, for those who do not see it.</summary>
    [Parameter]
    public string? Label { get; set; }

    /// <summary>In pixels.</summary>
    [Parameter]
    public int Height { get; set; } = 200;

    public async ValueTask DisposeAsync()
    {
        await _drawn.EndAsync("remove");
        await _module.EndAsync();
    }

    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_shown is not null && _shown.IsSame(Data))
            return;
        _shown = Data;
        try
        {
            _module ??= await Browser.InvokeAsync<IJSObjectReference>("import", "./chart.js");
            if (_drawn is null)
                _drawn = await _module.InvokeAsync<IJSObjectReference>("draw", _plot, Data, Height);
            else
                await _drawn.InvokeVoidAsync("update", Data);
        }
        catch (JSDisconnectedException)
        {
            // The page is gone, and the chart with it.
        }
    }
}
