using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using PromptStudio.Database;
using PromptStudio.Database.Embedded;

namespace PromptStudio.Backup;

/// <summary><c>backup FILE</c> and <c>restore FILE</c>: all of a studio in one file, and out of it again.</summary>
internal static class BackupCommand
{
    private const string Usage = """
        usage: backup FILE [--SETTING=VALUE …]    writes all of a studio into a new file; the studio may run meanwhile
               restore FILE [--SETTING=VALUE …]   fills an empty studio from it; the studio must not run
        The studio is the embedded one in Database:Embedded:DataDirectory, or that of ConnectionStrings:Studio.
        Whoever has the file has everything: the keys that secrets are encrypted with are in it.
        """;

    /// <returns>The exit code: 0 done, 1 refused or failed, 2 wrong usage.</returns>
    public static async Task<int> RunAsync(string command, string[] args)
    {
        if (args is not [{ Length: > 0 } name, .. var settings] || name.StartsWith('-') || settings.Any(setting => !setting.StartsWith("--", StringComparison.Ordinal)))
        {
            await Console.Error.WriteLineAsync(Usage);
            return 2;
        }
        await using var app = Studio.Build([.. settings, "--Logging:LogLevel:Default=Warning"]);
        var embedded = app.Services.GetRequiredService<IOptions<DatabaseOptions>>().Value.Embedded;
        var configured = app.Services.GetRequiredService<IConfiguration>().GetConnectionString("Studio");
        var started = Stopwatch.StartNew();
        try
        {
            var manifest = command == "backup"
                ? await BackupAsync(name, configured, embedded)
                : await RestoreAsync(name, configured, embedded);
            await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"{command}: {manifest.Tables.Sum(table => table.Rows):N0} rows of {manifest.Tables.Count} tables, as of {manifest.CreatedAt:yyyy-MM-dd HH:mm:ss} UTC, {new FileInfo(name).Length / 1e6:N1} MB, after {started.Elapsed.TotalSeconds:0.0} s"));
            return 0;
        }
        catch (StartupException exception)
        {
            await Console.Error.WriteLineAsync($"{command}: {exception.Message}");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NpgsqlException or ArgumentException)
        {
            await Console.Error.WriteLineAsync($"{command}: {exception.Message.Split('\n')[0]}");
        }
        return 1;
    }

    private static async Task<BackupManifest> BackupAsync(string name, string? configured, EmbeddedOptions embedded)
    {
        if (File.Exists(name))
            throw new StartupException($"{name} exists already. Name another file, or remove that one.");
        if (!string.IsNullOrWhiteSpace(configured))
            return await WriteAsync(name, configured);
        if (RunningServer.Find(embedded) is { } running)
            return await WriteAsync(name, running);
        if (!DataFolder.HasClusterAt(embedded))
            throw new StartupException($"There is no Prompt Studio in {DataFolder.PathOf(embedded)}. Set Database:Embedded:DataDirectory or ConnectionStrings:Studio.");
        await using var server = await EmbeddedPostgres.StartAsync(embedded, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        return await WriteAsync(name, server.ConnectionString);
    }

    /// <summary>Under another name until it is complete, so that half a backup is never taken for a whole one.</summary>
    private static async Task<BackupManifest> WriteAsync(string name, string connectionString)
    {
        var unfinished = $"{name}.unfinished";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.ReadWrite, BufferSize = 131_072 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            BackupManifest manifest;
            await using (var file = new FileStream(unfinished, options))
            {
                manifest = await DatabaseBackup.WriteAsync(connectionString, file, TimeProvider.System, CancellationToken.None);
                await file.FlushAsync();
                RandomAccess.FlushToDisk(file.SafeFileHandle);
            }
            File.Move(unfinished, name);
            return manifest;
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }

    private static async Task<BackupManifest> RestoreAsync(string name, string? configured, EmbeddedOptions embedded)
    {
        await using var file = new FileStream(name, FileMode.Open, FileAccess.Read, FileShare.Read, 131_072);
        if (!string.IsNullOrWhiteSpace(configured))
            return await DatabaseRestore.RunAsync(configured, file, name, TimeProvider.System, CancellationToken.None);
        // Before a cluster is made for something that cannot be read.
        var (archive, _) = await BackupArchive.OpenAsync(file, name, CancellationToken.None);
        await using (archive)
        {
            await using var server = await EmbeddedPostgres.StartAsync(embedded, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
            await using var again = new FileStream(name, FileMode.Open, FileAccess.Read, FileShare.Read, 131_072);
            return await DatabaseRestore.RunAsync(server.ConnectionString, again, name, TimeProvider.System, CancellationToken.None);
        }
    }
}
