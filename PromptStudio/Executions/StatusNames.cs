using PromptStudio.Core.Executions;

namespace PromptStudio.Executions;

/// <summary>What people call how an execution went; each is a key of <see cref="ExecutionWords"/>.</summary>
public static class StatusNames
{
    public static string Of(string status) => status switch
    {
        ExecutionStatus.Success => "Rendered",
        ExecutionStatus.Error => "Failed",
        ExecutionStatus.Timeout => "Timed out",
        _ => "Blocked",
    };

    /// <summary>Its chip.</summary>
    public static string Style(string status) => status switch
    {
        ExecutionStatus.Success => "active",
        ExecutionStatus.Timeout => "draft",
        _ => "blocking",
    };

    /// <summary>What the caller reported.</summary>
    public static string OfOutcome(bool? success, DateTimeOffset? reportedAt) => (success, reportedAt) switch
    {
        (true, _) => "Succeeded",
        (false, _) => "Did not succeed",
        (null, not null) => "Reported",
        _ => "",
    };
}
