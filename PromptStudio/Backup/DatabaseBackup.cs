using System.Data;
using System.IO.Compression;
using System.Security.Cryptography;
using Npgsql;
using PromptStudio.Database;
using PromptStudio.Telemetry;

namespace PromptStudio.Backup;

/// <summary>Reads a studio's database, as it is at one moment, into a file. The studio goes on meanwhile: nobody waits for it.</summary>
public static class DatabaseBackup
{
    /// <summary>Writes a backup.</summary>
    /// <param name="connectionString">Of the database.</param>
    /// <param name="file">Where to.</param>
    /// <param name="clock">Says when.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="StartupException">There is no studio in the database.</exception>
    public static async Task<BackupManifest> WriteAsync(string connectionString, Stream file, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, CommandTimeout = 0, ApplicationName = "Prompt Studio backup" });
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        // Every table is read as it is at this moment, so what belongs together stays together.
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await StudioTables.ExecuteAsync(connection, "SET TRANSACTION READ ONLY", cancellationToken);
        var migration = await StudioTables.MigrationAsync(connection, cancellationToken)
            ?? throw new StartupException("There is no Prompt Studio in this database. Check ConnectionStrings:Studio or Database:Embedded:DataDirectory.");
        var tables = await StudioTables.ReadAsync(connection, cancellationToken);
        // So that no month is dropped between here and its turn.
        await StudioTables.ExecuteAsync(connection, $"LOCK TABLE {string.Join(", ", tables.Select(table => StudioTables.Quoted(table.Name)))} IN ACCESS SHARE MODE", cancellationToken);
        var createdAt = clock.GetUtcNow();
        using var archive = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true);
        var written = new List<BackupTable>();
        foreach (var table in tables)
            written.Add(await WriteAsync(connection, archive, table, cancellationToken));
        var manifest = new BackupManifest
        {
            Format = BackupManifest.CurrentFormat,
            StudioVersion = StudioVersion.Current,
            Migration = migration,
            CreatedAt = createdAt,
            Tables = written,
            Partitions = await StudioTables.PartitionsAsync(connection, cancellationToken),
            // Sequences know no snapshot: read last, they are never behind the rows.
            Sequences = await StudioTables.SequencesAsync(connection, cancellationToken),
        };
        await snapshot.CommitAsync(cancellationToken);
        await BackupArchive.WriteManifestAsync(archive, manifest, cancellationToken);
        return manifest;
    }

    private static async Task<BackupTable> WriteAsync(NpgsqlConnection connection, ZipArchive archive, StudioTable table, CancellationToken cancellationToken)
    {
        var rows = (long)(await StudioTables.ScalarAsync(connection, $"SELECT count(*) FROM {StudioTables.Quoted(table.Name)}", cancellationToken))!;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var entry = await archive.CreateEntry(BackupTable.EntryOf(table.Name), CompressionLevel.Fastest).OpenAsync(cancellationToken);
        // A partitioned table has no rows of its own, but a query of it has.
        await using var copy = await connection.BeginRawBinaryCopyAsync(
            $"COPY (SELECT {StudioTables.Quoted(table.Columns)} FROM {StudioTables.Quoted(table.Name)}) TO STDOUT (FORMAT BINARY)", cancellationToken);
        var buffer = new byte[131_072];
        int read;
        while ((read = await copy.ReadAsync(buffer, cancellationToken)) > 0)
        {
            hash.AppendData(buffer, 0, read);
            await entry.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
        return new BackupTable(table.Name, table.Columns, rows, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
