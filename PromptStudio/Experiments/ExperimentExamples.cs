using System.Text.Json;
using PromptStudio.Core.Experiments;

namespace PromptStudio.Experiments;

/// <summary>What the documentation of the API shows.</summary>
internal static class ExperimentExamples
{
    public static readonly Guid Id = Guid.Parse("01a2008d-7400-7000-8000-0000000000e1");

    public static readonly Guid Control = Guid.Parse("01a2008d-7400-7000-8000-000000000011");

    public static readonly Guid Variant = Guid.Parse("01a2008d-7400-7000-8000-000000000012");

    private static readonly DateTimeOffset Yesterday = new(2026, 11, 21, 9, 30, 0, TimeSpan.Zero);

    private static readonly Dictionary<string, decimal> Halves = new() { ["control"] = 50, ["variant_a"] = 50 };

    public static ExperimentView View { get; } = new()
    {
        Id = Id,
        Name = "Shorter question",
        Description = "Half the words, as many resolved clarifications.",
        PromptName = "nlu_topic_extraction",
        Status = ExperimentStatus.Running,
        Groups = [new ExperimentGroupView("control", Control, 1, 50), new ExperimentGroupView("variant_a", Variant, 2, 50)],
        ControlTemplateId = Control,
        VariantTemplateIds = [Variant],
        TrafficAllocation = Halves,
        Coverage = 100,
        PrimaryMetric = Metric.SuccessRate.Name,
        SecondaryMetrics = [Metric.Tokens.Name],
        GuardrailMetrics = [new GuardrailMetric(Metric.ResponseTime.Name, 0.05, Relative: true)],
        DecisionMethod = DecisionMethod.AlwaysValid,
        MinimumSampleSize = 1000,
        SignificanceThreshold = 0.05,
        Phase = 1,
        StartedAt = Yesterday,
        Revision = 2,
        Etag = "\"2\"",
        CreatedBy = "ada@example.com",
        CreatedAt = Yesterday,
        UpdatedBy = "ada@example.com",
        UpdatedAt = Yesterday,
    };

    public static ExperimentMetrics Metrics { get; } = new()
    {
        Experiment = View,
        Phases = [new ExperimentPhaseView(1, Halves, Yesterday, null)],
        Snapshot = new ExperimentSnapshotView(
            Guid.Parse("01a2047b-3a97-7139-b2de-be3cb065d8a6"), Yesterday.AddDays(1), 1, "1",
            JsonElement.Parse("""{"primary_metric": "success_rate", "decision_method": "always_valid", "minimum_sample_size": 1000, "significance_threshold": 0.05}"""),
            JsonElement.Parse("""{"phase": 1, "groups": [{"group": "control", "users": 2412, "executions": 9120, "outcomes": 8890, "metrics": {"success_rate": {"count": 2398, "mean_value": 2.81}}}]}"""),
            JsonElement.Parse("""{"metrics": [{"metric": "success_rate", "role": "primary", "comparisons": [{"group": "variant_a", "effect": 0.042, "p": 0.0003, "interval": {"lower": 0.021, "upper": 0.064}, "verdict": "better"}]}], "gates": [{"group": "variant_a", "gates": [{"name": "sample", "holds": true, "reason": "Each group has 1,000 users or more."}], "open": true}], "decision": {"code": "declare", "group": "variant_a", "text": "Variant A succeeds 2.1 to 6.4 points more often; safe to declare."}}"""),
            "9f0a4c7d2f1be4d0a8f6c1f2b7f0d4d9c2a1e6b3f5d8a7c4b1e0f9d6c3a2b5e8"),
        Series = [new ExperimentPoint(Yesterday.AddDays(1), 4820, [new ExperimentEffect("variant_a", 0.042, 0.021, 0.064, 0.0003, null)])],
        Health = new ExperimentHealth { Waiting = 12, SucceededAt = Yesterday.AddDays(1) },
    };

    public static SignificanceAnswer Significance { get; } = new(
        [new ArmFigure(1000, 0.12), new ArmFigure(1000, 0.155)],
        [
            new TreatmentFigure
            {
                Arm = 1, Effect = 0.035, StandardError = 0.0154, P = 0.0235, Log10P = -1.63, AdjustedP = 0.0235, Significant = true,
                Interval = new IntervalFigure(0.0048, 0.0653), Lift = 0.2917, LiftInterval = new IntervalFigure(0.036, 0.61), ExactP = 0.0277, ChanceToBeat = 0.988,
            },
        ]);

    public static SampleSizeAnswer SampleSize { get; } = new()
    {
        UsersPerGroup = 3839,
        UsersPerGroupAlwaysValid = 6120,
        Users = 7678,
        UsersPerDay = 1200,
        Days = 7,
        DaysAlwaysValid = 11,
    };
}
