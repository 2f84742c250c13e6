using Microsoft.EntityFrameworkCore;
using PromptStudio.Core.Executions;
using PromptStudio.Database;

namespace PromptStudio.Executions;

/// <summary>
/// Keeps the counts of executions by day. New executions are added every half minute, each once: the mark moves in the same transaction. Reports that come
/// later can turn a success into an error, so all days are counted anew from time to time. Readers add what is newer than the mark.
/// </summary>
public sealed class ExecutionCounts(IDbContextFactory<StudioDbContext> contexts, TimeProvider clock)
{
    /// <summary>Days that are kept.</summary>
    public const int Days = 30;

    /// <summary>An execution is committed within this time of the instant that it has.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(2);

    /// <summary>Adds what is new, once for all nodes.</summary>
    public Task CountAsync(CancellationToken cancellationToken) => RunAsync(anew: false, cancellationToken);

    /// <summary>Counts all days anew.</summary>
    public Task RecountAsync(CancellationToken cancellationToken) => RunAsync(anew: true, cancellationToken);

    private async Task RunAsync(bool anew, CancellationToken cancellationToken)
    {
        var until = clock.GetUtcNow() - Settled;
        var oldest = new DateTimeOffset(until.UtcDateTime.Date.AddDays(1 - Days), TimeSpan.Zero);
        var oldestDay = DateOnly.FromDateTime(oldest.UtcDateTime);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtext('execution_days'))", cancellationToken);
        var mark = await context.ExecutionCountMarks.Select(one => (DateTimeOffset?)one.CountedUntil).SingleOrDefaultAsync(cancellationToken);
        var from = anew || mark is null || mark < oldest ? oldest : mark.Value;
        if (from >= until)
            return;
        if (from == oldest)
            await context.ExecutionDays.ExecuteDeleteAsync(cancellationToken);
        else
            await context.ExecutionDays.Where(day => day.Day < oldestDay).ExecuteDeleteAsync(cancellationToken);
        await context.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO execution_days AS known (day, template_id, executions, failed, blocked)
            SELECT (created_at AT TIME ZONE 'UTC')::date, prompt_template_id, count(*),
                   count(*) FILTER (WHERE status IN ({ExecutionStatus.Error}, {ExecutionStatus.Timeout})), count(*) FILTER (WHERE status = {ExecutionStatus.Blocked})
            FROM prompt_executions WHERE created_at >= {from} AND created_at < {until}
            GROUP BY 1, 2
            ON CONFLICT (day, template_id) DO UPDATE
            SET executions = known.executions + EXCLUDED.executions, failed = known.failed + EXCLUDED.failed, blocked = known.blocked + EXCLUDED.blocked
            """, cancellationToken);
        await context.Database.ExecuteSqlAsync(
            $"INSERT INTO execution_count_mark (id, counted_until) VALUES (1, {until}) ON CONFLICT (id) DO UPDATE SET counted_until = EXCLUDED.counted_until", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}
