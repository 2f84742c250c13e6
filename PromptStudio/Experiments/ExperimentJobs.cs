using Hangfire;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using PromptStudio.Core.Access;
using PromptStudio.Core.Experiments;
using PromptStudio.Database;

namespace PromptStudio.Experiments;

/// <summary>
/// Every minute: ends experiments whose time is over, and brings the figures of those up to date that have news. One that fails keeps nobody else waiting, is tried again
/// after a pause that grows, and says so until it succeeds.
/// </summary>
public sealed partial class ExperimentJobs(
    IDbContextFactory<StudioDbContext> contexts, ExperimentRecompute recompute, ExperimentCommands commands, TimeProvider clock, ILogger<ExperimentJobs> logger)
{
    /// <summary>The job's name, and the actor's.</summary>
    public const string Name = "recompute-experiments";

    /// <summary>What a failure is told in.</summary>
    private const int FailureMaxLength = 1_000;

    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    /// <summary>Runs it once. Not again when it fails: the next minute is soon, and each experiment has its own pause.</summary>
    [AutomaticRetry(Attempts = 0)]
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        List<Guid> failed = [];
        foreach (var id in await DueAsync(cancellationToken))
        {
            try
            {
                await OneAsync(id, cancellationToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                failed.Add(id);
                Log.Failed(logger, exception, id);
                await FailedAsync(id, exception, cancellationToken);
            }
        }
        // So that the dashboard shows it too.
        if (failed.Count > 0)
            throw new InvalidOperationException($"{failed.Count} experiments could not be recomputed: {string.Join(", ", failed)}.");
    }

    /// <summary>Those that run or have news, and whose pause after failures is over.</summary>
    public async Task<IReadOnlyList<Guid>> DueAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Database.SqlQuery<Guid>(
            $"""
            SELECT e.id AS "Value" FROM ab_test_experiments e LEFT JOIN experiment_jobs j ON j.experiment_id = e.id
            WHERE (j.retry_at IS NULL OR j.retry_at <= {now})
              AND (e.status IN ('running', 'paused') OR EXISTS (SELECT FROM experiment_events n WHERE n.experiment_id = e.id))
            ORDER BY j.succeeded_at NULLS FIRST, e.id
            """).ToListAsync(cancellationToken);
    }

    /// <summary>Recomputes one, and ends it when its time is over: the figures of the end are those of its last execution.</summary>
    private async Task OneAsync(Guid id, CancellationToken cancellationToken)
    {
        var done = await recompute.RunAsync(id, wait: false, cancellationToken);
        if (done.WasBusy)
            return;
        await using (var context = await contexts.CreateDbContextAsync(cancellationToken))
        {
            var now = clock.GetUtcNow();
            var isOver = await context.AbTestExperiments.AnyAsync(row => row.Id == id && row.PlannedEnd <= now
                && (row.Status == ExperimentStatus.Running || row.Status == ExperimentStatus.Paused), cancellationToken);
            if (isOver && (await commands.CompleteAsync(Actor.System(Name), id, cancellationToken)).Problem is { Code: not "illegal_move" } problem)
                throw new InvalidOperationException(problem.Detail);
        }
        await SucceededAsync(id, cancellationToken);
    }

    private async Task SucceededAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO experiment_jobs (experiment_id, succeeded_at) VALUES ({id}, {clock.GetUtcNow()})
            ON CONFLICT (experiment_id) DO UPDATE SET succeeded_at = excluded.succeeded_at, failures = 0, failure = NULL, failed_at = NULL, retry_at = NULL
            """, cancellationToken);
    }

    private async Task FailedAsync(Guid id, Exception exception, CancellationToken cancellationToken)
    {
        try
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            var job = await context.ExperimentJobs.SingleOrDefaultAsync(one => one.ExperimentId == id, cancellationToken);
            if (job is null)
                context.ExperimentJobs.Add(job = new ExperimentJob { ExperimentId = id });
            job.Failures++;
            job.FailedAt = clock.GetUtcNow();
            job.Failure = Said(exception);
            job.RetryAt = job.FailedAt + Pause(job.Failures);
            await context.SaveChangesAsync(cancellationToken);
        }
        catch (Exception unwritten) when (unwritten is NpgsqlException or InvalidOperationException or DbUpdateException or TimeoutException)
        {
            // A database that is away cannot be told so either; the log has it.
            Log.Failed(logger, unwritten, id);
        }
    }

    /// <summary>1, 2, 4, … minutes, an hour at most.</summary>
    public static TimeSpan Pause(int failures) => failures > 6 ? LongestPause : TimeSpan.FromMinutes(1 << (failures - 1));

    private static string Said(Exception exception)
    {
        var message = (exception.InnerException ?? exception).Message.Split('\n')[0].Trim();
        return message.Length <= FailureMaxLength ? message : message[..FailureMaxLength];
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The experiment {Id} could not be recomputed; it is tried again later")]
        public static partial void Failed(ILogger logger, Exception exception, Guid id);
    }
}
