using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Database;
using PromptStudio.Executions;

namespace PromptStudio.Backup;

/// <summary>
/// Fills an empty database from a backup, in one transaction: the schema as it was then, the rows, and then whatever migrations came later. It is all there afterwards,
/// or nothing is.
/// </summary>
public static partial class DatabaseRestore
{
    /// <summary>Restores a backup.</summary>
    /// <param name="connectionString">Of a database that is empty, or not there yet.</param>
    /// <param name="file">The backup.</param>
    /// <param name="name">What messages call it.</param>
    /// <param name="clock">Says when, for the audit log.</param>
    /// <param name="cancellationToken">Gives up; nothing is restored then.</param>
    /// <exception cref="StartupException">The database is not empty, the backup is damaged, or a later version wrote it.</exception>
    public static async Task<BackupManifest> RunAsync(string connectionString, Stream file, string name, TimeProvider clock, CancellationToken cancellationToken)
    {
        var (archive, manifest) = await BackupArchive.OpenAsync(file, name, cancellationToken);
        using (archive)
        {
            if (!Schema.Knows(manifest.Migration))
                throw new StartupException($"{name} was written by a later version of Prompt Studio (its schema is '{manifest.Migration}'). Restore it with that version.");
            await Schema.CreateDatabaseAsync(connectionString, cancellationToken);
            await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, CommandTimeout = 0, ApplicationName = "Prompt Studio restore" });
            await using var connection = await source.OpenConnectionAsync(cancellationToken);
            try
            {
                await FillAsync(connection, archive, manifest, clock, cancellationToken);
            }
            catch (InvalidDataException exception)
            {
                throw BackupArchive.Damaged(name, exception.Message, exception);
            }
            catch (PostgresException exception)
            {
                throw BackupArchive.Damaged(name, $"PostgreSQL refuses its rows ({exception.MessageText}, SQLSTATE {exception.SqlState})", exception);
            }
            // Without figures of the tables the first queries would be planned as if they were empty.
            await StudioTables.ExecuteAsync(connection, "ANALYZE", cancellationToken);
        }
        return manifest;
    }

    private static async Task FillAsync(NpgsqlConnection connection, ZipArchive archive, BackupManifest manifest, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        // A studio that starts meanwhile waits, and finds a schema that is up to date.
        await StudioTables.ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({Schema.Lock.ToString(CultureInfo.InvariantCulture)})", cancellationToken);
        if (await StudioTables.ReadAsync(connection, cancellationToken) is { Count: > 0 } there)
        {
            throw new StartupException(
                $"The database is not empty (it has {there.Count} tables, among them '{there[0].Name}'), and a restore replaces nothing. Name an empty one: another Database:Embedded:DataDirectory or ConnectionStrings:Studio.");
        }
        await StudioTables.ExecuteAsync(connection, Schema.Script(null, manifest.Migration), cancellationToken);
        var tables = await StudioTables.ReadAsync(connection, cancellationToken);
        MustMatch(manifest, tables);
        await MakeMonthsAsync(connection, transaction, manifest, cancellationToken);
        // What triggers would do has been done when the rows were made; references are checked at the end, all at once.
        await StudioTables.ExecuteAsync(connection, "SET CONSTRAINTS ALL IMMEDIATE", cancellationToken);
        var triggered = await StudioTables.ListAsync(
            connection, "SELECT DISTINCT c.relname::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal", cancellationToken);
        var references = await StudioTables.ListAsync(connection,
            """
            SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) || E'\n' || format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
            FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND conparentid = 0
            """, cancellationToken);
        await EachAsync(connection, triggered.Select(table => $"ALTER TABLE {StudioTables.Quoted(table)} DISABLE TRIGGER USER"), cancellationToken);
        await EachAsync(connection, references.Select(reference => reference.Split('\n')[0]), cancellationToken);
        // What migrations put into a new database is in the backup too, as it has become.
        await StudioTables.ExecuteAsync(connection, $"TRUNCATE {StudioTables.Quoted(tables.Select(table => table.Name))}", cancellationToken);
        foreach (var table in manifest.Tables)
            await CopyAsync(connection, archive, table, cancellationToken);
        foreach (var (sequence, lastValue, isCalled) in manifest.Sequences)
            await SetAsync(connection, sequence, lastValue, isCalled, cancellationToken);
        await EachAsync(connection, references.Select(reference => reference.Split('\n')[1]), cancellationToken);
        await EachAsync(connection, triggered.Select(table => $"ALTER TABLE {StudioTables.Quoted(table)} ENABLE TRIGGER USER"), cancellationToken);
        // Empty, where the backup has the newest schema.
        if (Schema.Script(manifest.Migration, null) is { Length: > 0 } later && !string.IsNullOrWhiteSpace(later))
            await StudioTables.ExecuteAsync(connection, later, cancellationToken);
        await using (var context = StudioDbContextOptions.Open(connection))
        {
            await context.Database.UseTransactionAsync(transaction, cancellationToken);
            await AuditLog.AppendAsync(
                context, Actor.System("command line"), new AuditEvent(AuditAction.DatabaseRestored, "database", null, After: new { manifest.CreatedAt, manifest.Migration, manifest.StudioVersion }),
                clock.GetUtcNow(), cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Names out of a file are used in statements only when the schema has them too.</summary>
    private static void MustMatch(BackupManifest manifest, IReadOnlyList<StudioTable> tables)
    {
        var known = tables.ToDictionary(table => table.Name, table => table.Columns.ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal);
        foreach (var table in manifest.Tables)
        {
            if (!known.Remove(table.Name, out var columns))
                throw new InvalidDataException($"it has a table '{table.Name}' that its schema does not have");
            if (!columns.SetEquals(table.Columns))
                throw new InvalidDataException($"its table '{table.Name}' has other columns than its schema");
        }
        if (known.Count > 0)
            throw new InvalidDataException($"it lacks the table '{known.Keys.First()}'");
    }

    private static async Task MakeMonthsAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, BackupManifest manifest, CancellationToken cancellationToken)
    {
        foreach (var partition in manifest.Partitions)
        {
            var month = Month().Match(partition);
            if (!month.Success || !ExecutionPartitions.Tables.Contains(month.Groups[1].Value))
                throw new InvalidDataException($"its partition '{partition}' is none of the studio's");
            await ExecutionPartitions.EnsureAsync(
                connection, transaction, month.Groups[1].Value, DateTime.ParseExact(month.Groups[2].Value, "yyyy_MM", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal), cancellationToken);
        }
    }

    private static async Task CopyAsync(NpgsqlConnection connection, ZipArchive archive, BackupTable table, CancellationToken cancellationToken)
    {
        var entry = archive.GetEntry(BackupTable.EntryOf(table.Name)) ?? throw new InvalidDataException($"it lacks the rows of '{table.Name}'");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using (var rows = await entry.OpenAsync(cancellationToken))
        await using (var copy = await connection.BeginRawBinaryCopyAsync(
            $"COPY {StudioTables.Quoted(table.Name)} ({StudioTables.Quoted(table.Columns)}) FROM STDIN (FORMAT BINARY)", cancellationToken))
        {
            var buffer = new byte[131_072];
            int read;
            while ((read = await rows.ReadAsync(buffer, cancellationToken)) > 0)
            {
                hash.AppendData(buffer, 0, read);
                await copy.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            }
        }
        if (Convert.ToHexStringLower(hash.GetHashAndReset()) != table.Sha256)
            throw new InvalidDataException($"the rows of '{table.Name}' do not have the checksum that its manifest says");
        if ((long)(await StudioTables.ScalarAsync(connection, $"SELECT count(*) FROM {StudioTables.Quoted(table.Name)}", cancellationToken))! != table.Rows)
            throw new InvalidDataException($"'{table.Name}' has another number of rows than its manifest says");
    }

    private static async Task SetAsync(NpgsqlConnection connection, string sequence, long lastValue, bool isCalled, CancellationToken cancellationToken)
    {
        await using var set = new NpgsqlCommand("SELECT setval(format('public.%I', $1)::regclass, $2, $3)", connection)
        {
            Parameters = { new() { Value = sequence }, new() { Value = lastValue }, new() { Value = isCalled } },
        };
        await set.ExecuteScalarAsync(cancellationToken);
    }

    private static async Task EachAsync(NpgsqlConnection connection, IEnumerable<string> statements, CancellationToken cancellationToken)
    {
        foreach (var statement in statements)
            await StudioTables.ExecuteAsync(connection, statement, cancellationToken);
    }

    /// <summary>A table and its month.</summary>
    [GeneratedRegex(@"\A([a-z_]+)_(\d{4}_(?:0[1-9]|1[0-2]))\z")]
    private static partial Regex Month();
}
