using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using PromptStudio.Database;

namespace PromptStudio.Access.Keys;

/// <summary>
/// Notes when a key was last used, at most once a minute for each. Requests only put a note into a queue: a full queue drops it, and
/// a database that does not answer costs nothing but the note.
/// </summary>
public sealed partial class ApiKeyUses(IServiceScopeFactory scopes, TimeProvider clock, ILogger<ApiKeyUses> logger) : BackgroundService
{
    /// <summary>How exact the note is.</summary>
    public static readonly TimeSpan Grain = TimeSpan.FromMinutes(1);

    private const int MostWaiting = 1_000;

    private readonly Channel<(Guid Key, DateTimeOffset At)> _notes =
        Channel.CreateBounded<(Guid, DateTimeOffset)>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>A key opened something; returns at once.</summary>
    public void Note(KnownKey key)
    {
        var now = clock.GetUtcNow();
        if (key.IsToNote(now))
            _notes.Writer.TryWrite((key.Id, now));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var (key, at) in _notes.Reader.ReadAllAsync(stoppingToken))
                await WriteAsync(key, at, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The app stops.
        }
    }

    private async Task WriteAsync(Guid key, DateTimeOffset at, CancellationToken cancellationToken)
    {
        try
        {
            // Not a factory from the constructor: the app makes its background services before the database has started.
            await using var scope = scopes.CreateAsyncScope();
            var context = scope.ServiceProvider.GetRequiredService<StudioDbContext>();
            // Another node may have noted a later use.
            await context.ApiKeys.Where(row => row.Id == key && (row.LastUsedAt == null || row.LastUsedAt < at))
                .ExecuteUpdateAsync(row => row.SetProperty(k => k.LastUsedAt, at), cancellationToken);
        }
        catch (Exception exception) when (exception is Npgsql.NpgsqlException or InvalidOperationException or TimeoutException)
        {
            Log.NotNoted(logger, key, exception.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The last use of the API key {Key} could not be noted: {Reason}")]
        public static partial void NotNoted(ILogger logger, Guid key, string reason);
    }
}
