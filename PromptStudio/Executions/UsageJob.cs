using Hangfire;
using Microsoft.EntityFrameworkCore;
using PromptStudio.Database;

namespace PromptStudio.Executions;

/// <summary>
/// Rolls executions up to the figures of their versions: <c>total_invocations</c>, <c>success_rate</c>, <c>avg_response_time_ms</c>. Time is cut into slices of ten minutes;
/// a slice that may have changed is counted anew, and what that changes is added to the totals. So the cost follows what is new, a repeated run changes nothing, and the
/// totals outlive the partitions that were dropped.
/// </summary>
public sealed class UsageJob(IDbContextFactory<StudioDbContext> contexts, TimeProvider clock)
{
    /// <summary>The job's name.</summary>
    public const string Name = "roll-up-usage";

    /// <summary>How long a transaction may take from its clock to its commit and be counted for sure; nodes' clocks may differ by as much.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(10);

    /// <summary>Runs it once. Not again when it fails: the next minute is soon, and catches up.</summary>
    [AutomaticRetry(Attempts = 0)]
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        context.Database.SetCommandTimeout(TimeSpan.FromMinutes(30));
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended('roll up usage', 0))", cancellationToken);
        var lookedAt = await context.Database.SqlQuery<DateTimeOffset>($"SELECT looked_at AS \"Value\" FROM prompt_usage_watermark").ToListAsync(cancellationToken);
        var since = lookedAt.Count == 0 ? DateTimeOffset.UnixEpoch : lookedAt[0] - Slack;
        await context.Database.ExecuteSqlRawAsync(Sql, [since, now], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>The first parameter: since when something may be new. The second: now.</summary>
    private const string Sql = """
        WITH touched AS MATERIALIZED (
            SELECT DISTINCT date_bin('10 minutes', created_at, 'epoch') AS slice FROM prompt_executions WHERE created_at >= {0}
            UNION
            SELECT DISTINCT date_bin('10 minutes', created_at, 'epoch') FROM prompt_executions WHERE outcome_at >= {0}),
        counted AS MATERIALIZED (
            SELECT e.prompt_template_id, t.slice, count(*) AS executions,
                   count(*) FILTER (WHERE e.success IS NOT NULL OR e.status <> 'success') AS success_count, count(*) FILTER (WHERE e.success) AS success_sum,
                   count(e.execution_time_ms) AS time_count, coalesce(sum(e.execution_time_ms), 0) AS time_sum
            FROM touched t JOIN prompt_executions e ON e.created_at >= t.slice AND e.created_at < t.slice + interval '10 minutes'
            GROUP BY e.prompt_template_id, t.slice),
        changed AS MATERIALIZED (
            SELECT c.prompt_template_id, sum(c.executions - coalesce(u.executions, 0)) AS executions, sum(c.success_count - coalesce(u.success_count, 0)) AS success_count,
                   sum(c.success_sum - coalesce(u.success_sum, 0)) AS success_sum, sum(c.time_count - coalesce(u.time_count, 0)) AS time_count, sum(c.time_sum - coalesce(u.time_sum, 0)) AS time_sum
            FROM counted c LEFT JOIN prompt_usage u USING (slice, prompt_template_id)
            WHERE (c.executions, c.success_count, c.success_sum, c.time_count, c.time_sum) IS DISTINCT FROM (u.executions, u.success_count, u.success_sum, u.time_count, u.time_sum)
            GROUP BY c.prompt_template_id),
        kept AS (
            INSERT INTO prompt_usage AS u (prompt_template_id, slice, executions, success_count, success_sum, time_count, time_sum)
            SELECT prompt_template_id, slice, executions, success_count, success_sum, time_count, time_sum FROM counted
            ON CONFLICT (slice, prompt_template_id) DO UPDATE SET executions = excluded.executions, success_count = excluded.success_count, success_sum = excluded.success_sum,
                time_count = excluded.time_count, time_sum = excluded.time_sum
            WHERE (u.executions, u.success_count, u.success_sum, u.time_count, u.time_sum)
                IS DISTINCT FROM (excluded.executions, excluded.success_count, excluded.success_sum, excluded.time_count, excluded.time_sum)),
        totals AS (
            INSERT INTO prompt_usage_totals AS t (prompt_template_id, executions, success_count, success_sum, time_count, time_sum)
            SELECT prompt_template_id, executions, success_count, success_sum, time_count, time_sum FROM changed
            ON CONFLICT (prompt_template_id) DO UPDATE SET executions = t.executions + excluded.executions, success_count = t.success_count + excluded.success_count,
                success_sum = t.success_sum + excluded.success_sum, time_count = t.time_count + excluded.time_count, time_sum = t.time_sum + excluded.time_sum
            RETURNING *),
        told AS (
            UPDATE prompt_templates v SET total_invocations = least(t.executions, 2147483647), success_rate = t.success_sum::float8 / nullif(t.success_count, 0),
                avg_response_time_ms = t.time_sum::float8 / nullif(t.time_count, 0)
            FROM totals t WHERE v.id = t.prompt_template_id)
        INSERT INTO prompt_usage_watermark (looked_at) VALUES ({1}) ON CONFLICT (id) DO UPDATE SET looked_at = excluded.looked_at
        """;
}
