using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PromptStudio.Database;
using PromptStudio.Database.Embedded;
using PromptStudio.Executions;
using PromptStudio.Experiments;

namespace PromptStudio.Bench.Experiments;

/// <summary>A PostgreSQL of the benchmark's own, set up as the studio sets up its own, with the studio's schema; it is thrown away.</summary>
internal sealed class BenchDatabase : IAsyncDisposable
{
    private readonly EmbeddedPostgres _server;
    private readonly ServiceProvider _services;
    private readonly string _folder;

    private BenchDatabase(EmbeddedPostgres server, NpgsqlDataSource source, string folder)
    {
        (_server, Source, _folder) = (server, source, folder);
        _services = new ServiceCollection()
            .AddSingleton(TimeProvider.System)
            .AddLogging()
            .Configure<IdentityOptions>(StudioDbContextOptions.UseStudioSchema)
            .AddDbContextFactory<StudioDbContext>(options => options.UseStudio(source))
            .AddSingleton<ExperimentRecompute>()
            .BuildServiceProvider();
    }

    public NpgsqlDataSource Source { get; }

    /// <summary>The product's own recomputation.</summary>
    public ExperimentRecompute Recompute => _services.GetRequiredService<ExperimentRecompute>();

    /// <summary>Starts it, in memory where the machine has some, so that the disk does not decide.</summary>
    public static async Task<BenchDatabase> StartAsync()
    {
        var root = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();
        var folder = Directory.CreateDirectory(Path.Combine(root, $"studio-bench-{Environment.ProcessId}")).FullName;
        var options = new EmbeddedOptions { DataDirectory = Path.Combine(folder, "data"), Fsync = false };
        var server = await EmbeddedPostgres.StartAsync(options, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        await Schema.UpdateAsync(server.ConnectionString, CancellationToken.None);
        var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server.ConnectionString) { CommandTimeout = 0 });
        await ExecutionPartitions.EnsureAsync(source, TimeProvider.System.GetUtcNow(), CancellationToken.None);
        return new BenchDatabase(server, source, folder);
    }

    public async Task<T> AskAsync<T>(string sql, params object[] values)
    {
#pragma warning disable CA2100 // The benchmark's own statements.
        await using var command = Source.CreateCommand(sql);
#pragma warning restore CA2100
        command.Parameters.AddRange(values.Select(value => new NpgsqlParameter { Value = value }).ToArray());
        return (T)(await command.ExecuteScalarAsync() ?? throw new InvalidOperationException("No answer."));
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await Source.DisposeAsync();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
