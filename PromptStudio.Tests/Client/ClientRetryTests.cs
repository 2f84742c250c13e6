using System.Text.Json;
using PromptStudio.Client;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Client;

[Trait(Tier.Name, Tier.Unit)]
public sealed class ClientRetryTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Render_AfterOutages_IsTheSameRequestAgain()
    {
        await using var studio = await ScriptedStudio.StartAsync(
            ScriptedStudio.HangUp, ScriptedStudio.Problem(503, "database_unavailable", "0"), ScriptedStudio.Page(502), ScriptedStudio.Prompt("at last"));
        using var client = Client(studio);

        var prompt = await client.RenderAsync("p", new() { ["query"] = "q" }, cancellationToken: Cancellation);

        Assert.Equal(("at last", false), (prompt.Text, prompt.IsFallback));
        Assert.Equal(4, studio.Bodies.Count);
        // With one request id: whatever became of the first ones, nothing is logged twice.
        Assert.NotEqual(Guid.Empty, JsonElement.Parse(Assert.Single(studio.Bodies.Distinct())).GetProperty("request_id").GetGuid());
    }

    [Theory]
    [InlineData(400, "invalid_request")]
    [InlineData(409, "request_id_reused")]
    [InlineData(422, "guardrail_blocked")]
    [InlineData(500, "internal_error")]
    [InlineData(418, "of_a_later_studio")]
    public async Task Render_RefusedForGood_IsAskedOnce(int status, string code)
    {
        await using var studio = await ScriptedStudio.StartAsync(ScriptedStudio.Problem(status, code));
        using var client = Client(studio);

        var result = await client.TryRenderAsync(new RenderRequest("p"), Cancellation);

        Assert.Equal((false, code, status, "abc"), (result.IsRendered, result.Problem!.Code, result.Problem.Status, result.Problem.TraceId));
        Assert.Single(studio.Bodies);
    }

    [Theory]
    [InlineData("guardrail_blocked", 422, typeof(PromptBlockedException))]
    [InlineData("missing_variables", 422, typeof(PromptVariablesException))]
    [InlineData("prompt_not_found", 404, typeof(PromptNotFoundException))]
    [InlineData("template_error", 422, typeof(PromptTemplateException))]
    [InlineData("api_key_invalid", 401, typeof(PromptStudioAccessException))]
    [InlineData("prompt_not_allowed", 403, typeof(PromptStudioAccessException))]
    [InlineData("rate_limited", 429, typeof(PromptStudioUnavailableException))]
    [InlineData("request_id_reused", 409, typeof(PromptStudioException))]
    public void Problem_AsAnException_HasTheTypeOfItsCode(string code, int status, Type type)
    {
        var exception = new PromptStudioProblem { Code = code, Status = status, Detail = "why" }.ToException();

        Assert.IsType(type, exception);
        Assert.Equal((code, $"{code}: why"), (exception.Code, exception.Message));
    }

    [Fact]
    public async Task Render_ToldToWaitLongerThanTheCallMayTake_SaysSoAtOnce()
    {
        await using var studio = await ScriptedStudio.StartAsync(ScriptedStudio.Problem(429, "rate_limited", "3600"));
        using var client = Client(studio);

        var exception = await Assert.ThrowsAsync<PromptStudioUnavailableException>(() => client.RenderAsync("p", cancellationToken: Cancellation));

        Assert.Equal(TimeSpan.FromHours(1), exception.RetryAfter);
        Assert.Single(studio.Bodies);
    }

    [Fact]
    public async Task Render_WithoutAnAnswerInTime_IsUnavailable()
    {
        await using var studio = await ScriptedStudio.StartAsync(ScriptedStudio.Silence);
        using var client = Client(studio, options => (options.AttemptTimeout, options.MaxAttempts) = (TimeSpan.FromMilliseconds(50), 2));

        var result = await client.TryRenderAsync(new RenderRequest("p"), Cancellation);

        Assert.Equal((ProblemCode.StudioUnavailable, 0), (result.Problem!.Code, result.Problem.Status));
    }

    [Fact]
    public async Task Render_GivenUpByTheCaller_IsCancelled()
    {
        await using var studio = await ScriptedStudio.StartAsync(ScriptedStudio.Silence);
        using var client = Client(studio);
        using var patience = new CancellationTokenSource();
        var render = client.TryRenderAsync(new RenderRequest("p"), patience.Token);

        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => render);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(404)]
    public async Task Render_AnsweredBySomethingElse_SaysSo(int status)
    {
        await using var studio = await ScriptedStudio.StartAsync(ScriptedStudio.Page(status));
        using var client = Client(studio);

        var result = await client.TryRenderAsync(new RenderRequest("p"), Cancellation);

        Assert.Equal(ProblemCode.UnexpectedAnswer, result.Problem!.Code);
        Assert.Single(studio.Bodies);
    }

    [Theory]
    [InlineData(null, "ps_key", "Address")]
    [InlineData("ftp://127.0.0.1", "ps_key", "Address")]
    [InlineData("http://127.0.0.1", " ", "ApiKey")]
    [InlineData("http://127.0.0.1", "ps_\nkey", "ApiKey")]
    public void Client_WithAnOptionThatCannotBe_NamesIt(string? address, string key, string named)
    {
        var exception = Assert.Throws<ArgumentException>(() => new PromptStudioClient(new PromptStudioOptions { Address = address is null ? null : new Uri(address), ApiKey = key }));

        Assert.Contains($"PromptStudioOptions.{named}", exception.Message, StringComparison.Ordinal);
    }

    private static PromptStudioClient Client(ScriptedStudio studio, Action<PromptStudioOptions>? configure = null)
    {
        var options = new PromptStudioOptions
        {
            Address = studio.Address,
            ApiKey = StudioApp.Key,
            FirstDelay = TimeSpan.FromMilliseconds(1),
            // As long as a busy machine may need.
            Timeout = TimeSpan.FromMinutes(2),
            AttemptTimeout = TimeSpan.FromMinutes(1),
        };
        configure?.Invoke(options);
        return new PromptStudioClient(options);
    }
}
