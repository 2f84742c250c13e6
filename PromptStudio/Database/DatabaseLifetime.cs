using Npgsql;
using PromptStudio.Access;
using PromptStudio.Executions;

namespace PromptStudio.Database;

/// <summary>The database starts before everything that may ask it, and stops after everything that may still write.</summary>
public sealed class DatabaseLifetime(StudioDatabase database, Bootstrap bootstrap, TimeProvider clock) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        try
        {
            await database.StartAsync(cancellationToken);
            await ExecutionPartitions.EnsureAsync(database.DataSource, clock.GetUtcNow(), cancellationToken);
            await bootstrap.RunAsync(cancellationToken);
        }
        catch (NpgsqlException exception)
        {
            throw new StartupException($"The database failed while the studio was starting: {exception.Message.Split('\n')[0]}", exception);
        }
    }

    public async Task StoppedAsync(CancellationToken cancellationToken) => await database.DisposeAsync();

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
