using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.Localization;
using PromptStudio.Core.Prompts;
using PromptStudio.Prompts;

namespace PromptStudio.Editor;

/// <summary>What an activation changes for callers, before it does.</summary>
public sealed partial class ActivateDialog
{
    private PromptDetail? _active;
    private ContractCheck? _check;
    private string? _problem;
    private bool _force;
    private bool _ready;
    private bool _busy;

    [Inject]
    public required IStringLocalizer<EditorWords> Words { get; init; }

    [Parameter, EditorRequired]
    public required EditorSession Session { get; set; }

    [Parameter, EditorRequired]
    public EventCallback OnClosed { get; set; }

    [Parameter, EditorRequired]
    public EventCallback<EditorDone> OnDone { get; set; }

    private bool NeedsApproval => Session.Version is { RequiresApproval: true, Approval: null, ActivatedAt: null };

    private bool MayActivate => _ready && !_busy && !NeedsApproval && (_force || _check?.Fails == false) && Session.Version.Diagnostics.All(finding => finding.Kind != "error");

    protected override async Task OnInitializedAsync()
    {
        _active = await Session.ActiveAsync(default);
        _check = await Session.CheckAsync(default);
        _ready = true;
    }

    private async Task ActivateAsync()
    {
        _busy = true;
        var (version, before) = (Session.Version.Version, Session.Version.ActiveVersion);
        var problem = await Session.ActivateAsync(_force, default);
        _busy = false;
        _problem = problem?.Detail;
        if (problem is null)
            await OnDone.InvokeAsync(new EditorDone(Words["Callers get version {0} now", version], null, () => Session.UndoActivationAsync(before, default)));
    }
}
