using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PromptStudio.Database;
using PromptStudio.Database.Embedded;
using PromptStudio.Executions;
using PromptStudio.Tests.Studio;

[assembly: AssemblyFixture(typeof(PostgresServer))]

namespace PromptStudio.Tests.Studio;

/// <summary>One PostgreSQL server for the whole run, and throw-away databases on it, copied from one that has the schema.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private const string Template = "studio_template";

    private readonly TemporaryFolder _folder = new();
    private readonly SemaphoreSlim _start = new(1, 1);
    private EmbeddedPostgres? _server;
    private int _databases;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>A database of its own, with the schema; the server starts with the first one, so that unit tests need none.</summary>
    public async Task<string> CreateDatabaseAsync(bool withSchema = true)
    {
        await _start.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            _server ??= await StartAsync();
            var name = $"studio_{++_databases}";
            await using var server = NpgsqlDataSource.Create(ConnectionString("postgres"));
#pragma warning disable CA2100 // Names of databases cannot be parameters; these are ours.
            await using var create = server.CreateCommand($"CREATE DATABASE {name} TEMPLATE {(withSchema ? Template : "template0")}");
#pragma warning restore CA2100
            await create.ExecuteNonQueryAsync();
            return ConnectionString(name);
        }
        finally
        {
            _start.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _start.Dispose();
        _folder.Dispose();
    }

    private async Task<EmbeddedPostgres> StartAsync()
    {
        var options = new EmbeddedOptions { DataDirectory = _folder.Sub("data"), Binaries = StudioOutput.Postgres, Fsync = false };
        var server = await EmbeddedPostgres.StartAsync(options, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        var template = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Database = Template, Pooling = false }.ConnectionString;
        await Schema.UpdateAsync(template, CancellationToken.None);
        await using var dataSource = NpgsqlDataSource.Create(template);
        await ExecutionPartitions.EnsureAsync(dataSource, TimeProvider.System.GetUtcNow(), CancellationToken.None);
        return server;
    }

    private string ConnectionString(string database) =>
        new NpgsqlConnectionStringBuilder(_server!.ConnectionString) { Database = database, MaxPoolSize = 20, Pooling = database != "postgres" }.ConnectionString;
}
