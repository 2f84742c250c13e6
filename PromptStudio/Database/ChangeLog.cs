using System.Data;
using System.Data.Common;
using Npgsql;

namespace PromptStudio.Database;

/// <summary>A row of <c>catalogue_changes</c>: what kind of thing changed, and which one.</summary>
/// <param name="Kind">One of <see cref="ChangeKind"/>.</param>
/// <param name="Subject">A prompt's name, or a key's id.</param>
public readonly record struct Change(string Kind, string Subject);

/// <summary>The kinds of <see cref="Change"/>; the triggers of the migration name them.</summary>
public static class ChangeKind
{
    /// <summary>A prompt, one of its versions, or one of its labels.</summary>
    public const string Prompt = "prompt";

    /// <summary>An API key.</summary>
    public const string Key = "key";
}

/// <summary>Something that this node keeps in memory, and that follows what any node commits.</summary>
public interface IKept
{
    /// <summary>Reads all of it anew.</summary>
    Task LoadAsync(NpgsqlConnection connection, CancellationToken cancellationToken);

    /// <summary>Reads what changed; other kinds of changes are there too.</summary>
    Task ApplyAsync(NpgsqlConnection connection, IReadOnlyCollection<Change> changes, CancellationToken cancellationToken);
}

/// <summary>
/// Follows the changes that any node commits. Triggers number them in the order of their commits, without gaps, in the same transaction; so whoever knows up to
/// which number they have followed knows also whether something was missed, whatever became of PostgreSQL's notification.
/// </summary>
public sealed partial class ChangeLog(StudioDatabase database, IEnumerable<IKept> kept, TimeProvider clock, ILogger<ChangeLog> logger) : IDisposable
{
    /// <summary>More changes than this at once are followed by reading everything.</summary>
    private const int MostChanges = 1_000;

    /// <summary>How long who made a change waits for a database that fails just then: as long as renders wait for it.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(50);

    private readonly SemaphoreSlim _following = new(1, 1);
    private readonly IKept[] _kept = [.. kept];
    private long _known = -1;

    /// <summary>The number of the last change that this node has followed; -1: it has not read anything yet.</summary>
    public long Known => Interlocked.Read(ref _known);

    /// <summary>Reads what was committed before the call and is not known yet.</summary>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken);
        await FollowAsync(connection, cancellationToken);
    }

    /// <summary>
    /// As <see cref="FollowAsync(CancellationToken)"/>, after a change on this node that is committed already. Its caller is told so next, and the next request must be served it: a
    /// connection that breaks in between is no reason not to look. Only when the database stays away is it left to the listener.
    /// </summary>
    /// <param name="connection">That committed it: whoever holds one must not have to wait for another.</param>
    public async Task FollowCommittedAsync(DbConnection? connection)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                if (connection is NpgsqlConnection { State: ConnectionState.Open } open)
                    await FollowAsync(open, CancellationToken.None);
                else
                    await FollowAsync(CancellationToken.None);
                return;
            }
            catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException or TimeoutException)
            {
                if (clock.GetElapsedTime(started) > Patience)
                {
                    Log.NotFollowed(logger, exception.Message.Split('\n')[0]);
                    return;
                }
            }
            connection = null;
            await Task.Delay(Retry, clock);
        }
    }

    /// <summary>Forgets changes that every node has followed long ago; one that has not reads everything.</summary>
    public async Task PruneAsync(CancellationToken cancellationToken)
    {
        await using var prune = database.DataSource.CreateCommand("DELETE FROM catalogue_changes WHERE created_at < now() - interval '1 day'");
        await prune.ExecuteNonQueryAsync(cancellationToken);
    }

    public void Dispose() => _following.Dispose();

    private async Task FollowAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // The connection is there already: who waits here must not keep those in front from getting theirs.
        await _following.WaitAsync(cancellationToken);
        try
        {
            await ReadAsync(connection, cancellationToken);
        }
        finally
        {
            _following.Release();
        }
    }

    private async Task ReadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var changes = new HashSet<Change>();
        // The number first: what is committed while the rest is read has a later one, and is read once more.
        var (latest, seen) = (0L, 0L);
        await using (var query = new NpgsqlCommand(
            """
            SELECT state.sequence, change.kind, change.subject
            FROM catalogue_state state LEFT JOIN catalogue_changes change ON change.sequence > $1 AND change.sequence <= state.sequence
            LIMIT $2
            """, connection)
        {
            Parameters = { new() { Value = _known }, new() { Value = MostChanges + 1 } },
        })
        {
            await using var reader = await query.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                latest = reader.GetInt64(0);
                if (await reader.IsDBNullAsync(1, cancellationToken))
                    continue;
                seen++;
                changes.Add(new Change(reader.GetString(1), reader.GetString(2)));
            }
        }
        if (latest == _known)
            return;
        // A gap, or a number that went back: an old log was pruned, or a backup restored.
        var isWhole = _known >= 0 && latest > _known && seen == latest - _known;
        foreach (var part in _kept)
        {
            if (isWhole)
                await part.ApplyAsync(connection, changes, cancellationToken);
            else
                await part.LoadAsync(connection, cancellationToken);
        }
        Interlocked.Exchange(ref _known, latest);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A change is followed a little later: {Reason}")]
        public static partial void NotFollowed(ILogger logger, string reason);
    }
}
