using System.Net;
using Microsoft.EntityFrameworkCore;
using PromptStudio.Core.Executions;
using PromptStudio.Prompts;
using PromptStudio.Tests.Guardrails;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Executions;

[Trait(Tier.Name, Tier.Api)]
public sealed class FallbackApiTests(StudioApp app) : IClassFixture<StudioApp>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [Fact]
    public async Task Executions_SentTwice_AreStoredOnceAndMarked()
    {
        var template = await app.PromptAsync("fallback_once", "{{ text }}");
        var id = ExecutionId.New(Now.AddHours(-1));
        object[] sent = [new { id, template_id = template, variables = new { text = "hello" }, rendered_prompt = "hello", user_id = "u-1", model_name = "m", render_time_us = 12 }];

        var first = await SendAsync(sent);
        var second = await SendAsync(sent);

        Assert.Equal(("stored", "known"), (State(first), State(second)));
        var shown = await app.Client.CallAsync(HttpMethod.Get, $"/api/admin/executions/{id}");
        Assert.Equal(("True", "full", "hello", "u-1", "success"), (shown.Value("is_fallback"), shown.Value("stored_as"), shown.Value("rendered_prompt"), shown.Value("user_id"), shown.Value("status")));
        // The outcome finds it like any other.
        Assert.Equal(HttpStatusCode.OK, (await app.Client.CallAsync(HttpMethod.Post, $"/api/executions/{id}/outcome", new { success = true })).Status);
    }

    [Fact]
    public async Task Executions_SentAtOnceByTwoCalls_AreStoredOnce()
    {
        var template = await app.PromptAsync("fallback_race", "x");
        object[] sent = [new { id = ExecutionId.New(Now), template_id = template, rendered_prompt = "x" }];

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => SendAsync(sent)));

        Assert.Single(answers, answer => State(answer) == "stored");
        Assert.Equal(5, answers.Count(answer => State(answer) == "known"));
    }

    [Fact]
    public async Task Executions_ThatCannotBe_AreRefusedOneByOne()
    {
        var template = await app.PromptAsync("fallback_refused", "x");
        await using (var context = await app.OpenAsync())
            await context.AddVersionAsync(new PromptTemplate { Id = Guid.CreateVersion7(Now), Name = "fallback_draft", TemplateText = "x" });
        var rendered = (await app.RenderAsync("fallback_refused", "{}")).Json.GetProperty("execution_id").GetGuid();
        object?[] sent =
        [
            new { id = new Guid("919108f7-52d1-4320-9bac-f847db4148a8"), template_id = template, rendered_prompt = "x" },
            new { id = ExecutionId.New(Now.AddDays(-8)), template_id = template, rendered_prompt = "x" },
            new { id = ExecutionId.New(Now.AddHours(1)), template_id = template, rendered_prompt = "x" },
            new { id = ExecutionId.New(Now), template_id = Guid.Empty, rendered_prompt = "x" },
            new { id = ExecutionId.New(Now), template_id = template, rendered_prompt = "" },
            new { id = ExecutionId.New(Now), template_id = template, rendered_prompt = "x", variables = 7 },
            new { id = rendered, template_id = template, rendered_prompt = "x" },
            new { id = ExecutionId.New(Now), template_id = template, rendered_prompt = "x" },
        ];

        var answer = await SendAsync(sent);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(
            ["invalid_execution", "invalid_execution", "invalid_execution", "version_not_found", "invalid_execution", "invalid_execution", "execution_exists", null],
            answer.Json.GetProperty("executions").EnumerateArray().Select(item => item.GetProperty("code").GetString()));
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"executions": []}""")]
    [InlineData("""{"executions": [null]}""")]
    [InlineData("""{"executions": null}""")]
    public async Task Executions_ThatAreNone_AreABadRequest(string body)
    {
        var answer = await app.Client.CallAsync(HttpMethod.Post, "/api/executions", body);

        Assert.Equal((400, "invalid_request"), ((int)answer.Status, answer.Code));
    }

    [Fact]
    public async Task Executions_OfAnotherKeysPrompts_AreRefused()
    {
        var template = await app.PromptAsync("fallback_foreign", "x");
        var key = await TestKeys.AddAsync(app, ["render"], boundNames: ["another"]);

        var answer = await app.Client.CallAsync(
            HttpMethod.Post, "/api/executions", new { executions = new[] { new { id = ExecutionId.New(Now), template_id = template, rendered_prompt = "x" } } }, key);

        Assert.Equal("prompt_not_allowed", answer.Json.GetProperty("executions")[0].GetProperty("code").GetString());
    }

    [Fact]
    public async Task Executions_WithWhatAGuardrailBlacksOut_AreStoredWithoutIt()
    {
        var template = await app.PromptAsync("fallback_redacted", "{{ text }}");
        await app.GuardAsync("fallback_redacted", "regex", Guarded.Ssn, """{"enforcement_level": "blocking", "redact": true}""");
        var id = ExecutionId.New(Now);

        Assert.Equal("stored", State(await SendAsync([new { id, template_id = template, variables = new { text = "123-45-6789" }, rendered_prompt = "123-45-6789" }])));

        await using var context = await app.OpenAsync();
        var stored = await context.PromptExecutions.SingleAsync(execution => execution.Id == id, Cancellation);
        Assert.True(stored.IsRedacted);
        Assert.DoesNotContain("123-45-6789", stored.RenderedPrompt + stored.Variables, StringComparison.Ordinal);
        Assert.Contains("would_block", stored.GuardrailViolations, StringComparison.Ordinal);
        Assert.True(await context.GuardrailViolations.AnyAsync(violation => violation.ExecutionId == id, Cancellation));
    }

    private Task<ApiAnswer> SendAsync(object?[] executions) => app.Client.CallAsync(HttpMethod.Post, "/api/executions", new { executions });

    private static string? State(ApiAnswer answer) => answer.Json.GetProperty("executions")[0].GetProperty("state").GetString();
}
