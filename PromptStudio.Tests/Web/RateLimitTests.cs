using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using PromptStudio.Shell;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Web;

/// <summary>The app with low limits, behind a proxy that it knows.</summary>
public sealed class LimitedStudio(PostgresServer server) : StudioApp(server)
{
    protected override IEnumerable<string> Settings =>
    [
        $"--Bootstrap:ApiKey={Key}", "--RateLimits:AdminPerSecond=2", "--RateLimits:RenderPerSecond=2", "--RateLimits:AccountPerMinute=4", "--RateLimits:WrongKeysPerMinute=3",
        "--ForwardedHeaders:KnownProxies:0=127.0.0.0/8",
    ];
}

[Trait(Tier.Name, Tier.Api)]
public sealed class RateLimitTests(LimitedStudio app) : IClassFixture<LimitedStudio>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", "/api/admin/executions", "read")]
    [InlineData("POST", "/api/render/nlu_topic_extraction", "render")]
    public async Task Key_ThatAsksTooOften_IsToldWhenToComeBack_AndOthersAreNot(string method, string path, string scope)
    {
        using var busy = await WithKeyAsync(scope);
        using var calm = await WithKeyAsync(scope);

        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => SendAsync(busy, method, path)));

        var refused = answers.Where(answer => answer.StatusCode == HttpStatusCode.TooManyRequests).ToList();
        Assert.NotEmpty(refused);
        Assert.Contains(answers, answer => answer.StatusCode != HttpStatusCode.TooManyRequests);
        Assert.True(refused[0].Headers.RetryAfter!.Delta >= TimeSpan.FromSeconds(1));
        Assert.Equal("rate_limited", (await refused[0].Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("code").GetString());
        Assert.NotEqual(HttpStatusCode.TooManyRequests, (await SendAsync(calm, method, path)).StatusCode);
    }

    [Fact]
    public async Task SignIn_TriedTooOftenFromAnAddress_IsRefusedThereOnly()
    {
        for (var attempt = 0; attempt < 4; attempt++)
            Assert.NotEqual(HttpStatusCode.TooManyRequests, (await SignInFromAsync("192.0.2.1")).StatusCode);

        var refused = await SignInFromAsync("192.0.2.1");

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.NotEqual(HttpStatusCode.TooManyRequests, (await SignInFromAsync("192.0.2.2")).StatusCode);
    }

    [Fact]
    public async Task SignIn_FromManyAddressesOfOneNetwork_IsRefusedAsFromOne()
    {
        for (var attempt = 1; attempt <= 4; attempt++)
            Assert.NotEqual(HttpStatusCode.TooManyRequests, (await SignInFromAsync($"2001:db8:0:7::{attempt}")).StatusCode);

        Assert.Equal(HttpStatusCode.TooManyRequests, (await SignInFromAsync("2001:db8:0:7:ffff::9")).StatusCode);
        Assert.NotEqual(HttpStatusCode.TooManyRequests, (await SignInFromAsync("2001:db8:0:8::1")).StatusCode);
    }

    [Fact]
    public async Task WrongKeys_FromAnAddress_AreRefused_ButKeysThatWereGoodPass()
    {
        using var good = await WithKeyAsync("read", "192.0.2.3");
        using var late = await WithKeyAsync("read", "192.0.2.3");
        using var wrong = await WithKeyAsync("read", "192.0.2.3", expired: true);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(wrong, "GET", "/api/admin/executions")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(good, "GET", "/api/admin/executions")).StatusCode);
        for (var attempt = 0; attempt < 2; attempt++)
            Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(wrong, "GET", "/api/admin/executions")).StatusCode);

        Assert.Equal(HttpStatusCode.TooManyRequests, (await SendAsync(wrong, "GET", "/api/admin/executions")).StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await SendAsync(late, "GET", "/api/admin/executions")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(good, "GET", "/api/admin/executions")).StatusCode);
    }

    [Fact]
    public async Task Scheme_IsTheOneThatTheProxyTells()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Links.SignIn());
        request.Headers.Host = "studio.example.com";
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-For", "192.0.2.9");

        using var response = await app.Anonymous.SendAsync(request, Cancellation);

        Assert.Equal(["max-age=31536000"], response.Headers.GetValues("Strict-Transport-Security"));
    }

    private async Task<HttpClient> WithKeyAsync(string scope, string? address = null, bool expired = false)
    {
        var client = app.NewClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await TestKeys.AddAsync(app, scope, expired));
        if (address is not null)
            client.DefaultRequestHeaders.Add("X-Forwarded-For", address);
        return client;
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, string method, string path)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (method == "POST")
            request.Content = JsonContent.Create(new { dry_run = true });
        return client.SendAsync(request, Cancellation);
    }

    private async Task<HttpResponseMessage> SignInFromAsync(string address)
    {
        using var client = app.NewClient();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", address);
        using var form = new FormUrlEncodedContent([]);
        return await client.PostAsync(Links.SignIn(), form, Cancellation);
    }
}
