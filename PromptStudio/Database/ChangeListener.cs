using Npgsql;

namespace PromptStudio.Database;

/// <summary>Hears of changes on other nodes from PostgreSQL, and looks for them itself now and then, in case nobody told.</summary>
public sealed partial class ChangeListener(StudioDatabase database, Func<ChangeLog> log, TimeProvider clock, ILogger<ChangeListener> logger) : BackgroundService, IHostedLifecycleService
{
    /// <summary>How long a change stays unseen at most, when PostgreSQL's word of it is lost.</summary>
    private static readonly TimeSpan SlowLook = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Prune = TimeSpan.FromHours(1);

    /// <summary>Before the first request. What is kept is made only now: the app makes its services before the database has started. The database has started, as its lifetime comes first.</summary>
    public Task StartingAsync(CancellationToken cancellationToken) => log().FollowAsync(cancellationToken);

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
            catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException or TimeoutException or IOException or OperationCanceledException)
            {
                Log.Lost(logger, exception.Message.Split('\n')[0]);
                await Task.Delay(Retry, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        await using (var listen = new NpgsqlCommand("LISTEN catalogue_changes", connection))
            await listen.ExecuteNonQueryAsync(cancellationToken);
        var pruned = clock.GetTimestamp();
        while (true)
        {
            // First: something may have changed before anybody listened.
            await log().FollowAsync(cancellationToken);
            if (await connection.WaitAsync(SlowLook, cancellationToken))
                continue;
            // Nobody hears that a connection is gone by listening to it.
            await using (var alive = new NpgsqlCommand("SELECT 1", connection))
                await alive.ExecuteScalarAsync(cancellationToken);
            if (clock.GetElapsedTime(pruned) < Prune)
                continue;
            await log().PruneAsync(cancellationToken);
            pruned = clock.GetTimestamp();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The studio does not hear of other nodes' changes at the moment: {Reason}")]
        public static partial void Lost(ILogger logger, string reason);
    }
}
