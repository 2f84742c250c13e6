using System.ComponentModel.DataAnnotations;

namespace PromptStudio.Executions;

/// <summary>Section <c>Executions</c>.</summary>
public sealed class ExecutionOptions
{
    /// <summary>Whole months, before the current one, of which executions and violations are kept; 0: all.</summary>
    [Range(0, 1_200, ErrorMessage = "Executions:RetentionMonths must be 0 to 1,200.")]
    public int RetentionMonths { get; init; }
}
