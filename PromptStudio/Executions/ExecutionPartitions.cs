using System.Globalization;
using Npgsql;

namespace PromptStudio.Executions;

/// <summary>The monthly partitions of executions, and of what guardrails found in them.</summary>
public static class ExecutionPartitions
{
    /// <summary>Months that exist beyond the current one.</summary>
    private const int MonthsAhead = 2;

    /// <summary>The partitioned tables; a month of one is <c>TABLE_2026_11</c>.</summary>
    internal static readonly string[] Tables = ["prompt_executions", "guardrail_violations"];

    /// <summary>The first day of an instant's month.</summary>
    internal static DateTime Month(DateTimeOffset instant) => new(instant.UtcDateTime.Year, instant.UtcDateTime.Month, 1, 0, 0, 0, DateTimeKind.Utc);

    /// <summary>Makes the partitions from the month of an instant on that are missing. Nodes may call it at once.</summary>
    public static async Task EnsureAsync(NpgsqlDataSource dataSource, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        var first = Month(instant);
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

    /// <summary>Makes one month of one table, in somebody's transaction.</summary>
    internal static async Task EnsureAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, string table, DateTime from, CancellationToken cancellationToken)
    {
        var partition = string.Create(CultureInfo.InvariantCulture, $"{table}_{from:yyyy_MM}");
        await using var known = new NpgsqlCommand("SELECT to_regclass($1) IS NOT NULL", connection, transaction) { Parameters = { new() { Value = partition } } };
        if (await known.ExecuteScalarAsync(cancellationToken) is true)
            return;
        // Made apart and then attached: CREATE TABLE … PARTITION OF would wait for every reader, and every render would wait for it.
        var sql = string.Create(CultureInfo.InvariantCulture, $"""
            CREATE TABLE {partition} (LIKE {table} INCLUDING ALL);
            {(table == Tables[0] ? LeanTexts(partition) : "")}
            ALTER TABLE {table} ATTACH PARTITION {partition} FOR VALUES FROM ('{from:yyyy-MM-dd}T00:00:00Z') TO ('{from.AddMonths(1):yyyy-MM-dd}T00:00:00Z')
            """);
#pragma warning disable CA2100 // A table's bounds cannot be parameters; these are names and dates of our own.
        await using var create = new NpgsqlCommand(sql, connection, transaction);
#pragma warning restore CA2100
        await create.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// lz4 packs the large texts of a new month in a fraction of pglz's time. Not every PostgreSQL is built with it: those keep their own way. The months that are there
    /// already are left alone, so that nobody waits for a lock.
    /// </summary>
    private static string LeanTexts(string partition) => $"""
        DO $$
        DECLARE text_column text;
        BEGIN
            IF EXISTS (SELECT FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)) THEN
                FOREACH text_column IN ARRAY ARRAY['variables', 'rendered_prompt', 'response_text', 'guardrail_violations'] LOOP
                    EXECUTE format('ALTER TABLE {partition} ALTER COLUMN %I SET COMPRESSION lz4', text_column);
                END LOOP;
            END IF;
        END $$;
        """;
}
