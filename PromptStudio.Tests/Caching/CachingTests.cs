using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using PromptStudio.Caching;
using PromptStudio.Database;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Caching;

/// <summary>The cache in memory, and Redis below it: two nodes share it, and nothing breaks without it.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed class CachingTests(PostgresServer postgres)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WithoutRedis_EachNodeHasItsOwn()
    {
        await using var node = await StartAsync(null);

        Assert.Equal(("first", "first"), (await node.CachedAsync("a", "first"), await node.CachedAsync("a", "second")));
        Assert.False(node.Services.GetRequiredService<Redis>().IsConfigured);
        Assert.Equal("Healthy", await node.ReadyAsync());
    }

    [Fact]
    public async Task Nodes_ShareThroughRedis()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var one = await StartAsync(redis);
        await using var other = await StartAsync(redis);
        await one.HealthAsync("Healthy");
        await other.HealthAsync("Healthy");

        Assert.Equal("made by one", await one.CachedAsync("shared", "made by one"));
        // Written behind the answer.
        await Eventually.TrueAsync(async () => (await redis.KeysAsync()).Any(key => key.EndsWith("shared", StringComparison.Ordinal)), "the key in Redis");

        Assert.Equal("made by one", await other.CachedAsync("shared", "made by the other"));
    }

    [Fact]
    public async Task RedisThatIsDownAtTheStart_BreaksNothing_AndIsUsedOnceItIsThere()
    {
        await using var running = await RedisServer.StartAsync();
        await running.StopAsync();
        await using var node = await StartAsync(running);

        await node.HealthAsync("Degraded");
        Assert.Equal("made", await node.CachedAsync("down", "made"));
        Assert.Null(node.Services.GetRequiredService<Redis>().Connection);

        await running.StartAgainAsync();
        await node.HealthAsync("Healthy");
    }

    [Fact]
    public async Task RedisThatGoesAway_BreaksNothing()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await StartAsync(redis);
        await node.HealthAsync("Healthy");

        await redis.StopAsync();

        Assert.Equal("made", await node.CachedAsync("gone", "made"));
        await node.HealthAsync("Degraded");
        Assert.Empty(node.Errors);
    }

    [Fact]
    public async Task RedisThatHangs_IsWaitedForOnce_ThenLeftAlone()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var node = await StartAsync(redis, "--Cache:RedisTimeout=00:00:00.050");
        await node.HealthAsync("Healthy");
        await redis.FreezeAsync();

        Assert.Equal("made", await node.CachedAsync("frozen", "made"));

        Assert.Null(node.Services.GetRequiredService<Redis>().Connection);
        await node.HealthAsync("Degraded");
        await redis.ThawAsync();
        await node.HealthAsync("Healthy");
    }

    [Theory]
    [InlineData("redis://:hunter2@localhost:6379")]
    [InlineData("localhost:6379,password=hunter2,abortconnekt=1")]
    [InlineData("password=hunter2")]
    public void ConnectionStringThatIsNone_EndsTheStart_WithoutQuotingIt(string connectionString)
    {
        var thrown = Assert.Throws<StartupException>(() => RedisServerOptions.Read(connectionString));

        Assert.StartsWith("ConnectionStrings:Redis ", thrown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", thrown.ToString(), StringComparison.Ordinal);
    }

    private async Task<CachingNode> StartAsync(RedisServer? redis, params string[] settings)
    {
        var node = new CachingNode(postgres, redis?.ConnectionString, settings);
        await node.InitializeAsync();
        return node;
    }

    private sealed class CachingNode(PostgresServer postgres, string? redis, string[] settings) : StudioApp(postgres)
    {
        protected override IEnumerable<string> Settings => [.. base.Settings, "--Cache:RedisTimeout=00:00:30", $"--ConnectionStrings:Redis={redis}", .. settings];

        public ValueTask<string> CachedAsync(string key, string otherwise) =>
            Services.GetRequiredService<HybridCache>().GetOrCreateAsync(key, otherwise, static (value, _) => ValueTask.FromResult(value), cancellationToken: Cancellation);

        public Task<string> ReadyAsync() => Anonymous.GetStringAsync("/health/ready", Cancellation);

        public Task HealthAsync(string expected) => Eventually.TrueAsync(async () => await ReadyAsync() == expected, $"the health {expected}");
    }
}
