using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Database;

namespace PromptStudio.Executions;

/// <summary>Drops the months of executions and violations that <c>Executions:RetentionMonths</c> does not keep: whole tables, so that it costs the same whatever is in them.</summary>
public sealed class ExecutionRetention(
    StudioDatabase database, IDbContextFactory<StudioDbContext> contexts, AuditLog audit, IOptions<ExecutionOptions> options, TimeProvider clock)
{
    /// <summary>Claims of request ids that are deleted in one statement.</summary>
    private const int Batch = 10_000;

    /// <summary>Drops what is too old; whatever stopped it the last time, it goes on from there.</summary>
    /// <returns>The tables that it dropped.</returns>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        if (options.Value.RetentionMonths == 0)
            return [];
        var kept = ExecutionPartitions.Month(clock.GetUtcNow()).AddMonths(-options.Value.RetentionMonths);
        List<string> dropped = [];
        foreach (var table in ExecutionPartitions.Tables)
        {
            foreach (var partition in await OlderAsync(table, kept, cancellationToken))
            {
                await DetachAsync(table, partition, cancellationToken);
                await DropAsync(partition, cancellationToken);
                dropped.Add(partition);
            }
        }
        await ForgetRequestsAsync(kept, cancellationToken);
        return dropped;
    }

    /// <summary>The months before an instant, the oldest first; also those that an earlier run detached and did not come to drop.</summary>
    private async Task<List<string>> OlderAsync(string table, DateTime kept, CancellationToken cancellationToken)
    {
        await using var query = database.DataSource.CreateCommand(
            """
            SELECT month.relname FROM pg_class month JOIN pg_class parent ON parent.oid = $1::regclass AND parent.relnamespace = month.relnamespace
            WHERE month.relkind = 'r' AND month.relname ~ ('^' || $1 || '_[0-9]{4}_[0-9]{2}$') AND month.relname < $2
            ORDER BY month.relname
            """);
        query.Parameters.Add(new() { Value = table });
        query.Parameters.Add(new() { Value = string.Create(CultureInfo.InvariantCulture, $"{table}_{kept:yyyy_MM}") });
        await using var reader = await query.ExecuteReaderAsync(cancellationToken);
        List<string> found = [];
        while (await reader.ReadAsync(cancellationToken))
            found.Add(reader.GetString(0));
        return found;
    }

    /// <summary>CONCURRENTLY: no render waits for the table. That takes no transaction, and what an interrupted one leaves behind is finished.</summary>
    private async Task DetachAsync(string table, string partition, CancellationToken cancellationToken)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        await using var query = new NpgsqlCommand("SELECT inhdetachpending FROM pg_inherits WHERE inhrelid = $1::regclass", connection) { Parameters = { new() { Value = partition } } };
        if (await query.ExecuteScalarAsync(cancellationToken) is not bool isPending)
            return;
#pragma warning disable CA2100 // Names of tables cannot be parameters; these are our own.
        await using var detach = new NpgsqlCommand($"ALTER TABLE {table} DETACH PARTITION {partition} {(isPending ? "FINALIZE" : "CONCURRENTLY")}", connection)
        {
            // It waits for transactions that are under way.
            CommandTimeout = 300,
        };
#pragma warning restore CA2100
        await detach.ExecuteNonQueryAsync(cancellationToken);
    }

    private async Task DropAsync(string partition, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var size = await context.Database.SqlQuery<long>($"SELECT pg_total_relation_size({partition}::regclass) AS \"Value\"").SingleAsync(cancellationToken);
#pragma warning disable EF1003, CA2100 // Names of tables cannot be parameters; this one is our own.
        await context.Database.ExecuteSqlRawAsync("DROP TABLE " + partition, cancellationToken);
#pragma warning restore EF1003, CA2100
        await audit.AppendAsync(
            context, Actor.System(ExecutionMonthsJob.Name),
            new AuditEvent(AuditAction.MonthDropped, "month", partition, new { Bytes = size }, new { options.Value.RetentionMonths }), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Who sends a request id of a dropped month again gets a new answer.</summary>
    private async Task ForgetRequestsAsync(DateTime kept, CancellationToken cancellationToken)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        int deleted;
        do
        {
            await using var delete = new NpgsqlCommand(
                "DELETE FROM execution_requests WHERE request_id IN (SELECT request_id FROM execution_requests WHERE created_at < $1 LIMIT $2)", connection)
            {
                Parameters = { new() { Value = kept }, new() { Value = Batch } },
            };
            deleted = await delete.ExecuteNonQueryAsync(cancellationToken);
        }
        while (deleted == Batch);
    }
}
