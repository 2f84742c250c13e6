using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace PromptStudio.Caching;

/// <summary>
/// The node's connection to Redis, for whatever nodes share. It may be missing at any time, and nothing may break without it: who uses it asks for <see cref="Connection"/> each
/// time, waits no longer than <see cref="Patience"/>, and tells of a <see cref="Failed"/> command, after which nobody waits for it for a while.
/// </summary>
public sealed partial class Redis(RedisServerOptions options, IOptions<CacheOptions> cache, TimeProvider clock, ILogger<Redis> logger) : BackgroundService, IAsyncDisposable
{
    /// <summary>How long Redis is left alone after a command failed.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    private volatile ConnectionMultiplexer? _connection;
    private long _failedAt = long.MinValue;

    /// <summary>Whether there should be a Redis.</summary>
    public bool IsConfigured => options.Server is not null;

    /// <summary>How long a command may take.</summary>
    public TimeSpan Patience => cache.Value.RedisTimeout;

    /// <summary>The connection, when it can be used right now; null: do without.</summary>
    public IConnectionMultiplexer? Connection => _connection is { IsConnected: true } connection && !IsResting ? connection : null;

    private bool IsResting => Volatile.Read(ref _failedAt) is var at && at != long.MinValue && clock.GetElapsedTime(at) < Rest;

    /// <summary>A command failed, or took too long.</summary>
    public void Failed(Exception exception)
    {
        var wasResting = IsResting;
        Volatile.Write(ref _failedAt, clock.GetTimestamp());
        if (!wasResting)
            Log.Failed(logger, exception.GetType().Name);
    }

    /// <summary>Whether it answers.</summary>
    public async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        if (_connection is not { IsConnected: true } connection)
            return false;
        try
        {
            await connection.GetDatabase().PingAsync().WaitAsync(Patience, clock, cancellationToken);
            return true;
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException or ObjectDisposedException)
        {
            return false;
        }
    }

    public override void Dispose()
    {
        _connection?.Dispose();
        base.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_connection is { } connection)
            await connection.DisposeAsync();
        base.Dispose();
    }

    /// <summary>Connects behind the app's start: it does not wait for Redis.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Server is not { } server)
            return;
        while (_connection is null && !stoppingToken.IsCancellationRequested)
        {
            try
            {
                // Returns also when the server does not answer yet, and then goes on trying by itself.
                var connection = await ConnectionMultiplexer.ConnectAsync(server);
                connection.ConnectionFailed += (_, failure) => Log.Lost(logger, failure.FailureType);
                connection.ConnectionRestored += (_, _) => Log.Restored(logger);
                if (!connection.IsConnected)
                    Log.NotThere(logger);
                _connection = connection;
            }
            catch (Exception exception) when (exception is RedisException or ArgumentException or InvalidOperationException or System.Net.Sockets.SocketException)
            {
                Log.Failed(logger, exception.GetType().Name);
                await Task.Delay(Rest, clock, stoppingToken);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Redis does not answer; the studio does without it until it does")]
        public static partial void NotThere(ILogger logger);

        [LoggerMessage(2, LogLevel.Warning, "A command of Redis failed ({Exception}); the studio does without it for a while")]
        public static partial void Failed(ILogger logger, string exception);

        [LoggerMessage(3, LogLevel.Warning, "A connection to Redis was lost ({Failure})")]
        public static partial void Lost(ILogger logger, ConnectionFailureType failure);

        [LoggerMessage(4, LogLevel.Information, "A connection to Redis is there again")]
        public static partial void Restored(ILogger logger);
    }
}
