using Microsoft.AspNetCore.Components;

namespace PromptStudio.Shell;

/// <summary>A field that searches when its person pauses.</summary>
public sealed partial class SearchField : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _left = new();
    private CancellationTokenSource? _typing;
    private string _typed = "";
    private string _searched = "";

    [Inject]
    public required TimeProvider Clock { get; init; }

    [Parameter, EditorRequired]
    public required string Label { get; set; }

    [Parameter]
    public string? Value { get; set; }

    [Parameter, EditorRequired]
    public EventCallback<string> OnSearch { get; set; }

    /// <summary>What somebody searched elsewhere, e.g. by the browser's way back, is shown; the echo of what was typed here overwrites nothing.</summary>
    protected override void OnParametersSet()
    {
        if ((Value ?? "") != _searched)
            _searched = _typed = Value ?? "";
    }

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
        _typing?.Dispose();
    }

    private async Task TypedAsync(string? typed)
    {
        _typed = typed ?? "";
        if (_typing is not null)
            await _typing.CancelAsync();
        _typing?.Dispose();
        _typing = CancellationTokenSource.CreateLinkedTokenSource(_left.Token);
        try
        {
            await Task.Delay(Pause, Clock, _typing.Token);
        }
        catch (OperationCanceledException)
        {
            return;
        }
        _searched = _typed.Trim();
        await OnSearch.InvokeAsync(_searched);
    }
}
