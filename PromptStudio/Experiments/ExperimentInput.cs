using System.Text.Json;
using PromptStudio.Core.Experiments;
using PromptStudio.Web;

namespace PromptStudio.Experiments;

/// <summary>From what somebody wrote to an experiment's row, or to what is wrong with it.</summary>
internal static class ExperimentInput
{
    public const int DescriptionMaxLength = 2_000;
    public const int ReasonMaxLength = 2_000;
    public const int MostMetrics = 10;
    public const int LargestSample = 100_000_000;

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Puts an edit into a row, the versions and the split apart.</summary>
    /// <returns>What is wrong; null: nothing.</returns>
    public static Problem? Apply(AbTestExperiment row, ExperimentEdit edit, DateTimeOffset now)
    {
        row.Name = edit.Name?.Trim() ?? row.Name;
        if (edit.Description is not null)
            row.Description = edit.Description.Trim() is { Length: > 0 } text ? text : null;
        if (row.Name.Length is 0 or > AbTestExperiment.NameMaxLength)
            return ExperimentProblem.Invalid("name", $"'name' must have 1 to {AbTestExperiment.NameMaxLength} characters.");
        if (row.Description?.Length > DescriptionMaxLength)
            return ExperimentProblem.Invalid("description", $"'description' may have {DescriptionMaxLength} characters.");
        if (edit.Coverage is { } coverage)
        {
            if (coverage is < 0 or > 100 || coverage * 100 != decimal.Truncate(coverage * 100))
                return ExperimentProblem.Invalid("coverage", "'coverage' must be 0 to 100 per cent, with two decimals at most.");
            row.Coverage = (int)(coverage * 100);
        }
        if (edit.PlannedEnd is { } end)
        {
            if (end <= now)
                return ExperimentProblem.Invalid("planned_end", "'planned_end' must be in the future.");
            row.PlannedEnd = end.ToUniversalTime();
        }
        return Method(row, edit) ?? Metrics(row, edit);
    }

    /// <summary>The split, as it is stored.</summary>
    public static string Write(Allocation allocation) => JsonSerializer.Serialize(allocation.Percentages);

    /// <summary>The stored split of an experiment with so many groups.</summary>
    public static Allocation? Read(string json, int groups)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, decimal>>(json) is { } percentages ? Allocation.Read(percentages, groups).Value : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The stored guardrail metrics.</summary>
    public static IReadOnlyList<GuardrailMetric> Guardrails(AbTestExperiment row) => JsonSerializer.Deserialize<GuardrailMetric[]>(row.GuardrailMetrics, Json) ?? [];

    /// <summary>What the analysis goes by.</summary>
    public static ExperimentSettings Settings(AbTestExperiment row) => new()
    {
        PrimaryMetric = row.PrimaryMetric,
        SecondaryMetrics = row.SecondaryMetrics,
        GuardrailMetrics = Guardrails(row),
        DecisionMethod = row.DecisionMethod,
        MinimumSampleSize = row.MinimumSampleSize,
        SignificanceThreshold = row.SignificanceThreshold,
    };

    private static Problem? Method(AbTestExperiment row, ExperimentEdit edit)
    {
        row.DecisionMethod = edit.DecisionMethod ?? row.DecisionMethod;
        row.MinimumSampleSize = edit.MinimumSampleSize ?? row.MinimumSampleSize;
        row.SignificanceThreshold = edit.SignificanceThreshold ?? row.SignificanceThreshold;
        return !DecisionMethod.All.Contains(row.DecisionMethod) ? ExperimentProblem.Invalid("decision_method", $"'decision_method' must be one of {string.Join(", ", DecisionMethod.All)}.")
            : row.MinimumSampleSize is < 1 or > LargestSample ? ExperimentProblem.Invalid("minimum_sample_size", "'minimum_sample_size' must be 1 to 100,000,000 users.")
            : row.SignificanceThreshold is not (>= 0.0001 and <= 0.5) ? ExperimentProblem.Invalid("significance_threshold", "'significance_threshold' must be 0.0001 to 0.5.")
            : null;
    }

    private static Problem? Metrics(AbTestExperiment row, ExperimentEdit edit)
    {
        row.PrimaryMetric = edit.PrimaryMetric ?? row.PrimaryMetric;
        row.SecondaryMetrics = edit.SecondaryMetrics is { } secondary ? [.. secondary] : row.SecondaryMetrics;
        if (edit.GuardrailMetrics is { } guardrails)
        {
            if (Problem(guardrails) is { } problem)
                return problem;
            row.GuardrailMetrics = JsonSerializer.Serialize(guardrails, Json);
        }
        return Metric.Find(row.PrimaryMetric) is null ? Unknown("primary_metric")
            : row.SecondaryMetrics.Length > MostMetrics || row.SecondaryMetrics.Any(name => Metric.Find(name ?? "") is null) ? Unknown("secondary_metrics")
            : row.SecondaryMetrics.Append(row.PrimaryMetric).Distinct().Count() <= row.SecondaryMetrics.Length
                ? ExperimentProblem.Invalid("secondary_metrics", "A metric is named once, and the primary one is no secondary one.")
            : null;
    }

    private static Problem? Problem(IReadOnlyList<GuardrailMetric> guardrails) =>
        guardrails.Count > MostMetrics || guardrails.Any(guardrail => guardrail is null || Metric.Find(guardrail.Metric ?? "") is null) ? Unknown("guardrail_metrics")
        : guardrails.Select(guardrail => guardrail.Metric).Distinct().Count() < guardrails.Count ? ExperimentProblem.Invalid("guardrail_metrics", "A metric can be a guardrail once.")
        : guardrails.Any(guardrail => guardrail.Margin is not (>= 0 and <= 1e9) || (guardrail.Relative && guardrail.Margin > 1))
            ? ExperimentProblem.Invalid("guardrail_metrics", "A margin is 0 or more; a relative one is 1 at most, which is 100 %.")
        : null;

    private static Problem Unknown(string member) =>
        ExperimentProblem.Invalid(member, $"'{member}' must name metrics among {string.Join(", ", Metric.All.Select(metric => metric.Name))}.");
}
