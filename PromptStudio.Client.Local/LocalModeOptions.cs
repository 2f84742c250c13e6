namespace PromptStudio.Client.Local;

/// <summary>How an application goes on while the studio is down.</summary>
public sealed class LocalModeOptions
{
    /// <summary>
    /// Where the last known catalogue, and what could not be sent before the application ended, are kept; null: only in memory. The file holds the texts of prompts,
    /// and a second one beside it (<c>.unsent</c>) variables and rendered prompts; both can be read by their owner only.
    /// </summary>
    public string? CacheFile { get; set; }

    /// <summary>
    /// Prompts that are rendered here although a blocking guardrail looks at them in the studio, which cannot be asked. All others that are guarded fail closed: no
    /// prompt rather than an unchecked one.
    /// </summary>
    public ISet<string> RenderUnguarded { get; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Executions and reports that wait to be sent. When it is full, nothing more is rendered here: no execution is lost.</summary>
    public int QueueCapacity { get; set; } = 10_000;

    /// <summary>How long renders stay here after the studio was found to be down, before it is asked again.</summary>
    public TimeSpan AskAgainAfter { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the client waits before it tries again to send, or to hear of changes.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long <see cref="LocalPromptStudio.DisposeAsync"/> tries to send what waits.</summary>
    public TimeSpan FlushTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Told of each execution or report that the studio will not take, and of those that were lost because there is no <see cref="CacheFile"/>.</summary>
    public Action<UnsentItem>? OnLost { get; set; }

    internal LocalModeOptions Checked()
    {
        if (QueueCapacity < 1)
            throw new ArgumentException("LocalModeOptions.QueueCapacity must be 1 or more.");
        if (AskAgainAfter < TimeSpan.Zero || RetryDelay <= TimeSpan.Zero || FlushTimeout < TimeSpan.Zero)
            throw new ArgumentException("LocalModeOptions.AskAgainAfter and FlushTimeout must not be negative, and RetryDelay longer than nothing.");
        return this;
    }
}

/// <summary>What was not sent.</summary>
/// <param name="ExecutionId">The execution, or the one that the report is about.</param>
/// <param name="IsReport">Whether it is a report; else an execution.</param>
/// <param name="Problem">Why.</param>
public sealed record UnsentItem(Guid ExecutionId, bool IsReport, PromptStudioProblem Problem);
