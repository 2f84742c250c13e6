namespace PromptStudio.Core.Executions;

/// <summary>How an execution went, as the column <c>status</c> spells it.</summary>
public static class ExecutionStatus
{
    /// <summary>The prompt was rendered; the caller has reported no failure.</summary>
    public const string Success = "success";

    /// <summary>The template failed, or the caller reported that the model call did.</summary>
    public const string Error = "error";

    /// <summary>The caller reported that the model call took too long.</summary>
    public const string Timeout = "timeout";

    /// <summary>A blocking guardrail stopped the prompt.</summary>
    public const string Blocked = "blocked";

    /// <summary>Every status.</summary>
    public static IReadOnlyList<string> All { get; } = [Success, Error, Timeout, Blocked];

    /// <summary>Those that an outcome may report.</summary>
    public static IReadOnlyList<string> Reportable { get; } = [Success, Error, Timeout];
}
