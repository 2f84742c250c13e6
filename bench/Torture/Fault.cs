using System.Diagnostics;
using System.Globalization;
using Npgsql;
using PromptStudio.Bench.Load;

namespace PromptStudio.Bench.Torture;

/// <summary>Something that goes wrong.</summary>
/// <param name="Name">What <c>--only</c> calls it.</param>
/// <param name="Title">What the table calls it.</param>
internal abstract record Fault(string Name, string Title)
{
    public static IReadOnlyList<Fault> All { get; } =
    [
        new NothingFails(), new AppKilled(), new PostgresKilled(), new PostgresStopped(), new ConnectionsCut(), new DiskFull(), new NodeReplaced(), new RedisGone(),
    ];

    /// <summary>Why it cannot be had here; null: it can.</summary>
    public virtual string? Missing => null;

    /// <summary>How much later another node may know of a change.</summary>
    public virtual TimeSpan Lag => TimeSpan.Zero;

    public virtual Task<TortureStage> StartAsync() => TortureStage.StartAsync();

    /// <summary>Lets it happen, until it is over.</summary>
    public abstract Task HappenAsync(TortureStage stage);

    /// <summary>Takes away what it needed.</summary>
    public virtual void CleanUp()
    {
    }

    private protected static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    private protected static (int ExitCode, string Error) Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error.Trim());
    }
}

/// <summary>Only the changes, which go on during every other fault too.</summary>
internal sealed record NothingFails() : Fault("changes", "templates, guardrails and experiments change")
{
    public override Task HappenAsync(TortureStage stage) => Task.Delay(TimeSpan.FromSeconds(10));
}

/// <summary>A supervisor starts it again at once.</summary>
internal sealed record AppKilled() : Fault("app", "kill -9 of the app")
{
    public override async Task HappenAsync(TortureStage stage)
    {
        await stage.KillNodeAsync(0);
        await stage.StartNodeAsync(0);
    }
}

internal sealed record PostgresKilled() : Fault("postgres", "kill -9 of PostgreSQL")
{
    public override Task HappenAsync(TortureStage stage)
    {
        stage.SignalPostgres("KILL");
        return Task.CompletedTask;
    }
}

internal sealed record PostgresStopped() : Fault("stop", "PostgreSQL stands still for 20 s (SIGSTOP)")
{
    public override async Task HappenAsync(TortureStage stage)
    {
        stage.SignalPostgres("STOP");
        await Task.Delay(TimeSpan.FromSeconds(20));
        stage.SignalPostgres("CONT");
    }
}

internal sealed record ConnectionsCut() : Fault("connections", "every connection is cut, 20 times in 5 s")
{
    public override async Task HappenAsync(TortureStage stage)
    {
        for (var turn = 0; turn < 20; turn++)
        {
            await using var cut = stage.Database.CreateCommand("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
            await cut.ExecuteNonQueryAsync();
            await Task.Delay(250);
        }
    }
}

/// <summary>A file system in memory is filled to its end, for eight seconds.</summary>
internal sealed record DiskFull() : Fault("disk", "the disk of the data directory is full for 8 s")
{
    private const string Size = "size=400m";

    private string? _mounted;

    public override string? Missing
    {
        get
        {
            if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
                return "a file system of its own needs root, on Linux";
            var probe = Directory.CreateTempSubdirectory("studio-mount-").FullName;
            var (exitCode, error) = Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", probe);
            if (exitCode == 0)
                Run("umount", probe);
            Directory.Delete(probe);
            return exitCode == 0 ? null : $"no file system can be mounted: {error}";
        }
    }

    public override Task<TortureStage> StartAsync() => TortureStage.StartAsync(prepare: data =>
    {
        Directory.CreateDirectory(data);
        var (exitCode, error) = Run("mount", "-t", "tmpfs", "-o", Size, "tmpfs", data);
        _mounted = exitCode == 0 ? data : throw new InvalidOperationException(error);
    });

    public override async Task HappenAsync(TortureStage stage)
    {
        var ballast = Path.Combine(stage.Data, "run", "ballast");
        try
        {
            await using (var file = new FileStream(ballast, FileMode.Create, FileAccess.Write, FileShare.None, 0))
            {
                var block = new byte[65_536];
                while (true)
                    await file.WriteAsync(block);
            }
        }
        catch (IOException)
        {
            // That is what it is for.
        }
        try
        {
            // The log has some room of its own left: it shall need more, too.
            await using var more = stage.Database.CreateCommand("SELECT pg_switch_wal()");
            await more.ExecuteNonQueryAsync();
        }
        catch (NpgsqlException)
        {
            // PostgreSQL may have gone down for it.
        }
        await Task.Delay(TimeSpan.FromSeconds(8));
        File.Delete(ballast);
    }

    public override void CleanUp()
    {
        if (_mounted is not null)
            Run("umount", _mounted);
        _mounted = null;
    }
}

/// <summary>Callers know both addresses, and try the other one when one does not answer.</summary>
internal sealed record NodeReplaced() : Fault("node", "a second node is started, the first is killed")
{
    /// <summary>What the documentation promises: well under a second.</summary>
    public override TimeSpan Lag => TimeSpan.FromSeconds(1);

    public override Task<TortureStage> StartAsync() => TortureStage.StartAsync(ownServer: true);

    public override async Task HappenAsync(TortureStage stage)
    {
        await stage.StartNodeAsync(1);
        await Task.Delay(TimeSpan.FromSeconds(3));
        await stage.KillNodeAsync(0);
        stage.Forget(0);
    }
}

internal sealed record RedisGone() : Fault("redis", "Redis is killed, and comes back after 6 s")
{
    private readonly int _port = Machine.FreePort();
    private Process? _redis;

    public override string? Missing => IsOnPath("redis-server") ? null : "redis-server is not installed";

    public override Task<TortureStage> StartAsync()
    {
        Launch();
        return TortureStage.StartAsync(settings: [$"--ConnectionStrings:Redis=127.0.0.1:{_port.ToString(CultureInfo.InvariantCulture)}"]);
    }

    public override async Task HappenAsync(TortureStage stage)
    {
        _redis!.Kill();
        await Task.Delay(TimeSpan.FromSeconds(6));
        Launch();
    }

    public override void CleanUp()
    {
        _redis?.Kill();
        _redis?.Dispose();
        _redis = null;
    }

    private void Launch()
    {
        var port = _port.ToString(CultureInfo.InvariantCulture);
        _redis = Process.Start(new ProcessStartInfo("redis-server", ["--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--loglevel", "warning"]) { RedirectStandardOutput = true });
    }
}
