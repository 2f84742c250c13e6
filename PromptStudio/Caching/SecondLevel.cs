using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using StackExchange.Redis;

namespace PromptStudio.Caching;

/// <summary>Redis below the cache in memory. What cannot be read counts as not there, and what cannot be written is let go.</summary>
public sealed class SecondLevel : IDistributedCache, IDisposable
{
    private readonly Redis _redis;
    private readonly TimeProvider _clock;
    private readonly RedisCache _cache;

    public SecondLevel(Redis redis, TimeProvider clock)
    {
        (_redis, _clock) = (redis, clock);
        _cache = new RedisCache(new RedisCacheOptions
        {
            InstanceName = "prompt-studio:",
            // Asked for only while there is one.
            ConnectionMultiplexerFactory = () => Task.FromResult(redis.Connection ?? throw new RedisConnectionException(ConnectionFailureType.UnableToConnect, "Redis does not answer.")),
        });
    }

    public byte[]? Get(string key) => throw Synchronous;

    public async Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        byte[]? value = null;
        await TryAsync(async () => value = await _cache.GetAsync(key, token), token);
        return value;
    }

    public void Refresh(string key) => throw Synchronous;

    public Task RefreshAsync(string key, CancellationToken token = default) => TryAsync(() => _cache.RefreshAsync(key, token), token);

    public void Remove(string key) => throw Synchronous;

    public Task RemoveAsync(string key, CancellationToken token = default) => TryAsync(() => _cache.RemoveAsync(key, token), token);

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw Synchronous;

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) => TryAsync(() => _cache.SetAsync(key, value, options, token), token);

    /// <remarks>Closes the connection too: it happens when the app ends.</remarks>
    public void Dispose() => _cache.Dispose();

    private static NotSupportedException Synchronous => new("Redis is asked without blocking a thread.");

    private async Task TryAsync(Func<Task> command, CancellationToken cancellationToken)
    {
        if (_redis.Connection is null)
            return;
        try
        {
            await command().WaitAsync(_redis.Patience, _clock, cancellationToken);
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            _redis.Failed(exception);
        }
    }
}
