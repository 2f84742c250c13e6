using Microsoft.AspNetCore.Components;
using PromptStudio.Prompts;

namespace PromptStudio.Editor;

/// <summary>A look at what changed, before it becomes a version.</summary>
public sealed partial class NewVersionDialog
{
    private string _message = "";
    private string? _problem;
    private bool _busy;

    [Parameter, EditorRequired]
    public required EditorSession Session { get; set; }

    [Parameter, EditorRequired]
    public EventCallback OnClosed { get; set; }

    [Parameter, EditorRequired]
    public EventCallback<PromptDetail> OnCreated { get; set; }

    private async Task CreateAsync()
    {
        if (_busy)
            return;
        _busy = true;
        var answer = await Session.CreateVersionAsync(_message, default);
        _busy = false;
        _problem = answer.Problem?.Detail;
        if (answer.Value is { } version)
            await OnCreated.InvokeAsync(version);
    }
}
