using Npgsql;

namespace PromptStudio.Backup;

/// <summary>A table that is backed up.</summary>
/// <param name="Name">The table.</param>
/// <param name="Columns">Those that are stored, in order; what PostgreSQL computes is not.</param>
internal sealed record StudioTable(string Name, IReadOnlyList<string> Columns);

/// <summary>
/// The studio's tables, as PostgreSQL's own catalogue has them: those that migrations have made, whether or not the model knows them. The jobs' schema is none of them:
/// it makes itself anew.
/// </summary>
internal static class StudioTables
{
    /// <summary>Written by migrations themselves.</summary>
    private const string History = "__EFMigrationsHistory";

    /// <summary>The last migration of a database; null: it has none.</summary>
    public static async Task<string?> MigrationAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        await ScalarAsync(connection, $"SELECT to_regclass('public.{Quoted(History)}') IS NOT NULL", cancellationToken) is true
            ? (string?)await ScalarAsync(connection, $"SELECT max(\"migration_id\") FROM {Quoted(History)}", cancellationToken)
            : null;

    /// <summary>The tables; a month of a partitioned one belongs to that one.</summary>
    public static async Task<IReadOnlyList<StudioTable>> ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            SELECT c.relname::text, array_agg(a.attname::text ORDER BY a.attnum)
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> '{History}'
            GROUP BY c.relname ORDER BY c.relname
            """, connection);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var tables = new List<StudioTable>();
        while (await row.ReadAsync(cancellationToken))
            tables.Add(new StudioTable(row.GetString(0), await row.GetFieldValueAsync<string[]>(1, cancellationToken)));
        return tables;
    }

    /// <summary>The months of partitioned tables.</summary>
    public static Task<IReadOnlyList<string>> PartitionsAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        ListAsync(connection, "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relispartition ORDER BY 1", cancellationToken);

    /// <summary>How far sequences have counted.</summary>
    public static async Task<IReadOnlyList<BackupSequence>> SequencesAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var sequences = new List<BackupSequence>();
        foreach (var name in await ListAsync(connection, "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S' ORDER BY 1", cancellationToken))
        {
#pragma warning disable CA2100 // A name of the database's own, quoted.
            await using var command = new NpgsqlCommand($"SELECT last_value, is_called FROM {Quoted(name)}", connection);
#pragma warning restore CA2100
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            await row.ReadAsync(cancellationToken);
            sequences.Add(new BackupSequence(name, row.GetInt64(0), row.GetBoolean(1)));
        }
        return sequences;
    }

    public static async Task<IReadOnlyList<string>> ListAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Constants of this room.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var list = new List<string>();
        while (await row.ReadAsync(cancellationToken))
            list.Add(row.GetString(0));
        return list;
    }

    public static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Constants of this room, and names that are quoted.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(cancellationToken) is { } value and not DBNull ? value : null;
    }

    public static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
#pragma warning disable CA2100 // Constants of this room, names that are quoted, and the migrations' own script.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Select(Quoted));
}
