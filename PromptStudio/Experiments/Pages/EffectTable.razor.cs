using System.Globalization;
using Microsoft.AspNetCore.Components;
using PromptStudio.Core.Experiments;
using PromptStudio.Core.Experiments.Analysis;
using PromptStudio.Shell;

namespace PromptStudio.Experiments.Pages;

/// <summary>A metric: each group's figure, and each variant's effect with its interval on one axis, beside the same in figures.</summary>
public sealed partial class EffectTable
{
    private ForestPlot _plot = null!;

    [Parameter, EditorRequired]
    public required MetricAnalysis Analysis { get; set; }

    [Parameter, EditorRequired]
    public required ExperimentSettings Settings { get; set; }

    private MetricWords Words => new(L);

    private Metric Metric => Metric.Find(Analysis.Metric)!;

    private string Role => Analysis.Role;

    private string RoleText => Role switch
    {
        MetricAnalysis.Primary => L["primary: it decides"],
        MetricAnalysis.Guardrail => L["guardrail: must not get worse"],
        _ => L["secondary"],
    };

    private string CertaintyHead => Settings.DecisionMethod == DecisionMethod.Bayesian ? L["Chance to beat"] : L["p"];

    protected override void OnParametersSet() => _plot = ForestPlot.Of(Analysis, Metric);

    private static string At(double place) => place.ToString("0.###", CultureInfo.InvariantCulture) + "%";

    private static string Tick(double value) => (value < 0 ? "\u2212" : "") + Math.Abs(value).ToString("#,0.######", Languages.Current.Format);

    private int GroupIndex(string group) => Math.Max(0, Analysis.Groups.Select(one => one.Group).ToList().IndexOf(group));

    private static string Certainty(Comparison one) => one switch
    {
        { Belief: { } belief } => MetricWords.Chance(belief.ChanceToBeat),
        { AdjustedP: { } p } => MetricWords.P(p),
        _ => "–",
    };

    private RenderFragment Reading(Comparison one) => builder =>
    {
        var (text, style) = Read(one);
        builder.OpenElement(0, "span");
        builder.AddAttribute(1, "class", "chip " + style);
        builder.AddContent(2, text);
        builder.CloseElement();
    };

    private (string Text, string Style) Read(Comparison one) => one switch
    {
        { Guardrail: { Verdict: GuardrailFinding.Safe } } => (L["safe"], "active"),
        { Guardrail: { Verdict: GuardrailFinding.Harmed } } => (L["harmed"], "blocking"),
        { Guardrail: not null } => (L["not certain yet"], ""),
        { Reason: not null } => (L["not computable"], ""),
        { Verdict: Comparison.Better } => (L["better"], "active"),
        { Verdict: Comparison.Worse } => (L["worse"], "blocking"),
        _ => (L["not certain yet"], ""),
    };
}
