using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using PromptStudio.Access;
using PromptStudio.Core.Access;
using PromptStudio.Shell;

namespace PromptStudio.Web;

/// <summary>How often somebody may ask: 429 <c>rate_limited</c> with Retry-After beyond that. Each node counts for itself, and with the others where there is a Redis.</summary>
public static class RateLimitRoom
{
    public static void AddRateLimits(this IServiceCollection services)
    {
        services.AddValidatedOptions<RateLimitOptions>("RateLimits");
        services.AddSingleton<WrongKeys>();
        services.AddSingleton<CallerLimits>();
        services.AddSingleton<SharedLimits>();
        services.AddHostedService(provider => provider.GetRequiredService<SharedLimits>());
        services.AddRateLimiter(limiter =>
        {
            // The node's own first: what it refuses, nobody else is asked about.
            limiter.GlobalLimiter = PartitionedRateLimiter.CreateChained(
                PartitionedRateLimiter.Create<HttpContext, (string Kind, string Who)>(context => Partition(context, shared: null)),
                PartitionedRateLimiter.Create<HttpContext, (string Kind, string Who)>(context => Partition(context, context.RequestServices.GetRequiredService<SharedLimits>())));
            limiter.OnRejected = (rejected, _) =>
            {
                var context = rejected.HttpContext;
                var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(1);
                var problem = TooMany(wait);
                context.Response.StatusCode = problem.Status;
                context.Response.Headers.RetryAfter = problem.RetryAfter!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture);
                // A person gets the page for it.
                return ProblemRoom.IsApi(context.Request) ? new ValueTask(problem.ExecuteAsync(context)) : ValueTask.CompletedTask;
            };
        });
    }

    /// <summary>429 <c>rate_limited</c>.</summary>
    public static Problem TooMany(TimeSpan wait) => new(429, "rate_limited", "That was too often in too short a time. Wait as long as Retry-After says, and try again.")
    {
        RetryAfter = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)),
    };

    /// <summary>Before the authentication: wrong keys are counted by address.</summary>
    public static void UseWrongKeyLimit(this IApplicationBuilder api) =>
        api.Use((context, next) => context.RequestServices.GetRequiredService<WrongKeys>().WatchAsync(context, next));

    /// <summary>Where a request comes from. In IPv6 that is the network of 64 bits: everybody has one, and as many addresses in it as they like.</summary>
    internal static string Address(HttpContext context) => context.Connection.RemoteIpAddress switch
    {
        null => "",
        { IsIPv4MappedToIPv6: true } mapped => mapped.MapToIPv4().ToString(),
        { AddressFamily: AddressFamily.InterNetworkV6 } address => new IPAddress([.. address.GetAddressBytes().AsSpan(0, 8), 0, 0, 0, 0, 0, 0, 0, 0]).ToString(),
        var address => address.ToString(),
    };

    /// <param name="context">The request.</param>
    /// <param name="shared">The limits of all nodes together; null: this node's own.</param>
    private static RateLimitPartition<(string, string)> Partition(HttpContext context, SharedLimits? shared)
    {
        if (shared is { IsConfigured: false })
            return RateLimitPartition.GetNoLimiter(("", ""));
        var options = context.RequestServices.GetRequiredService<IOptions<RateLimitOptions>>().Value;
        var path = context.Request.Path;
        if (path.StartsWithSegments("/api/admin", StringComparison.OrdinalIgnoreCase))
            return PerSecond("admin", Caller(context), options.AdminPerSecond, shared);
        if (ProblemRoom.IsApi(context.Request))
            return shared is null ? Renders(context) : RateLimitPartition.GetNoLimiter(("render", ""));
        if (HttpMethods.IsPost(context.Request.Method) && IsAccount(path) && options.AccountPerMinute > 0)
        {
            return shared is null
                ? RateLimitPartition.GetSlidingWindowLimiter(("account", Address(context)), _ => Windows(options.AccountPerMinute))
                : Shared(shared, ("account", Address(context)), options.AccountPerMinute, TimeSpan.FromMinutes(1));
        }
        return RateLimitPartition.GetNoLimiter(("", ""));
    }

    /// <summary>Those of the node and of all nodes are one limiter here, as not all renders come this way.</summary>
    private static RateLimitPartition<(string, string)> Renders(HttpContext context)
    {
        var limits = context.RequestServices.GetRequiredService<CallerLimits>();
        return limits.AreOn && context.Features.Get<CountedRequest>() is null
            ? RateLimitPartition.Get(("render", Caller(context)), caller => (RateLimiter)limits.For(caller.Item2))
            : RateLimitPartition.GetNoLimiter(("render", ""));
    }

    private static bool IsAccount(PathString path) =>
        path.StartsWithSegments(Links.AccountRoot, StringComparison.OrdinalIgnoreCase) || path.StartsWithSegments(Links.SetupRoute, StringComparison.OrdinalIgnoreCase);

    internal static SlidingWindowRateLimiterOptions Windows(int perMinute) => new() { PermitLimit = perMinute, Window = TimeSpan.FromMinutes(1), SegmentsPerWindow = 6 };

    private static RateLimitPartition<(string, string)> Shared(SharedLimits shared, (string Kind, string Who) key, int permits, TimeSpan window) =>
        RateLimitPartition.Get(key, _ => shared.Create($"{key.Kind}:{key.Who}", permits, window));

    private static RateLimitPartition<(string, string)> PerSecond(string kind, string who, int limit, SharedLimits? shared) => limit == 0
        ? RateLimitPartition.GetNoLimiter((kind, ""))
        : shared is not null ? Shared(shared, (kind, who), limit, TimeSpan.FromSeconds(1))
        : RateLimitPartition.GetTokenBucketLimiter((kind, who), _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = limit,
            // In tenths of a second where that leaves whole tokens.
            TokensPerPeriod = limit >= 10 ? limit / 10 : limit,
            ReplenishmentPeriod = limit >= 10 ? TimeSpan.FromMilliseconds(100) : TimeSpan.FromSeconds(1),
        });

    private static string Caller(HttpContext context) => context.User.ToActor() is { Kind: not ActorKind.Anonymous, Id: { } id } ? id : Address(context);
}
