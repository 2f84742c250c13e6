namespace PromptStudio.Client;

/// <summary>What became of a rendered prompt. Each part is optional, at least one is given.</summary>
public sealed record Outcome
{
    /// <summary>Whether the prompt did its job.</summary>
    public bool? Success { get; init; }

    /// <summary>A figure of your own, e.g. 1 when the question was resolved.</summary>
    public double? ConversionMetric { get; init; }

    /// <summary>The model's answer.</summary>
    public string? ResponseText { get; init; }

    /// <summary>Tokens of the answer.</summary>
    public int? ResponseTokens { get; init; }

    /// <summary>Milliseconds that the model call took.</summary>
    public int? ExecutionTimeMs { get; init; }

    /// <summary><c>success</c>, <c>error</c> or <c>timeout</c>: how the model call ended.</summary>
    public string? Status { get; init; }

    /// <summary>What went wrong.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>From 0, unsafe, to 1, safe.</summary>
    public double? SafetyScore { get; init; }

    /// <summary>The model that answered.</summary>
    public string? ModelName { get; init; }
}

/// <summary>What the studio stored of a report.</summary>
public sealed record ReportedOutcome
{
    /// <summary>The execution.</summary>
    public required Guid ExecutionId { get; init; }

    /// <summary>How it went.</summary>
    public required string Status { get; init; }

    /// <summary>When its outcome was reported first; null: it waits to be sent, because the studio is down. Only local mode does that.</summary>
    public DateTimeOffset? OutcomeAt { get; init; }

    /// <summary>Whether a guardrail blocks the response: it must not be shown to anybody.</summary>
    public bool ResponseBlocked { get; init; }

    /// <summary>What guardrails found in the response.</summary>
    public IReadOnlyList<GuardrailViolation> GuardrailViolations { get; init; } = [];
}
