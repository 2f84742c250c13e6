using Hangfire;
using PromptStudio.Database;

namespace PromptStudio.Executions;

/// <summary>Once a day: makes the months that come, and drops those that are no longer kept.</summary>
public sealed class ExecutionMonthsJob(StudioDatabase database, ExecutionRetention retention, TimeProvider clock)
{
    /// <summary>The job's name, and the actor's.</summary>
    public const string Name = "execution-months";

    /// <summary>Runs it once. What fails is tried again: a month is made two months before it is needed, and dropping goes on where it stopped.</summary>
    [AutomaticRetry(Attempts = 5)]
    [DisableConcurrentExecution(timeoutInSeconds: 60)]
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await ExecutionPartitions.EnsureAsync(database.DataSource, clock.GetUtcNow(), cancellationToken);
        await retention.RunAsync(cancellationToken);
    }
}
