using System.ComponentModel.DataAnnotations;

namespace PromptStudio.Jobs;

/// <summary>Section <c>Jobs</c>.</summary>
public sealed class JobOptions
{
    /// <summary>Whether this node runs jobs and shows them at <c>/hangfire</c>. At least one node should.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>How often this node looks for jobs that are due.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = "Jobs:PollInterval must be from 00:00:01 to 00:10:00.")]
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromSeconds(15);
}
