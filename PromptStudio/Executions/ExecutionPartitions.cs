using System.Globalization;
using Npgsql;
using PromptStudio.Database;

namespace PromptStudio.Executions;

/// <summary>Makes the monthly partitions of executions, and of what guardrails found in them, ahead of time.</summary>
public sealed partial class ExecutionPartitions(StudioDatabase database, TimeProvider clock, ILogger<ExecutionPartitions> logger) : BackgroundService
{
    /// <summary>Months that exist beyond the current one.</summary>
    private const int MonthsAhead = 2;

    private static readonly string[] Tables = ["prompt_executions", "guardrail_violations"];

    private static readonly TimeSpan Interval = TimeSpan.FromHours(6);

    /// <summary>Makes the partitions from the month of an instant on that are missing. Nodes may call it at once.</summary>
    public static async Task EnsureAsync(NpgsqlDataSource dataSource, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        var first = new DateTime(instant.UtcDateTime.Year, instant.UtcDateTime.Month, 1, 0, 0, 0, DateTimeKind.Utc);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // Two nodes that make the same table at once would collide in PostgreSQL's own catalogue, IF NOT EXISTS or not.
        await using (var queue = new NpgsqlCommand("SELECT pg_advisory_xact_lock(hashtext('prompt_executions'))", connection, transaction))
            await queue.ExecuteNonQueryAsync(cancellationToken);
        foreach (var table in Tables)
        {
            for (var month = 0; month <= MonthsAhead; month++)
                await EnsureAsync(connection, transaction, table, first.AddMonths(month), cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task EnsureAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, string table, DateTime from, CancellationToken cancellationToken)
    {
        var partition = string.Create(CultureInfo.InvariantCulture, $"{table}_{from:yyyy_MM}");
        await using var known = new NpgsqlCommand("SELECT to_regclass($1) IS NOT NULL", connection, transaction) { Parameters = { new() { Value = partition } } };
        if (await known.ExecuteScalarAsync(cancellationToken) is true)
            return;
        // Made apart and then attached: CREATE TABLE … PARTITION OF would wait for every reader, and every render would wait for it.
        var sql = string.Create(CultureInfo.InvariantCulture, $"""
            CREATE TABLE {partition} (LIKE {table} INCLUDING ALL);
            ALTER TABLE {table} ATTACH PARTITION {partition} FOR VALUES FROM ('{from:yyyy-MM-dd}T00:00:00Z') TO ('{from.AddMonths(1):yyyy-MM-dd}T00:00:00Z')
            """);
#pragma warning disable CA2100 // A table's bounds cannot be parameters; these are names and dates of our own.
        await using var create = new NpgsqlCommand(sql, connection, transaction);
#pragma warning restore CA2100
        await create.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await EnsureAsync(database.DataSource, clock.GetUtcNow(), stoppingToken);
                }
                catch (NpgsqlException exception)
                {
                    // Two months are there already, and the next turn tries again.
                    Log.Failed(logger, exception);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The app is stopping, or has not started.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The next months' partitions of executions and violations could not be made")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
