using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace PromptStudio.Web;

/// <summary>Renders and outcomes a second of each caller, on this node and, where there is a Redis, on all; whichever way a request takes, it is counted here.</summary>
public sealed class CallerLimits(IOptions<RateLimitOptions> options, SharedLimits shared, TimeProvider clock)
{
    private const int MostCallers = 10_000;

    private readonly ConcurrentDictionary<string, CallerLimit> _callers = new(StringComparer.Ordinal);

    /// <summary>Whether calls are counted at all.</summary>
    public bool AreOn => options.Value.RenderPerSecond > 0;

    /// <summary>The limit of a caller.</summary>
    /// <param name="who">The id of a key, or an address.</param>
    public CallerLimit For(string who)
    {
        if (_callers.TryGetValue(who, out var known))
            return known;
        if (_callers.Count >= MostCallers)
        {
            foreach (var (caller, limit) in _callers)
            {
                // Who is full again is as one who has never been here.
                if (limit.IsFull && _callers.TryRemove(caller, out var gone))
                    gone.Dispose();
            }
        }
        return _callers.GetOrAdd(who, Create);
    }

    private CallerLimit Create(string who) => new(
        options.Value.RenderPerSecond, shared.IsConfigured ? shared.Create("render:" + who, options.Value.RenderPerSecond, TimeSpan.FromSeconds(1)) : null, clock);
}

/// <summary>A bucket of tokens that fills steadily, and holds those of one second.</summary>
public sealed class CallerLimit(int perSecond, RateLimiter? shared, TimeProvider clock) : RateLimiter
{
    private readonly Lock _gate = new();
    private readonly double _perTick = (double)perSecond / clock.TimestampFrequency;
    private double _tokens = perSecond;
    private long _at = clock.GetTimestamp();

    /// <summary>Nobody waits in it: the framework need not keep it for its sake.</summary>
    public override TimeSpan? IdleDuration => null;

    public bool IsFull
    {
        get
        {
            lock (_gate)
            {
                Fill();
                return _tokens >= perSecond;
            }
        }
    }

    /// <summary>Takes a token, if there is one.</summary>
    public bool TryTake()
    {
        lock (_gate)
        {
            Fill();
            if (_tokens < 1)
                return false;
            _tokens--;
        }
        if (shared is null)
            return true;
        // The node's own first: what it refuses, nobody else is asked about.
        using var lease = shared.AttemptAcquire();
        return lease.IsAcquired;
    }

    public override RateLimiterStatistics? GetStatistics() => null;

    protected override RateLimitLease AttemptAcquireCore(int permitCount) => permitCount == 0 || TryTake() ? Taken.Instance : new Refused(TimeSpan.FromSeconds(1.0 / perSecond));

    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) => new(AttemptAcquireCore(permitCount));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            shared?.Dispose();
        base.Dispose(disposing);
    }

    private void Fill()
    {
        var now = clock.GetTimestamp();
        _tokens = Math.Min(perSecond, _tokens + ((now - _at) * _perTick));
        _at = now;
    }

    private sealed class Taken : RateLimitLease
    {
        public static Taken Instance { get; } = new();

        public override bool IsAcquired => true;

        public override IEnumerable<string> MetadataNames => [];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = null;
            return false;
        }
    }

    private sealed class Refused(TimeSpan wait) : RateLimitLease
    {
        public override bool IsAcquired => false;

        public override IEnumerable<string> MetadataNames => [MetadataName.RetryAfter.Name];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = metadataName == MetadataName.RetryAfter.Name ? wait : null;
            return metadata is not null;
        }
    }
}

/// <summary>A request that was counted already before it came to the pipeline.</summary>
public sealed class CountedRequest
{
    private CountedRequest()
    {
    }

    public static CountedRequest Once { get; } = new();
}
