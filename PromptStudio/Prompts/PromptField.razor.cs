using Microsoft.AspNetCore.Components;

namespace PromptStudio.Prompts;

/// <summary>Chooses a prompt by its name, with those that fit what is typed.</summary>
public sealed partial class PromptField : IDisposable
{
    private readonly CancellationTokenSource _left = new();
    private const string ListId = "prompt-names";
    private const int Most = 10;

    private IReadOnlyList<string> _names = [];
    private string _typed = "";
    private string _chosen = "";

    [Inject]
    public required PromptStore Prompts { get; init; }

    [Parameter]
    public string? Value { get; set; }

    [Parameter, EditorRequired]
    public required string Label { get; set; }

    /// <summary>A name; empty: none.</summary>
    [Parameter, EditorRequired]
    public EventCallback<string> OnChosen { get; set; }

    protected override void OnParametersSet()
    {
        if ((Value ?? "") != _chosen)
            _chosen = _typed = Value ?? "";
    }

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
    }

    private async Task TypedAsync(string? typed)
    {
        _typed = typed ?? "";
        _names = await Prompts.NamesAsync(_typed.Trim(), Most, _left.Token);
    }

    private Task ChosenAsync(ChangeEventArgs change)
    {
        _chosen = change.Value?.ToString()?.Trim() ?? "";
        return OnChosen.InvokeAsync(_chosen);
    }
}
