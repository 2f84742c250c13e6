using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace PromptStudio.Database.Embedded;

/// <summary>
/// A private PostgreSQL cluster that lives as long as the app. It runs in a session of its own, so that Ctrl+C reaches the app alone;
/// when the app was killed, the next start finds the orphan and replaces it; when the server was killed, it is started again.
/// </summary>
public sealed partial class EmbeddedPostgres : IAsyncDisposable
{
    /// <summary>The oldest major version of PostgreSQL that the studio works with.</summary>
    public const int OldestMajor = 15;

    /// <summary>The user, and the database.</summary>
    internal const string User = "studio";

    private const long LogMaxBytes = 10_000_000;

    private readonly DataFolder _folder;
    private readonly PostgresBinaries _binaries;
    private readonly EmbeddedOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly int _port;
    private Task _watch = Task.CompletedTask;

    private EmbeddedPostgres(DataFolder folder, PostgresBinaries binaries, EmbeddedOptions options, TimeProvider clock, ILogger logger)
    {
        (_folder, _binaries, _options, _clock, _logger) = (folder, binaries, options, clock, logger);
        // The socket's folder is private, so its number matters only where there are no Unix sockets.
        _port = OperatingSystem.IsWindows() ? FreePort() : 5432;
        ConnectionString = new NpgsqlConnectionStringBuilder
        {
            Host = OperatingSystem.IsWindows() ? "127.0.0.1" : folder.SocketFolder,
            Port = _port,
            Database = User,
            Username = User,
            Password = folder.Password(),
            // Half of what the server takes: a rush of requests waits in the app, and an operator's psql still gets in.
            MaxPoolSize = 50,
        }.ConnectionString;
    }

    /// <summary>How to reach the server.</summary>
    public string ConnectionString { get; }

