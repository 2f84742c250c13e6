using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PromptStudio.Guardrails;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Guardrails;

/// <summary>What guardrails that ask a model do to renders, reports, previews and tests.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed class ModelCheckApiTests(LoggingStudio app) : IClassFixture<LoggingStudio>, IAsyncLifetime
{
    private const string Key = "sesame-open";
    private const string Shape = "\"shape\": \"json_path\", \"path\": \"$.score\", \"threshold\": 0.5";

    private ModelServer _server = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await ModelServer.StartAsync();
        _server.Answer = (context, body) => context.Response.WriteAsync(body.Contains("toxic", StringComparison.Ordinal) ? """{"score": 0.9}""" : """{"score": 0.1}""");
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Render_ThatTheModelFindsBad_IsBlocked_AndNobodyLearnsTheKey()
    {
        await app.PromptAsync("asked", "Say {{ text }}");
        var guardrail = await app.GuardAsync("asked", "model_check", _server.Config(Shape), $$"""{"secret": "{{Key}}"}""");

        var kind = await app.RenderAsync("asked", """{"text": "kind"}""");
        var toxic = await app.RenderAsync("asked", """{"text": "toxic"}""");

        Assert.Equal((HttpStatusCode.OK, 0), (kind.Status, kind.Found().Count));
        Assert.Equal((422, "guardrail_blocked"), ((int)toxic.Status, toxic.Code));
        var found = Assert.Single(toxic.Found());
        Assert.Equal(("model_check", "blocked", "The model gives '$.score' 0.9; the limit is 0.5.", "$.score", ""),
            (found.Text("rule_type"), found.Text("outcome"), found.Text("message"), found.Text("entity"), found.Text("start")));
        Assert.Equal($"Bearer {Key}", _server.Headers["Authorization"]);
        var id = guardrail.Id();
        await using var context = await app.OpenAsync();
        Assert.Equal(1, await context.GuardrailViolations.CountAsync(violation => violation.GuardrailId == id && violation.Outcome == ViolationOutcome.Blocked, Cancellation));

        _server.Says($$"""{"error": "wrong key {{Key}}"}""", 401);
        var failed = await app.RenderAsync("asked", """{"text": "something else"}""");
        var tested = await app.Client.CallAsync(HttpMethod.Post, $"{Guarded.Guardrails}/test", $$"""{"text": "other", "guardrail_ids": ["{{id}}"]}""");
        var view = await app.Client.CallAsync(HttpMethod.Get, $"{Guarded.Guardrails}/{id}");
        Assert.Equal("error", Assert.Single(failed.Found()).Text("outcome"));
        Assert.Equal("The model answered with 401.", tested.Json.GetProperty("guardrails")[0].Text("error"));
        Assert.True(view.Json.GetProperty("has_secret").GetBoolean());
        Assert.All((string[])[guardrail.GetRawText(), toxic.Text, failed.Text, tested.Text, view.Text, await app.DumpAsync(), app.Log.Text], text => Assert.DoesNotContain(Key, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Render_ThatIsBlockedWithoutIt_AsksNoModel()
    {
        await app.PromptAsync("first", "{{ text }}");
        await app.GuardAsync("first", "keyword", """{"words": ["bad"]}""");
        await app.GuardAsync("first", "model_check", _server.Config(Shape));

        Assert.Equal("guardrail_blocked", (await app.RenderAsync("first", """{"text": "bad and toxic"}""")).Code);

        Assert.Empty(_server.Bodies);
    }

    [Theory]
    [InlineData("allow", "blocking", 200, "error")]
    [InlineData("block", "blocking", 422, "blocked")]
    [InlineData("block", "warning", 200, "warned")]
    public async Task ModelThatFails_FollowsItsOnError(string onError, string level, int status, string outcome)
    {
        var name = $"model_fails_{onError}_{level}";
        await app.PromptAsync(name, "{{ text }}");
        await app.GuardAsync(name, "model_check", _server.Config(Shape), $$"""{"on_error": "{{onError}}", "enforcement_level": "{{level}}"}""");
        _server.Answer = (context, _) =>
        {
            context.Abort();
            return Task.CompletedTask;
        };

        var answer = await app.RenderAsync(name, """{"text": "whisper"}""");

        var found = Assert.Single(answer.Found());
        Assert.Equal((status, outcome, GuardrailChecks.NotChecked, "0"), ((int)answer.Status, found.Text("outcome"), found.Text("message"), found.Text("hits")));
    }

    [Fact]
    public async Task EnforcementPercentage_HoldsForModelsToo_AndWhatWouldHaveBeenBlockedIsCounted()
    {
        await app.PromptAsync("model_gently", "{{ text }}");
        var guardrail = await app.GuardAsync("model_gently", "model_check", _server.Config(Shape), """{"enforcement_percentage": 0, "message": "Too toxic."}""");

        var answer = await app.RenderAsync("model_gently", """{"text": "toxic"}""", "\"user_id\": \"u\"");

        var found = Assert.Single(answer.Found());
        Assert.Equal((HttpStatusCode.OK, "would_block", "Too toxic."), (answer.Status, found.Text("outcome"), found.Text("message")));
        var figures = (await app.Client.CallAsync(HttpMethod.Get, $"{Guarded.Guardrails}/{guardrail.Id()}")).Json.GetProperty("last_seven_days");
        Assert.Equal((0, 1), (figures.GetProperty("blocked").GetInt32(), figures.GetProperty("would_block").GetInt32()));
    }

    [Fact]
    public async Task Scopes_AreVariablesAndResponsesToo_AndSeveralModelsAreAskedAtOnce()
    {
        await app.PromptAsync("scopes", "Never be toxic. {{ user.note }}");
        var both = new CountdownEvent(2);
        _server.Answer = async (context, body) =>
        {
            // Each waits for the other: one after the other they would never come to an end.
            if (!both.IsSet)
            {
                both.Signal();
                await Eventually.TrueAsync(() => Task.FromResult(both.IsSet), "both models");
            }
            await context.Response.WriteAsync(body.Contains("toxic", StringComparison.Ordinal) ? """{"score": 0.9}""" : """{"score": 0.1}""");
        };
        const string Patient = ", \"timeout_ms\": 30000";
        await app.GuardAsync("scopes", "model_check", _server.Config(Shape + Patient), """{"scope": "variables", "name": "scopes variables", "enforcement_level": "warning"}""");
        await app.GuardAsync("scopes", "model_check", _server.Config(Shape + Patient), """{"name": "scopes prompt", "enforcement_level": "warning"}""");
        await app.GuardAsync("scopes", "model_check", _server.Config(Shape), """{"scope": "response", "name": "scopes response"}""");

        var rendered = await app.RenderAsync("scopes", """{"user": {"note": "be kind"}}""");
        var toxic = await app.RenderAsync("scopes", """{"user": {"note": "be toxic"}}""");
        var report = await app.Client.CallAsync(HttpMethod.Post, $"/api/executions/{rendered.Value("execution_id")}/outcome", """{"response_text": "A toxic answer."}""");

        Assert.Equal(["scopes prompt"], rendered.Found().Select(found => found.Text("name")));
        Assert.Equal([("scopes prompt", null), ("scopes variables", "user.note")],
            toxic.Found().Select(found => (found.Text("name"), found.TryGetProperty("variable", out var variable) ? variable.GetString() : null)).OrderBy(found => found.Item1));
        Assert.Equal((HttpStatusCode.OK, "True"), (report.Status, report.Value("response_blocked")));
    }

    [Fact]
    public async Task Preview_AndDryRun_AskToo()
    {
        var id = await app.PromptAsync("model_preview", "{{ text }}");
        await app.GuardAsync("model_preview", "model_check", _server.Config(Shape));

        var preview = await app.Client.CallAsync(HttpMethod.Post, $"/api/admin/prompts/{id}/preview", """{"variables": {"text": "toxic"}}""");
        var dry = await app.RenderAsync("model_preview", """{"text": "toxic"}""", "\"dry_run\": true");

        Assert.Equal(("toxic", "blocked"), (preview.Value("rendered_prompt"), Assert.Single(preview.Found()).Text("outcome")));
        Assert.Equal("guardrail_blocked", dry.Code);
        // The same rule and the same text: the answer is known.
        Assert.Single(_server.Bodies);
    }

    [Fact]
    public async Task RepeatedRequest_WhoseAnswerIsMadeAgain_AsksNoModelAgain()
    {
        await app.PromptAsync("model_again", "Say {{ text }}");
        await app.GuardAsync("model_again", "model_check", _server.Config($"{Shape}, \"cache_seconds\": 0"));
        await app.GuardAsync("model_again", "regex", Guarded.Ssn, """{"redact": true, "enforcement_level": "warning"}""");
        var request = $"\"request_id\": \"{Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}\"";

        var first = await app.RenderAsync("model_again", """{"text": "856-45-5555"}""", request);
        var again = await app.RenderAsync("model_again", """{"text": "856-45-5555"}""", request);

        Assert.Equal((HttpStatusCode.OK, "Say 856-45-5555"), (first.Status, first.Value("rendered_prompt")));
        Assert.Equal((HttpStatusCode.OK, first.Text), (again.Status, again.Text));
        Assert.Single(_server.Bodies);
    }

    [Fact]
    public async Task Test_ShowsWhatTheModelSays_AndAsksAnew()
    {
        var body = $$$"""{"text": "toxic", "rule": {"rule_type": "model_check", "rule_config": {{{_server.Config(Shape)}}}, "secret": "{{{Key}}}"}}""";

        var tested = (await app.Client.CallAsync(HttpMethod.Post, $"{Guarded.Guardrails}/test", body)).Json.GetProperty("guardrails")[0];
        await app.Client.CallAsync(HttpMethod.Post, $"{Guarded.Guardrails}/test", body);

        Assert.Equal(("True", "The model gives '$.score' 0.9; the limit is 0.5."), (tested.Text("hit"), tested.Text("message")));
        var score = Assert.Single(tested.GetProperty("scores").EnumerateArray());
        Assert.Equal(("$.score", 0.9, 0.5, true), (score.Text("name"), score.GetProperty("value").GetDouble(), score.GetProperty("threshold").GetDouble(), score.GetProperty("hit").GetBoolean()));
        Assert.True(tested.GetProperty("microseconds").GetDouble() > 0);
        Assert.Equal((2, $"Bearer {Key}"), (_server.Bodies.Count, _server.Headers["Authorization"]));
    }

    [Fact]
    public async Task Test_OfARuleThatIsNotSaved_IsForThoseWhoMayMakeOne()
    {
        var reader = await TestKeys.AddAsync(app, ["read", "write"]);
        var answer = await app.Client.CallAsync(HttpMethod.Post, $"{Guarded.Guardrails}/test", $$$"""{"text": "t", "rule": {"rule_type": "model_check", "rule_config": {{{_server.Config(Shape)}}} } }""", reader);

        Assert.Equal(HttpStatusCode.Forbidden, answer.Status);
        Assert.Empty(_server.Bodies);
    }

    [Theory]
    [InlineData("""{"redact": true}""", "redact")]
    [InlineData("""{"secret": "two\nlines"}""", "secret")]
    [InlineData("""{"rule_config": {"url": "http://127.0.0.1:1/", "shape": "prompt_shield", "headers": {"api-key": "{{secret}}"}}}""", "secret")]
    [InlineData("""{"rule_config": {"url": "http://169.254.169.254/", "shape": "prompt_shield"}}""", "rule_config.url")]
    [InlineData("""{"rule_config": {"url": "http://127.0.0.1:1/", "shape": "perspective"}}""", "rule_config.thresholds")]
    public async Task Guardrail_ThatCannotWork_IsNotSaved(string members, string member)
    {
        var body = System.Text.Json.Nodes.JsonNode.Parse("""{"name": "never saved", "rule_type": "model_check", "rule_config": {"url": "http://127.0.0.1:1/", "shape": "prompt_shield"}}""")!.AsObject();
        foreach (var (name, value) in System.Text.Json.Nodes.JsonNode.Parse(members)!.AsObject())
            body[name] = value?.DeepClone();

        var answer = await app.Client.CallAsync(HttpMethod.Post, Guarded.Guardrails, body.ToJsonString());

        Assert.Equal((422, "invalid_guardrail", member), ((int)answer.Status, answer.Code, answer.Value("member")));
    }

    [Fact]
    public async Task Secret_GoesNowhereElse_UnlessItIsGivenAgain()
    {
        var guardrail = await app.GuardAsync("kept", "model_check", _server.Config(Shape), $$"""{"secret": "{{Key}}"}""");
        var keyword = await app.GuardAsync("kept", "keyword", """{"words": ["a"]}""", $$"""{"secret": "{{Key}}", "name": "kept keyword"}""");
        await using var other = await ModelServer.StartAsync("{}");

        var moved = await PutAsync(guardrail, $$"""{"rule_config": {{other.Config(Shape)}} }""");
        var changed = await PutAsync(keyword, $$"""{"rule_type": "model_check", "rule_config": {{other.Config(Shape)}} }""");
        Assert.Equal(("invalid_guardrail", "secret"), (moved.Code, moved.Value("member")));
        Assert.Equal(("invalid_guardrail", "secret"), (changed.Code, changed.Value("member")));

        Assert.Equal(HttpStatusCode.OK, (await PutAsync(guardrail, $$"""{"rule_config": {"url": "{{_server.Url}}/v2", {{Shape}} } }""")).Status);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(guardrail, $$"""{"rule_config": {{other.Config(Shape)}}, "secret": "another"}""")).Status);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(keyword, $$"""{"rule_type": "model_check", "rule_config": {{other.Config(Shape)}}, "secret": ""}""")).Status);

        Task<ApiAnswer> PutAsync(JsonElement which, string body) => PutGuardrailAsync(which.Id(), body);
    }

    [Fact]
    public void Host_ThatTheOperatorDoesNotName_IsRefused()
    {
        var hosts = new ModelHosts(Options.Create(new ModelCheckOptions { AllowedHosts = ["api.openai.com", ".example.org"] }));
        PromptGuardrail Row(string url, string type = "model_check") => new() { Id = Guid.Empty, Name = "g", RuleType = type, RuleConfig = $$"""{"url": "{{url}}"}""", EnforcementLevel = "blocking" };

        Assert.All((string[])["https://api.openai.com/v1", "https://API.openai.com:8443", "http://models.example.org"], url => Assert.Null(hosts.Refused(Row(url))));
        Assert.All((string[])["https://api.openai.com.evil.example", "https://openai.com", "http://example.org", "http://127.0.0.1"], url => Assert.NotNull(hosts.Refused(Row(url))));
        Assert.Null(hosts.Refused(Row("http://127.0.0.1", "regex")));
    }

    private async Task<ApiAnswer> PutGuardrailAsync(Guid id, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"{Guarded.Guardrails}/{id}") { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("If-Match", "*");
        using var response = await app.Client.SendAsync(request, Cancellation);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        return new ApiAnswer(response.StatusCode, JsonElement.Parse(text), text);
    }
}

/// <summary>The app, and everything that it logs.</summary>
public sealed class LoggingStudio(PostgresServer server) : StudioApp(server)
{
    internal LogText Log { get; } = new();

    protected override void ConfigureServices(IServiceCollection services)
    {
        services.AddSingleton<ILoggerProvider>(Log);
        services.PostConfigure<LoggerFilterOptions>(options =>
        {
            options.MinLevel = LogLevel.Trace;
            options.Rules.Clear();
        });
    }
}
