namespace PromptStudio.Core.Experiments;

/// <summary>What is compared between groups, always by user.</summary>
public enum MetricKind
{
    /// <summary>The share of users with the property: each user's value is 0 or 1.</summary>
    Proportion,

    /// <summary>The mean over users of each user's total.</summary>
    Mean,

    /// <summary>Total over total, e.g. successes over executions: users weigh by how much they did, and the delta method knows it.</summary>
    Ratio,
}

/// <summary>A metric that experiments can be about.</summary>
/// <param name="Name">As settings and answers spell it.</param>
/// <param name="Kind">How it is estimated.</param>
/// <param name="LowerIsBetter">Whether a decrease is the improvement.</param>
/// <param name="Unit">For people: <c>%</c>, <c>ms</c>, <c>tokens</c>, or empty.</param>
/// <param name="Description">What it says, in a sentence.</param>
public sealed record Metric(string Name, MetricKind Kind, bool LowerIsBetter, string Unit, string Description)
{
    public static Metric SuccessRate { get; } = new("success_rate", MetricKind.Ratio, false, "%",
        "Successes over executions whose success is known. An execution that failed, or gave no prompt, is no success.");

    public static Metric ConversionRate { get; } = new("conversion_rate", MetricKind.Proportion, false, "%",
        "Share of users with any conversion_metric above 0.");

    public static Metric Conversion { get; } = new("conversion", MetricKind.Mean, false, "",
        "Mean over users of the sum of each user's conversion_metric; a user who reported none counts as 0.");

    public static Metric ResponseTime { get; } = new("avg_response_time", MetricKind.Ratio, true, "ms",
        "Mean execution_time_ms over executions that reported it.");

    public static Metric Tokens { get; } = new("avg_response_tokens", MetricKind.Ratio, true, "tokens",
        "Mean response_tokens over executions that reported it.");

    public static Metric SafetyScore { get; } = new("safety_score", MetricKind.Ratio, false, "",
        "Mean safety_score over executions that reported it.");

    public static Metric ErrorRate { get; } = new("error_rate", MetricKind.Ratio, true, "%",
        "Executions that failed, timed out or were blocked, over all executions.");

    /// <summary>Every metric.</summary>
    public static IReadOnlyList<Metric> All { get; } = [SuccessRate, ConversionRate, Conversion, ResponseTime, Tokens, SafetyScore, ErrorRate];

    /// <summary>The metric of a name, or null.</summary>
    public static Metric? Find(string name) => All.FirstOrDefault(metric => metric.Name == name);
}
