namespace PromptStudio.Core.Executions;

/// <summary>What a caller reports after it used a rendered prompt. Each part is optional, at least one is given.</summary>
public sealed record Outcome
{
    /// <summary>Characters that a model's name may have.</summary>
    public const int ModelNameMaxLength = 100;

    /// <summary>Whether the prompt did its job.</summary>
    public bool? Success { get; init; }

    /// <summary>A figure of the caller's own, e.g. 1 when the clarification was resolved.</summary>
    public double? ConversionMetric { get; init; }

    /// <summary>The model's answer.</summary>
    public string? ResponseText { get; init; }

    /// <summary>Tokens of the answer.</summary>
    public int? ResponseTokens { get; init; }

    /// <summary>Milliseconds that the model call took.</summary>
    public int? ExecutionTimeMs { get; init; }

    /// <summary>One of <see cref="ExecutionStatus.Reportable"/>.</summary>
    public string? Status { get; init; }

    /// <summary>What went wrong.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>From 0, unsafe, to 1, safe.</summary>
    public double? SafetyScore { get; init; }

    /// <summary>The model that answered.</summary>
    public string? ModelName { get; init; }

    /// <summary>What is wrong with the outcome: field and message of each problem; empty when it can be stored.</summary>
    public IReadOnlyList<(string Field, string Message)> Problems()
    {
        var problems = new List<(string, string)>();
        if (this == new Outcome())
            problems.Add(("", "Report at least one of success, conversion_metric, response_text, response_tokens, execution_time_ms, status, error_message, safety_score and model_name."));
        if (ConversionMetric is { } metric && !double.IsFinite(metric))
            problems.Add(("conversion_metric", "conversion_metric must be a finite number."));
        if (ResponseTokens < 0)
            problems.Add(("response_tokens", "response_tokens must be 0 or more."));
        if (ExecutionTimeMs < 0)
            problems.Add(("execution_time_ms", "execution_time_ms must be 0 or more."));
        if (SafetyScore is < 0 or > 1)
            problems.Add(("safety_score", "safety_score must be from 0 to 1."));
        if (Status is not null && !ExecutionStatus.Reportable.Contains(Status))
            problems.Add(("status", $"status must be one of {string.Join(", ", ExecutionStatus.Reportable)}."));
        if (ModelName?.Length > ModelNameMaxLength)
            problems.Add(("model_name", $"model_name may have {ModelNameMaxLength} characters."));
        return problems;
    }
}
