using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;

namespace PromptStudio.Web;

/// <summary>
/// Counts refused API keys by network address. Beyond the limit, keys from there are not even looked up; keys that were good
/// lately pass, so that one caller's outdated key does not stop the others behind the same address.
/// </summary>
public sealed class WrongKeys(IOptions<RateLimitOptions> options, TimeProvider clock) : IDisposable
{
    private const int MostRemembered = 10_000;

    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);

    private readonly PartitionedRateLimiter<string> _failures =
        PartitionedRateLimiter.Create<string, string>(address => RateLimitPartition.GetSlidingWindowLimiter(address, _ => RateLimitRoom.Windows(options.Value.WrongKeysPerMinute)));

    /// <summary>Since when keys are known to be good, by their hash.</summary>
    private readonly ConcurrentDictionary<string, DateTimeOffset> _good = new(StringComparer.Ordinal);

    /// <summary>Lets a request pass and looks at its answer, or answers 429.</summary>
    public async Task WatchAsync(HttpContext context, RequestDelegate next)
    {
        var limit = options.Value.WrongKeysPerMinute;
        if (limit == 0 || context.Request.Headers.Authorization.Count == 0)
        {
            await next(context);
            return;
        }
        var address = RateLimitRoom.Address(context);
        var failures = limit - (_failures.GetStatistics(address)?.CurrentAvailablePermits ?? limit);
        if (failures >= limit && !IsGood(context))
        {
            await RateLimitRoom.TooMany(TimeSpan.FromSeconds(10)).ExecuteAsync(context);
            return;
        }
        await next(context);
        if (context.Response.StatusCode == StatusCodes.Status401Unauthorized)
            _failures.AttemptAcquire(address).Dispose();
        else if (failures > 0)
            Remember(context);
    }

    public void Dispose() => _failures.Dispose();

    private bool IsGood(HttpContext context) => _good.TryGetValue(Hash(context), out var since) && clock.GetUtcNow() - since < Remembered;

    private void Remember(HttpContext context)
    {
        if (_good.Count >= MostRemembered)
            _good.Clear();
        _good[Hash(context)] = clock.GetUtcNow();
    }

    private static string Hash(HttpContext context) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString())));
}
