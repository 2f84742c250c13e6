using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.RateLimiting;
using PromptStudio.Caching;
using StackExchange.Redis;

namespace PromptStudio.Web;

/// <summary>
/// Lets nodes count together in Redis. No request waits for it: a node decides by what it knows, and ten times a second it tells Redis what it let pass and hears what
/// all nodes did. Without Redis each node's own limits hold.
/// </summary>
public sealed class SharedLimits(Redis redis, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    /// <summary>A count lasts a window, and a little longer for nodes whose clocks are behind.</summary>
    private const string Count = """
        local total = redis.call('INCRBY', KEYS[1], ARGV[1])
        if total == tonumber(ARGV[1]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
        return total
        """;

    private readonly ConcurrentDictionary<SharedLimit, bool> _limits = new();
    private long _rounds;

    /// <summary>Whether there should be a Redis.</summary>
    public bool IsConfigured => redis.IsConfigured;

    /// <summary>Whether nodes count together right now.</summary>
    public bool IsOn => redis.Connection is not null;

    /// <summary>How often this node has told and heard.</summary>
    public long Rounds => Interlocked.Read(ref _rounds);

    /// <summary>A limit that all nodes keep together.</summary>
    /// <param name="key">What is counted, the same on all nodes.</param>
    /// <param name="permits">In a window.</param>
    /// <param name="window">Its length.</param>
    public RateLimiter Create(string key, int permits, TimeSpan window)
    {
        var limit = new SharedLimit(this, clock, key, permits, window);
        _limits[limit] = true;
        return limit;
    }

    internal void Forget(SharedLimit limit) => _limits.TryRemove(limit, out _);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!redis.IsConfigured)
            return;
        // The system's clock: how often nodes talk has nothing to do with the time that the studio lives in.
        using var timer = new PeriodicTimer(Pace);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await ShareAsync();
        }
        catch (OperationCanceledException)
        {
            // The app stops.
        }
    }

    private async Task ShareAsync()
    {
        if (redis.Connection?.GetDatabase() is not { } database)
            return;
        try
        {
            // All on their way at once; Redis answers them in one trip.
            await Task.WhenAll(_limits.Keys.Select(limit => limit.Tell()).OfType<Telling>().Select(telling => ShareAsync(database, telling))).WaitAsync(redis.Patience);
            Interlocked.Increment(ref _rounds);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            redis.Failed(exception);
        }
    }

    private static async Task ShareAsync(IDatabase database, Telling telling)
    {
        var total = await database.ScriptEvaluateAsync(Count, [telling.Key], [telling.Passed, 2 * (long)telling.Limit.Window.TotalMilliseconds]);
        telling.Limit.Hear(telling, (long)total);
    }
}

/// <summary>What a node tells of a limit: how many it let pass in a window, beyond what it told before.</summary>
internal sealed record Telling(SharedLimit Limit, long Number, string Key, long Passed);

/// <summary>A fixed window that all nodes count together.</summary>
internal sealed class SharedLimit(SharedLimits limits, TimeProvider clock, string key, int permits, TimeSpan window) : RateLimiter
{
    private readonly Lock _gate = new();
    private long _number;
    private long _passed;
    private long _told;
    private long _others;
    private long _usedAt = clock.GetTimestamp();

    public TimeSpan Window => window;

    /// <inheritdoc/>
    public override TimeSpan? IdleDuration => clock.GetElapsedTime(Interlocked.Read(ref _usedAt)) is var idle && idle > 2 * window ? idle : null;

    /// <summary>What is to be told; null: nothing has passed here for a while.</summary>
    public Telling? Tell()
    {
        lock (_gate)
            return _number == Number() ? new Telling(this, _number, string.Create(CultureInfo.InvariantCulture, $"prompt-studio:limit:{key}:{_number}"), _passed - _told) : null;
    }

    /// <summary>All nodes together have let this many pass.</summary>
    public void Hear(Telling told, long total)
    {
        lock (_gate)
        {
            if (told.Number != _number)
                return;
            _told += told.Passed;
            _others = total - _told;
        }
    }

    public override RateLimiterStatistics? GetStatistics() => null;

    protected override RateLimitLease AttemptAcquireCore(int permitCount)
    {
        Interlocked.Exchange(ref _usedAt, clock.GetTimestamp());
        lock (_gate)
        {
            var number = Number();
            if (_number != number)
                (_number, _passed, _told, _others) = (number, 0, 0, 0);
            if (limits.IsOn && _passed + _others + permitCount > permits)
                return new Lease(new DateTimeOffset((number + 1) * window.Ticks, TimeSpan.Zero) - clock.GetUtcNow());
            _passed += permitCount;
            return new Lease(null);
        }
    }

    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) => new(AttemptAcquireCore(permitCount));

    protected override void Dispose(bool disposing)
    {
        limits.Forget(this);
        base.Dispose(disposing);
    }

    /// <summary>Windows are numbered from the year 1, so that all nodes speak of the same one.</summary>
    private long Number() => clock.GetUtcNow().UtcTicks / window.Ticks;

    private sealed class Lease(TimeSpan? wait) : RateLimitLease
    {
        public override bool IsAcquired => wait is null;

        public override IEnumerable<string> MetadataNames => wait is null ? [] : [MetadataName.RetryAfter.Name];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            var has = wait is not null && metadataName == MetadataName.RetryAfter.Name;
            metadata = has ? wait : null;
            return has;
        }
    }
}
