using Microsoft.AspNetCore.Components;

namespace PromptStudio.Experiments.Pages;

/// <summary>Who declared which version the winner, on what figures, and why although a gate was closed.</summary>
public sealed partial class DecisionRecord
{
    private ExperimentReading? _reading;

    [Parameter, EditorRequired]
    public required ExperimentDecisionView Decision { get; set; }

    [Parameter, EditorRequired]
    public required ExperimentView Experiment { get; set; }

    private MetricWords Words => new(L);

    private int Version => Experiment.Groups.FirstOrDefault(group => group.TemplateId == Decision.WinnerTemplateId)?.Version ?? 0;

    protected override void OnParametersSet() => _reading = ExperimentReading.Of(Decision);
}
