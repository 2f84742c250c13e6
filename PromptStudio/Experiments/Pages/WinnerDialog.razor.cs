using Microsoft.AspNetCore.Components;
using PromptStudio.Access;
using PromptStudio.Core.Experiments;
using PromptStudio.Core.Experiments.Analysis;
using PromptStudio.Core.Prompts;
using PromptStudio.Prompts;

namespace PromptStudio.Experiments.Pages;

/// <summary>Asks which group wins, shows what speaks against it and what would change for callers, and wants a reason where a gate is closed.</summary>
public sealed partial class WinnerDialog : IDisposable
{
    private readonly CancellationTokenSource _left = new();
    private string _group = Allocation.Control;
    private string _typed = "";
    private string _reason = "";
    private TextDiff? _diff;
    private int? _active;

    [Inject]
    public required PromptStore Prompts { get; init; }

    [Inject]
    public required CurrentActor Me { get; init; }

    [Parameter, EditorRequired]
    public required ExperimentView Experiment { get; set; }

    /// <summary>The newest figures; null: there are none.</summary>
    [Parameter, EditorRequired]
    public ExperimentReading? Reading { get; set; }

    /// <summary>Why it did not happen.</summary>
    [Parameter]
    public string? Problem { get; set; }

    /// <summary>It is being declared.</summary>
    [Parameter]
    public bool IsBusy { get; set; }

    [Parameter, EditorRequired]
    public EventCallback<DeclareWinner> OnDeclared { get; set; }

    [Parameter, EditorRequired]
    public EventCallback OnClosed { get; set; }

    private MetricWords Words => new(L);

    /// <summary>The group that the figures speak for.</summary>
    private string? Suggested => Reading?.Decides.Decision.Group;

    private GroupGates? Gates => Reading?.Decides.Gates.FirstOrDefault(one => one.Group == _group);

    private bool IsOpen => Gates is { Open: true };

    private bool Fits => !IsBusy && string.Equals(_typed.Trim(), Experiment.Name.Trim(), StringComparison.Ordinal) && (IsOpen || _reason.Trim().Length > 0);

    private ExperimentGroupView Chosen => Experiment.Groups.First(group => group.Name == _group);

    private string ActivationText => _active == Chosen.Version ? L["v{0} is active already: callers get what they get now", Chosen.Version]
        : _active is { } active ? L["v{0} is activated in place of v{1}", Chosen.Version, active]
        : L["v{0} is activated", Chosen.Version];

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
    }

    protected override Task OnInitializedAsync() => ChooseAsync(Suggested ?? Experiment.Groups[^1].Name);

    private async Task ChooseAsync(string group)
    {
        _group = group;
        var me = await Me.GetAsync();
        _active = (await Prompts.FindAsync(me, Chosen.TemplateId, _left.Token)).Value?.ActiveVersion;
        _diff = _active is null || _active == Chosen.Version ? null : (await Prompts.CompareAsync(me, Chosen.TemplateId, null, _left.Token)).Value?.Text;
    }

    private Task DeclareAsync() => Fits
        ? OnDeclared.InvokeAsync(new DeclareWinner { TemplateId = Chosen.TemplateId, OverrideReason = IsOpen ? null : _reason.Trim() })
        : Task.CompletedTask;
}
