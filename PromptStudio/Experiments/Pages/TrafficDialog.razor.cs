using Microsoft.AspNetCore.Components;

namespace PromptStudio.Experiments.Pages;

/// <summary>Changes who takes part in a running experiment, and how they are split; says what another split means before it happens.</summary>
public sealed partial class TrafficDialog
{
    private TrafficSplit _split = null!;
    private decimal _coverage;

    [Parameter, EditorRequired]
    public required ExperimentView Experiment { get; set; }

    /// <summary>Why it did not happen.</summary>
    [Parameter]
    public string? Problem { get; set; }

    [Parameter, EditorRequired]
    public EventCallback<ExperimentEdit> OnSaved { get; set; }

    [Parameter, EditorRequired]
    public EventCallback OnClosed { get; set; }

    private bool IsOtherSplit => !_split.IsSame(TrafficSplit.Of(Experiment.TrafficAllocation, Experiment.Groups.Count));

    protected override void OnInitialized() => (_split, _coverage) = (TrafficSplit.Of(Experiment.TrafficAllocation, Experiment.Groups.Count), Experiment.Coverage);

    private Task SaveAsync() => OnSaved.InvokeAsync(new ExperimentEdit
    {
        Coverage = _coverage == Experiment.Coverage ? null : _coverage,
        TrafficAllocation = IsOtherSplit ? _split.Percentages() : null,
    });
}
