using Microsoft.AspNetCore.DataProtection;
using Npgsql;
using PromptStudio.Access;
using PromptStudio.Executions;

namespace PromptStudio.Database;

/// <summary>The database starts before everything that may ask it, and stops after everything that may still write.</summary>
public sealed class DatabaseLifetime(StudioDatabase database, Bootstrap bootstrap, IServiceProvider services, TimeProvider clock) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        try
        {
            await database.StartAsync(cancellationToken);
            await ExecutionPartitions.EnsureAsync(database.DataSource, clock.GetUtcNow(), cancellationToken);
            await ShareKeysAsync(cancellationToken);
            await bootstrap.RunAsync(cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            throw new StartupException($"The database failed while the studio was starting: {exception.Message.Split('\n')[0]}", exception);
        }
    }

    /// <summary>
    /// Nodes that start at the same time on an empty database would each make a key for cookies and forms, and none would know the others' before a day has passed: the
    /// first one makes it, and the others find it.
    /// </summary>
    private async Task ShareKeysAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var queue = new NpgsqlCommand("SELECT pg_advisory_xact_lock(hashtext('data_protection_keys'))", connection, transaction))
            await queue.ExecuteNonQueryAsync(cancellationToken);
        // Reads the keys, and makes one where there is none. Asked for only now: the database has just started.
        services.GetRequiredService<IDataProtectionProvider>().CreateProtector(nameof(DatabaseLifetime)).Protect([1]);
        await transaction.CommitAsync(cancellationToken);
    }

    public async Task StoppedAsync(CancellationToken cancellationToken) => await database.DisposeAsync();

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
