using Npgsql;
using PromptStudio.Database;

namespace PromptStudio.Catalogue;

/// <summary>
/// Tells the clients that wait at this node when the catalogue changes. While somebody waits, it looks at the revision each second, and at once when PostgreSQL tells
/// of a change; while nobody does, it costs nothing.
/// </summary>
public sealed partial class CatalogueWatch(StudioDatabase database, IServiceScopeFactory scopes, TimeProvider clock, ILogger<CatalogueWatch> logger) : BackgroundService
{
    /// <summary>Clients that may wait at a node.</summary>
    public const int MostWaiting = 1_000;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private TaskCompletionSource _changed = New();
    private TaskCompletionSource _wanted = New();
    private string? _current;
    private int _waiting;

    /// <summary>Waits until the catalogue has another revision.</summary>
    /// <param name="known">What the caller has.</param>
    /// <param name="longest">Then the answer is what there is.</param>
    /// <param name="cancellationToken">Then too.</param>
    /// <returns>The revision; null: too many wait already.</returns>
    public async Task<string?> ChangedAsync(string known, TimeSpan longest, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_waiting == MostWaiting)
                return null;
            _waiting++;
            _wanted.TrySetResult();
        }
        using var end = new CancellationTokenSource(longest, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(end.Token, cancellationToken);
        try
        {
            while (true)
            {
                Task changed;
                lock (_gate)
                {
                    if (_current is { } current && current != known)
                        return current;
                    changed = _changed.Task;
                }
                await changed.WaitAsync(either.Token);
            }
        }
        catch (OperationCanceledException)
        {
            return known;
        }
        finally
        {
            lock (_gate)
                _waiting--;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await _wanted.Task.WaitAsync(stoppingToken);
                await WatchAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException or TimeoutException or IOException or OperationCanceledException)
            {
                Log.Lost(logger, exception.Message.Split('\n')[0]);
                await Task.Delay(Look, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        await using (var listen = new NpgsqlCommand("LISTEN prompt_guardrails; LISTEN catalogue_changes", connection))
            await listen.ExecuteNonQueryAsync(cancellationToken);
        while (!Rest())
        {
            Tell(await RevisionAsync(cancellationToken));
            await connection.WaitAsync(Look, cancellationToken);
        }
    }

    /// <summary>Whether nobody waits any more; what is known is out of date as soon as nobody looks.</summary>
    private bool Rest()
    {
        lock (_gate)
        {
            if (_waiting > 0)
                return false;
            (_current, _wanted) = (null, New());
            return true;
        }
    }

    private void Tell(string revision)
    {
        lock (_gate)
        {
            if (_current == revision)
                return;
            _current = revision;
            _changed.SetResult();
            _changed = New();
        }
    }

    private async Task<string> RevisionAsync(CancellationToken cancellationToken)
    {
        // Not from the constructor: the app makes its background services before the database has started.
        await using var scope = scopes.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<ClientCatalogue>().RevisionAsync(cancellationToken);
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Clients do not hear of changes of the catalogue at the moment: {Reason}")]
        public static partial void Lost(ILogger logger, string reason);
    }
}
