using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using PromptStudio.Prompts;
using PromptStudio.Web;

namespace PromptStudio.Editor;

/// <summary>The labels of the prompt, and which version each points to.</summary>
public sealed partial class LabelDialog
{
    private IReadOnlyList<LabelPointer>? _labels;
    private string _typed = "";
    private string? _problem;

    [Inject]
    public required IStringLocalizer<EditorWords> Words { get; init; }

    [Parameter, EditorRequired]
    public required EditorSession Session { get; set; }

    [Parameter, EditorRequired]
    public EventCallback OnClosed { get; set; }

    [Parameter, EditorRequired]
    public EventCallback<EditorDone> OnDone { get; set; }

    protected override async Task OnInitializedAsync() => _labels = await Session.LabelsAsync(default);

    private Task AddAsync() => MoveAsync(_typed.Trim(), null);

    private async Task MoveAsync(string label, int? from)
    {
        var before = from ?? _labels?.FirstOrDefault(one => one.Label == label)?.Version;
        var version = Session.Version.Version;
        await TakeAsync(await Session.MoveLabelAsync(label, version, default), Words["The label {0} points to version {1}", label, version],
            () => before is { } old ? Session.MoveLabelAsync(label, old, default) : Session.RemoveLabelAsync(label, default));
    }

    private async Task RemoveAsync(LabelPointer label) =>
        await TakeAsync(await Session.RemoveLabelAsync(label.Label, default), Words["The label {0} is gone", label.Label],
            () => Session.MoveLabelAsync(label.Label, label.Version, default));

    private async Task TakeAsync(Problem? problem, string done, Func<Task<Problem?>> undo)
    {
        _problem = problem?.Detail;
        if (problem is null)
            await OnDone.InvokeAsync(new EditorDone(done, null, undo));
    }
}