    /// <summary>Takes the data directory, makes the cluster when there is none, and starts the server.</summary>
    /// <exception cref="StartupException">It cannot start; the message is one line that says why and what to do.</exception>
    public static async Task<EmbeddedPostgres> StartAsync(EmbeddedOptions options, TimeProvider clock, ILogger logger, CancellationToken cancellationToken)
    {
        var folder = DataFolder.Take(options, clock);
        try
        {
            var binaries = await PostgresBinaries.FindAsync(options, folder, cancellationToken);
            var server = new EmbeddedPostgres(folder, binaries, options, clock, logger);
            if (!folder.HasCluster)
                await server.MakeClusterAsync(cancellationToken);
            await server.StopOrphanAsync(cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            await server.StartServerAsync();
            server._watch = server.WatchAsync(server._stopping.Token);
            return server;
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            folder.Dispose();
            throw DataFolder.Refusal(folder.Path, exception);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Stops the server, and lets the data directory go.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _watch;
        try
        {
            var (exitCode, output) = await ControlAsync("stop", "-m", "fast", "-t", "60");
            if (exitCode != 0 && Postmaster() is not null)
                Log.NotStopped(_logger, output.Trim());
        }
        catch (StartupException exception)
        {
            Log.NotStopped(_logger, exception.Message);
        }
        _stopping.Dispose();
        _folder.Dispose();
    }

    private async Task MakeClusterAsync(CancellationToken cancellationToken)
    {
        Log.Making(_logger, _binaries.Version, _folder.Path);
        var passwordFile = Path.Combine(_folder.Path, "initdb.password");
        _folder.WritePrivate(passwordFile, _folder.Password(), forServer: true);
        Directory.CreateDirectory(_folder.NewCluster);
        _folder.Account.Own(_folder.NewCluster);
        // The built-in locale sorts alike on every machine and knows the case of every letter; it came with 17.
        string[] locale = _binaries.Version.Major >= 17 ? ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"] : ["--locale=C"];
        string[] arguments = ["-D", _folder.NewCluster, "--username", User, "--pwfile", passwordFile, "--auth=scram-sha-256", "--encoding=UTF8", .. locale,
            .. _options.Fsync ? Array.Empty<string>() : ["--no-sync"]];
        var (exitCode, output) = await _folder.Account.RunAsync(_binaries.Program("initdb"), arguments, _folder.Path, cancellationToken);
        File.Delete(passwordFile);
        if (exitCode != 0)
        {
            Directory.Delete(_folder.NewCluster, recursive: true);
            throw Failure("PostgreSQL could not make its cluster", output);
        }
        Directory.Move(_folder.NewCluster, _folder.Cluster);
    }

    /// <summary>After a kill -9 of the app its server is still running: nobody else may hold the folder, so it is ours to stop.</summary>
    private async Task StopOrphanAsync(CancellationToken cancellationToken)
    {
        var pidFile = Path.Combine(_folder.Cluster, "postmaster.pid");
        if (!File.Exists(pidFile))
            return;
        if (Postmaster() is not { } orphan)
        {
            ServerProcesses.EndLeftovers(_folder.Cluster);
            // PostgreSQL would stay down while another process has the number. Only the number goes: the rest of the file lets it see
            // whether anything is still attached to the old server's memory. The account itself writes into its own folder.
            if (!OperatingSystem.IsWindows())
                await _folder.Account.RunAsync("sh", ["-c", "rest=$(tail -n +2 \"$0\") && printf '%s\\n%s\\n' 2147483647 \"$rest\" > \"$0\"", pidFile], _folder.Path, cancellationToken);
            return;
        }
        Log.Replacing(_logger, orphan);
        foreach (var (mode, seconds) in new[] { ("fast", "20"), ("immediate", "10") })
        {
            await ControlAsync("stop", "-m", mode, "-t", seconds);
            if (Postmaster() is null)
                return;
        }
        throw new StartupException($"A PostgreSQL server (process {orphan}) that an earlier Prompt Studio left behind on {_folder.Path} does not stop. End it with: kill -9 {orphan}");
    }

    /// <summary>Not to be cancelled: half a start would leave a server that nobody holds.</summary>
    private async Task StartServerAsync()
    {
        _folder.WritePrivate(_folder.Settings, Settings(), forServer: true);
        if (File.Exists(_folder.Log) && new FileInfo(_folder.Log).Length > LogMaxBytes)
            File.Move(_folder.Log, _folder.Log + ".old", overwrite: true);
        var before = File.Exists(_folder.Log) ? new FileInfo(_folder.Log).Length : 0;
        // Recovery after a crash may take minutes; the server says when it is ready.
        var (exitCode, output) = await ControlAsync("start", "-t", "600", "-l", _folder.Log, "-o", $"-c config_file={Quoted(_folder.Settings)}");
        if (exitCode != 0)
            throw Failure("PostgreSQL did not start", File.Exists(_folder.Log) ? await LogAfterAsync(before) : output);
        Log.Serving(_logger, _binaries.Version, _folder.Path);
    }

    /// <summary>Starts the server again when it was killed; clients see errors until then, and nothing that was committed is lost.</summary>
    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), _clock);
        var down = false;
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
            {
                try
                {
                    if (Postmaster() is not null)
                        continue;
                    if (!down)
                        Log.Died(_logger);
                    await StopOrphanAsync(cancellationToken);
                    await StartServerAsync();
                    down = false;
                }
                catch (Exception exception) when (exception is StartupException or IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
                {
                    if (!down)
                        Log.StillDown(_logger, exception.Message);
                    down = true;
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The app is stopping.
        }
    }

    /// <summary>The running server's process: the one that the pid file names, if it works on this cluster; process numbers are used again.</summary>
    private int? Postmaster()
    {
        var pidFile = Path.Combine(_folder.Cluster, "postmaster.pid");
        return File.Exists(pidFile) && int.TryParse(File.ReadLines(pidFile).FirstOrDefault(), CultureInfo.InvariantCulture, out var id) && ServerProcesses.WorksOn(id, _folder.Cluster)
            ? id
            : null;
    }

    private Task<(int ExitCode, string Output)> ControlAsync(params string[] arguments) =>
        _folder.Account.RunAsync(_binaries.Program("pg_ctl"), ["-D", _folder.Cluster, "-w", .. arguments], _folder.Path, CancellationToken.None);

    /// <summary>pg_ctl hands the server's options to a shell.</summary>
    private static string Quoted(string path) =>
        OperatingSystem.IsWindows() ? $"\"{path}\"" : $"'{path.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    private async Task<string> LogAfterAsync(long position)
    {
        await using var log = new FileStream(_folder.Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        log.Seek(Math.Min(position, log.Length), SeekOrigin.Begin);
        using var reader = new StreamReader(log);
        return await reader.ReadToEndAsync();
    }

    private StartupException Failure(string what, string output)
    {
        if (DataFolder.IsFull(output))
            return new StartupException(DataFolder.Full(_folder.Path));
        var lines = output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var reason = Array.Find(lines, line => line.Contains("FATAL:", StringComparison.Ordinal) || line.Contains("error:", StringComparison.Ordinal))
            ?? lines.LastOrDefault() ?? "it gave no reason";
        return new StartupException($"{what} in {_folder.Path}: {reason}");
    }

    private string Settings() => string.Create(CultureInfo.InvariantCulture, $"""
        # Written by Prompt Studio at each start.
        listen_addresses = '{(OperatingSystem.IsWindows() ? "127.0.0.1" : "")}'
        port = {_port}
        unix_socket_directories = '{(OperatingSystem.IsWindows() ? "" : _folder.SocketFolder.Replace("'", "''", StringComparison.Ordinal))}'
        unix_socket_permissions = 0700
        fsync = {(_options.Fsync ? "on" : "off")}
        full_page_writes = {(_options.Fsync ? "on" : "off")}
        # A busy studio writes a gigabyte of log in a few minutes; checkpoints, each of which makes the next pages dear, shall be rarer than that.
        max_wal_size = '4GB'
        min_wal_size = '512MB'
        checkpoint_timeout = '15min'
        # Statements are short, and planned once.
        jit = off
        timezone = 'UTC'
        log_timezone = 'UTC'
        lc_messages = 'C'
        # Statements and values of the studio's users do not belong into a log file.
        log_min_messages = warning
        log_min_error_statement = panic
        log_error_verbosity = terse

        """);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Making a PostgreSQL {Version} cluster in {Folder}")]
        public static partial void Making(ILogger logger, Version version, string folder);

        [LoggerMessage(2, LogLevel.Information, "PostgreSQL {Version} serves {Folder}")]
        public static partial void Serving(ILogger logger, Version version, string folder);

        [LoggerMessage(3, LogLevel.Warning, "Replacing the PostgreSQL server that an earlier run left behind (process {Process})")]
        public static partial void Replacing(ILogger logger, int process);

        [LoggerMessage(4, LogLevel.Error, "The PostgreSQL server has died; starting it again")]
        public static partial void Died(ILogger logger);

        [LoggerMessage(5, LogLevel.Error, "The PostgreSQL server is still down: {Reason}")]
        public static partial void StillDown(ILogger logger, string reason);

        [LoggerMessage(6, LogLevel.Warning, "The PostgreSQL server did not stop: {Output}")]
        public static partial void NotStopped(ILogger logger, string output);
    }
}
