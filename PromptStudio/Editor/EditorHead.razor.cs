using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;

namespace PromptStudio.Editor;

/// <summary>Which version is open, how it stands, and what can be done with it.</summary>
public sealed partial class EditorHead
{
    [Inject]
    public required IStringLocalizer<EditorWords> Words { get; init; }

    [Parameter, EditorRequired]
    public required EditorSession Session { get; set; }

    [Parameter, EditorRequired]
    public EventCallback OnSave { get; set; }

    [Parameter, EditorRequired]
    public EventCallback<EditorDialog> OnDialog { get; set; }

    [Parameter, EditorRequired]
    public EventCallback<EditorDone> OnDone { get; set; }

    private async Task ApproveAsync() => await OnDone.InvokeAsync(new EditorDone(
        Words["Version {0} is approved", Session.Version.Version], await Session.ApproveAsync(default), () => Session.WithdrawApprovalAsync(default)));

    private async Task WithdrawAsync() => await OnDone.InvokeAsync(new EditorDone(Words["The approval is withdrawn"], await Session.WithdrawApprovalAsync(default)));

    private async Task DeactivateAsync()
    {
        int? before = Session.Version.Version;
        await OnDone.InvokeAsync(new EditorDone(
            Words["No version is active: callers get an error"], await Session.DeactivateAsync(default), () => Session.UndoActivationAsync(before, default)));
    }

    private async Task RestoreAsync() => await OnDone.InvokeAsync(new EditorDone(
        Words["The prompt is back. Activate a version, so that callers get it"], await Session.RestoreAsync(default), () => Session.ArchiveAsync(default)));
}
