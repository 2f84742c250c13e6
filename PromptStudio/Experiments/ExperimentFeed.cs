using System.Collections.Concurrent;
using Npgsql;
using PromptStudio.Database;

namespace PromptStudio.Experiments;

/// <summary>Tells this node's pages that an experiment has new figures, whichever node worked them out.</summary>
public sealed partial class ExperimentFeed(StudioDatabase database, TimeProvider clock, ILogger<ExperimentFeed> logger) : BackgroundService
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Alive = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<Subscription, byte> _subscriptions = new();

    /// <summary>Calls back after each snapshot of an experiment, until it is disposed. The call comes on a thread of the feed, and must not take long: a page asks its renderer to come.</summary>
    /// <param name="experimentId">Which one; null: all.</param>
    /// <param name="told">Gets the experiment's id.</param>
    public IDisposable Subscribe(Guid? experimentId, Action<Guid> told)
    {
        var subscription = new Subscription(this, experimentId, told);
        _subscriptions[subscription] = 0;
        return subscription;
    }

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
        connection.Notification += (_, told) =>
        {
            if (Guid.TryParse(told.Payload, out var id))
                Tell(id);
        };
        await using (var listen = new NpgsqlCommand("LISTEN experiment_snapshots", connection))
            await listen.ExecuteNonQueryAsync(cancellationToken);
        while (true)
        {
            if (await connection.WaitAsync(Alive, cancellationToken))
                continue;
            // Nobody hears that a connection is gone by listening to it.
            await using var alive = new NpgsqlCommand("SELECT 1", connection);
            await alive.ExecuteScalarAsync(cancellationToken);
        }
    }

    private void Tell(Guid id)
    {
        foreach (var subscription in _subscriptions.Keys)
        {
            try
            {
                subscription.Tell(id);
            }
            catch (Exception exception) when (exception is ObjectDisposedException or InvalidOperationException)
            {
                // A page that is going away; the others are told none the less.
                Log.NotTold(logger, exception.Message);
            }
        }
    }

    private sealed class Subscription(ExperimentFeed feed, Guid? experimentId, Action<Guid> told) : IDisposable
    {
        public void Tell(Guid id)
        {
            if (experimentId is null || experimentId == id)
                told(id);
        }

        public void Dispose() => feed._subscriptions.TryRemove(this, out _);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Pages do not hear of new figures of experiments at the moment: {Reason}")]
        public static partial void Lost(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Debug, "A page did not hear of new figures: {Reason}")]
        public static partial void NotTold(ILogger logger, string reason);
    }
}
