using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using PromptStudio.Shell;
using PromptStudio.Tests.Studio;
using PromptStudio.Web;

namespace PromptStudio.Tests.Web;

/// <summary>Two nodes that count together in a real Redis.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed class SharedLimitTests(PostgresServer server)
{
    private const int Limit = 20;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Limit_UsedUpOnOneNode_HoldsOnTheOther_AndEachNodesOwnWithoutRedis()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var a = await Node.StartAsync(server, redis.ConnectionString);
        await using var b = await Node.StartAsync(server, redis.ConnectionString);
        await Eventually.TrueAsync(() => Task.FromResult(a.Limits.IsOn && b.Limits.IsOn), "both nodes to reach Redis");
        for (var n = 0; n < Limit; n++)
            Assert.NotEqual(HttpStatusCode.TooManyRequests, (await a.PostAsync()).StatusCode);
        await a.TalkAsync();
        // The first one that the other node sees: it does not know yet, and waits for nobody.
        Assert.NotEqual(HttpStatusCode.TooManyRequests, (await b.PostAsync()).StatusCode);
        await b.TalkAsync();

        using var refused = await b.PostAsync();

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        // Without Redis the other node's own limit holds, which is not used up.
        await redis.StopAsync();
        await Eventually.TrueAsync(() => Task.FromResult(!b.Limits.IsOn), "the node to notice");
        Assert.NotEqual(HttpStatusCode.TooManyRequests, (await b.PostAsync()).StatusCode);
    }

    [Fact]
    public async Task Limit_WithARedisThatNeverAnswers_IsTheNodesOwn_AndStopsNobody()
    {
        await using var redis = RedisServer.Stopped();
        await using var node = await Node.StartAsync(server, redis.ConnectionString);

        for (var n = 0; n < Limit; n++)
            Assert.NotEqual(HttpStatusCode.TooManyRequests, (await node.PostAsync()).StatusCode);

        Assert.Equal(HttpStatusCode.TooManyRequests, (await node.PostAsync()).StatusCode);
    }

    private sealed class Node(PostgresServer server, string redis) : StudioApp(server)
    {
        public SharedLimits Limits => Services.GetRequiredService<SharedLimits>();

        protected override IEnumerable<string> Settings => [.. base.Settings, $"--ConnectionStrings:Redis={redis}", $"--RateLimits:AccountPerMinute={Limit}"];

        public static async Task<Node> StartAsync(PostgresServer server, string redis)
        {
            var node = new Node(server, redis);
            await node.InitializeAsync();
            return node;
        }

        /// <summary>A form without its token: refused, and counted.</summary>
        public async Task<HttpResponseMessage> PostAsync()
        {
            using var form = new FormUrlEncodedContent([]);
            return await Anonymous.PostAsync(Links.SignInRoute, form, Cancellation);
        }

        /// <summary>Until what was counted before is told and heard.</summary>
        public Task TalkAsync()
        {
            var before = Limits.Rounds;
            // One may have been on its way.
            return Eventually.TrueAsync(() => Task.FromResult(Limits.Rounds >= before + 2), "the node to talk to Redis");
        }

        // All in one window, however long the test takes.
        protected override void ConfigureServices(IServiceCollection services) =>
            services.AddSingleton<TimeProvider>(new FakeTimeProvider(new DateTimeOffset(2026, 11, 22, 12, 0, 15, TimeSpan.Zero)));
    }
}
