namespace PromptStudio.Jobs;

/// <summary>Section <c>Jobs</c>.</summary>
public sealed class JobOptions
{
    /// <summary>Whether this node runs jobs and shows them at <c>/hangfire</c>. At least one node should.</summary>
    public bool Enabled { get; init; } = true;
}
