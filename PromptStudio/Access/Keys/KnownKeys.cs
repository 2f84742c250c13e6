using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Security.Claims;
using System.Security.Cryptography;
using Npgsql;
using PromptStudio.Core.Access;
using PromptStudio.Database;

namespace PromptStudio.Access.Keys;

/// <summary>An API key that opens something, and what it opens.</summary>
public sealed class KnownKey
{
    private long _notedAt = long.MinValue;

    internal KnownKey(Guid id, string name, string[] scopes, string[] boundNames, string[] boundCategories, DateTimeOffset? expiresAt, DateTimeOffset? lastUsedAt)
    {
        (Id, ExpiresAt) = (id, expiresAt);
        Claims =
        [
            new Claim(ClaimTypes.NameIdentifier, id.ToString()),
            new Claim(ClaimTypes.Name, name),
            .. scopes.Select(scope => new Claim(ActorClaims.Scope, scope)),
            .. boundNames.Select(bound => new Claim(ActorClaims.BoundName, bound)),
            .. boundCategories.Select(bound => new Claim(ActorClaims.BoundCategory, bound)),
        ];
        Actor = Principal().ToActor();
        if (lastUsedAt is { } used)
            _notedAt = used.UtcTicks;
    }

    public Guid Id { get; }

    public DateTimeOffset? ExpiresAt { get; }

    /// <summary>Who acts with it, without an address.</summary>
    public Actor Actor { get; }

    internal IReadOnlyList<Claim> Claims { get; }

    /// <summary>Who acts with it, for the framework.</summary>
    public ClaimsPrincipal Principal() => new(new ClaimsIdentity(Claims, ApiKeyAuthentication.SchemeName));

    /// <summary>Whether a use at this time is one to note; says so to one of those that ask at once.</summary>
    internal bool IsToNote(DateTimeOffset now)
    {
        var noted = Interlocked.Read(ref _notedAt);
        return (noted == long.MinValue || now.UtcTicks - noted >= ApiKeyUses.Grain.Ticks) && Interlocked.CompareExchange(ref _notedAt, now.UtcTicks, noted) == noted;
    }
}

/// <summary>The API keys that open something, in memory: no request asks the database for its key.</summary>
public sealed class KnownKeys(Func<ChangeLog> follower, TimeProvider clock) : IKept
{
    private const string Columns = "SELECT id, key_hash, name, scopes, bound_names, bound_categories, expires_at, last_used_at FROM api_keys WHERE revoked_at IS NULL";

    /// <summary>Headers whose key was found by its hash already.</summary>
    private const int MostRemembered = 10_000;

    private volatile Edition _current = new(FrozenDictionary<Hash, KnownKey>.Empty);

    /// <summary>The key of an <c>Authorization</c> header that was good before and still is; null: it has to be looked up. Allocates nothing.</summary>
    public KnownKey? Recall(string authorization, DateTimeOffset now) =>
        _current.Headers.TryGetValue(authorization, out var known) && !(known.ExpiresAt <= now) ? known : null;

    /// <summary>The key, if it opens something. One that is not known is looked for in the database: another node may have made it just now.</summary>
    /// <param name="authorization">The header, to recall it by.</param>
    /// <param name="key">The key itself.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask<KnownKey?> FindAsync(string authorization, string key, CancellationToken cancellationToken)
    {
        var hash = new Hash(ApiKey.Hash(key));
        var edition = _current;
        if (!edition.Keys.TryGetValue(hash, out var known))
        {
            await follower().FollowAsync(cancellationToken);
            edition = _current;
            known = edition.Keys.GetValueOrDefault(hash);
        }
        if (known is null || known.ExpiresAt <= clock.GetUtcNow())
            return null;
        if (edition.Headers.Count >= MostRemembered)
            edition.Headers.Clear();
        edition.Headers[authorization] = known;
        return known;
    }

    public async Task LoadAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var query = new NpgsqlCommand(Columns, connection);
        _current = new Edition((await ReadAsync(query, cancellationToken)).ToFrozenDictionary());
    }

    public async Task ApplyAsync(NpgsqlConnection connection, IReadOnlyCollection<Change> changes, CancellationToken cancellationToken)
    {
        Guid[] ids = [.. changes.Where(change => change.Kind == ChangeKind.Key).Select(change => Guid.Parse(change.Subject))];
        if (ids.Length == 0)
            return;
        await using var query = new NpgsqlCommand(Columns + " AND id = ANY($1)", connection) { Parameters = { new() { Value = ids } } };
        var changed = await ReadAsync(query, cancellationToken);
        var before = _current;
        var after = new Edition(before.Keys.Where(known => !ids.Contains(known.Value.Id)).Concat(changed).ToFrozenDictionary());
        foreach (var (header, known) in before.Headers)
        {
            if (!ids.Contains(known.Id))
                after.Headers[header] = known;
        }
        _current = after;
    }

    private static async Task<List<KeyValuePair<Hash, KnownKey>>> ReadAsync(NpgsqlCommand query, CancellationToken cancellationToken)
    {
        List<KeyValuePair<Hash, KnownKey>> keys = [];
        await using var row = await query.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
            keys.Add(Read(row));
        return keys;
    }

    private static KeyValuePair<Hash, KnownKey> Read(NpgsqlDataReader row) => new(new Hash(row.GetFieldValue<byte[]>(1)), new KnownKey(
        row.GetGuid(0), row.GetString(2), row.GetFieldValue<string[]>(3), row.GetFieldValue<string[]>(4), row.GetFieldValue<string[]>(5),
        row.GetFieldValue<DateTimeOffset?>(6), row.GetFieldValue<DateTimeOffset?>(7)));

    /// <summary>The keys as they were at one moment, and the headers that were found to be theirs.</summary>
    private sealed record Edition(FrozenDictionary<Hash, KnownKey> Keys)
    {
        public ConcurrentDictionary<string, KnownKey> Headers { get; } = new(HeaderComparer.Instance);
    }

    /// <summary>The SHA-256 of a key. A table may be looked up by it in whatever time that takes: nobody chooses the hash of a guess.</summary>
    private readonly struct Hash(byte[] bytes) : IEquatable<Hash>
    {
        private readonly byte[] _bytes = bytes;

        public bool Equals(Hash other) => CryptographicOperations.FixedTimeEquals(_bytes, other._bytes);

        public override bool Equals(object? obj) => obj is Hash other && Equals(other);

        public override int GetHashCode() => BitConverter.ToInt32(_bytes);
    }

    /// <summary>Headers hold the keys themselves: they are hashed with a seed that nobody knows, and compared in a time that tells nothing.</summary>
    private sealed class HeaderComparer : IEqualityComparer<string>
    {
        public static HeaderComparer Instance { get; } = new();

        public bool Equals(string? x, string? y) => CryptographicOperations.FixedTimeEquals(
            System.Runtime.InteropServices.MemoryMarshal.AsBytes(x.AsSpan()), System.Runtime.InteropServices.MemoryMarshal.AsBytes(y.AsSpan()));

        public int GetHashCode(string obj) => string.GetHashCode(obj, StringComparison.Ordinal);
    }
}
