using System.Diagnostics;
using Npgsql;
using PromptStudio.Bench.Load;

namespace PromptStudio.Bench.Pages;

/// <summary>A studio that <c>seed</c> has filled, on its embedded PostgreSQL.</summary>
internal sealed class SeededStage : IAsyncDisposable
{
    private readonly string _folder;
    private readonly bool _keep;

    private SeededStage(string folder, bool keep) => (_folder, _keep) = (folder, keep);

    public Uri Address { get; } = new($"http://127.0.0.1:{Machine.FreePort()}");

    public Process App { get; private set; } = null!;

    /// <summary>Where its hook listens.</summary>
    public int AskPort { get; } = Machine.FreePort();

    public NpgsqlDataSource Database { get; private set; } = null!;

    private string Data => Path.Combine(_folder, "data");

    private string Log => Path.Combine(_folder, "app.log");

    /// <summary>Fills a studio and starts it.</summary>
    /// <param name="folder">Where its data stays, and is taken from the next time; null: a folder that is removed at the end.</param>
    /// <param name="prompts">How many.</param>
    /// <param name="executions">How many.</param>
    public static async Task<SeededStage> StartAsync(string? folder, int prompts, int executions)
    {
        var stage = new SeededStage(folder is null ? Directory.CreateTempSubdirectory("studio-pages-").FullName : Path.GetFullPath(folder), folder is not null);
        Directory.CreateDirectory(stage._folder);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(stage._folder, (UnixFileMode)0b111_101_101);
        if (!Directory.Exists(stage.Data))
            await stage.SeedAsync(prompts, executions);
        stage.App = StudioBuild.Start(
            ["--urls", stage.Address.GetLeftPart(UriPartial.Authority), $"--Database:Embedded:DataDirectory={stage.Data}", "--RateLimits:AdminPerSecond=0", "--RateLimits:AccountPerMinute=0"],
            stage.Log, stage.AskPort);
        await StudioBuild.ReadyAsync(stage.Address, stage.App, stage.Log);
        stage.Database = await StudioBuild.EmbeddedAsync(stage.Data);
        await stage.SettleAsync();
        return stage;
    }

    public async ValueTask DisposeAsync()
    {
        if (App is { HasExited: false })
            await StudioBuild.StopAsync(App);
        if (Database is not null)
            await Database.DisposeAsync();
        if (!_keep)
            Directory.Delete(_folder, recursive: true);
    }

    private async Task SeedAsync(int prompts, int executions)
    {
        using var seed = StudioBuild.Start(
            ["seed", $"--prompts={prompts}", $"--versions={2 * prompts}", $"--executions={executions}", $"--Database:Embedded:DataDirectory={Data}"], Path.Combine(_folder, "seed.log"), askPort: null);
        await seed.WaitForExitAsync();
        if (seed.ExitCode != 0)
            throw new InvalidOperationException("The studio could not be filled; see " + Path.Combine(_folder, "seed.log"));
    }

    /// <summary>As after some hours of work: executions are counted, and PostgreSQL has looked at its tables, which it does by itself later.</summary>
    private async Task SettleAsync()
    {
        await using (var isCounted = Database.CreateCommand("SELECT coalesce((SELECT counted_until > now() - interval '10 minutes' FROM execution_count_mark), false)"))
        {
            while ((bool)(await isCounted.ExecuteScalarAsync())! == false)
                await Task.Delay(500);
        }
        await using var vacuum = Database.CreateCommand("VACUUM ANALYZE");
        vacuum.CommandTimeout = 0;
        await vacuum.ExecuteNonQueryAsync();
    }
}
