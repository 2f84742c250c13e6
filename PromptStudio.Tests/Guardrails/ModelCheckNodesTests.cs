using System.Net;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Guardrails;

/// <summary>Nodes over one database and one Redis know each other's verdicts.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed class ModelCheckNodesTests(PostgresServer postgres)
{
    [Fact]
    public async Task Verdict_OfOneNode_HoldsOnAnother_AndRedisHasNothingOfTheText()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var model = await ModelServer.StartAsync("""{"score": 0.9}""");
        await using var one = new Node(postgres, redis, null);
        await one.InitializeAsync();
        await one.PromptAsync("shared", "{{ text }}");
        await one.GuardAsync("shared", "model_check", model.Config("\"shape\": \"json_path\", \"path\": \"$.score\", \"threshold\": 0.5, \"timeout_ms\": 30000"), """{"secret": "sesame-open"}""");
        await using var other = new Node(postgres, redis, one.ConnectionString);
        await other.InitializeAsync();
        await one.WaitForRedisAsync();
        await other.WaitForRedisAsync();

        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await one.RenderAsync("shared", """{"text": "whisper"}""")).Status);
        // Written behind the answer.
        await Eventually.TrueAsync(async () => (await redis.KeysAsync()).Any(key => key.Contains("model-check:", StringComparison.Ordinal)), "the verdict in Redis");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await other.RenderAsync("shared", """{"text": "whisper"}""")).Status);

        Assert.Single(model.Bodies);
        var dump = await redis.DumpAsync();
        Assert.Contains("$.score", dump, StringComparison.Ordinal);
        Assert.DoesNotContain("whisper", dump, StringComparison.Ordinal);
        Assert.DoesNotContain("sesame", dump, StringComparison.Ordinal);

        await redis.StopAsync();
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await other.RenderAsync("shared", """{"text": "something else"}""")).Status);
    }

    private sealed class Node(PostgresServer postgres, RedisServer redis, string? database) : StudioApp(postgres)
    {
        protected override IEnumerable<string> Settings =>
            [.. base.Settings, $"--ConnectionStrings:Redis={redis.ConnectionString}", "--Cache:RedisTimeout=00:00:30", "--ModelChecks:TimeLimit=00:00:50", .. database is null ? (string[])[] : [$"--ConnectionStrings:Studio={database}"]];

        public Task WaitForRedisAsync() =>
            Eventually.TrueAsync(async () => await Anonymous.GetStringAsync("/health/ready", TestContext.Current.CancellationToken) == "Healthy", "Redis");
    }
}
