using Npgsql;
using PromptStudio.Database;

namespace PromptStudio.Experiments;

/// <summary>
/// Keeps this node's catalogue up to date: PostgreSQL tells of every change of an experiment, whoever made it, and a slow look of its own finds what was told while nobody
/// listened.
/// </summary>
public sealed partial class ExperimentListener(StudioDatabase database, ExperimentCatalogue catalogue, TimeProvider clock, ILogger<ExperimentListener> logger)
    : BackgroundService, IHostedLifecycleService
{
    /// <summary>How long a change stays unseen at most, when PostgreSQL's word of it is lost.</summary>
    private static readonly TimeSpan SlowLook = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    /// <summary>Before the first request: nobody gets a version that their experiment did not choose. The database has started, as its lifetime comes first.</summary>
    public Task StartingAsync(CancellationToken cancellationToken) => catalogue.LoadAsync(cancellationToken);

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ListenAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException or TimeoutException or IOException or OperationCanceledException or Microsoft.EntityFrameworkCore.DbUpdateException)
            {
                Log.Lost(logger, exception.Message.Split('\n')[0]);
                await Task.Delay(Retry, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        await using (var listen = new NpgsqlCommand("LISTEN ab_test_experiments", connection))
            await listen.ExecuteNonQueryAsync(cancellationToken);
        while (true)
        {
            // First: something may have changed before anybody listened.
            await catalogue.LoadAsync(cancellationToken);
            if (await connection.WaitAsync(SlowLook, cancellationToken))
                continue;
            // Nobody hears that a connection is gone by listening to it.
            await using var alive = new NpgsqlCommand("SELECT 1", connection);
            await alive.ExecuteScalarAsync(cancellationToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The studio does not hear of changed experiments at the moment: {Reason}")]
        public static partial void Lost(ILogger logger, string reason);
    }
}
