using System.Net;
using Microsoft.EntityFrameworkCore;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Guardrails;

/// <summary>What a redacting guardrail finds is nowhere in the database; callers get their prompt as it is.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed class RedactionTests(StudioApp app) : IClassFixture<StudioApp>
{
    private const string Redacts = """{"redact": true, "enforcement_level": "logging"}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Redaction_ReachesPromptVariablesKeysAndNumbers()
    {
        await app.PromptAsync("redact", "{% for name, note in people.items() %}{{ name }}: {{ note }}; {% endfor %}{{ number }}");
        await app.GuardAsync("redact", "regex", """{"patterns": ["\\b\\d{3}-\\d{2}-\\d{4}\\b", "411111\\d{10}"]}""", """{"redact": true, "enforcement_level": "logging", "name": "PRIVATE"}""");

        var answer = await app.RenderAsync("redact", """{"people": {"856-45-0001": "a", "856-45-0002": "sees 856-45-0003"}, "number": 4111111111110004}""");

        Assert.Equal((HttpStatusCode.OK, "856-45-0001: a; 856-45-0002: sees 856-45-0003; 4111111111110004"), (answer.Status, answer.Value("rendered_prompt")));
        var detail = await app.Client.CallAsync(HttpMethod.Get, $"/api/admin/executions/{answer.Value("execution_id")}");
        Assert.Equal(("[PRIVATE]: a; [PRIVATE]: sees [PRIVATE]; [PRIVATE]", "True"), (detail.Value("rendered_prompt"), detail.Value("is_redacted")));
        Assert.Equal("""{"number":"[PRIVATE]","people":{"[PRIVATE]":"a","[PRIVATE] 2":"sees [PRIVATE]"}}""", detail.Value("variables").Replace(" \"", "\"", StringComparison.Ordinal).Replace(": ", ":", StringComparison.Ordinal));
        var dump = await app.DumpAsync();
        Assert.DoesNotContain("856-45-000", dump, StringComparison.Ordinal);
        Assert.DoesNotContain("411111111111000", dump, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redaction_ReachesWhatIsFoundInTheVariablesOnlyThroughThePrompt()
    {
        await app.PromptAsync("context", "Account: {{ account }}{{ ' and ' ~ other if other is defined }}");
        await app.GuardAsync("context", "regex", """{"patterns": ["Account: \\d{9}"]}""", Redacts);

        await app.RenderAsync("context", """{"account": "987650001"}""");
        await app.RenderAsync("context", """{"account": 987650001, "note": "mine is Account: 987650001!"}""");

        Assert.DoesNotContain("987650001", await app.DumpAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redaction_OfABlockedRender_LeavesNothing_AlsoNotInAVariablesPath()
    {
        await app.PromptAsync("path", "x");
        await app.GuardAsync("path", "keyword", """{"words": ["bad"]}""", """{"scope": "variables", "name": "path blocks"}""");
        await app.GuardAsync("path", "regex", Guarded.Ssn, Redacts);

        var answer = await app.RenderAsync("path", """{"users": {"856-45-1111": {"note": "bad"}}}""");

        Assert.Equal("users.[path regex].note", Assert.Single(answer.Found()).Text("variable"));
        Assert.DoesNotContain("856-45-1111", await app.DumpAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redaction_OfAFailedRender_ReachesItsError()
    {
        await app.PromptAsync("fails", "{{ {}[text] }}");
        await app.GuardAsync("fails", "regex", Guarded.Ssn, Redacts);

        var answer = await app.RenderAsync("fails", """{"text": "it is 856-45-2222"}""");

        Assert.Equal("template_error", answer.Code);
        var dump = await app.DumpAsync();
        Assert.Contains("it is [fails regex]", dump, StringComparison.Ordinal);
        Assert.DoesNotContain("856-45-2222", dump, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redaction_TakesTheWholeTextOfWhatHasNoPlaceOrCannotBeLookedAt()
    {
        await app.PromptAsync("whole", "Hello {{ text }}");
        await app.GuardAsync("whole", "custom", """{"expression": "'whisper' in prompt"}""", Redacts);
        await app.PromptAsync("lost", "Hello {{ text }}");
        var guardrail = await app.GuardAsync("lost", "regex", Guarded.Ssn, Redacts);
        await app.SqlAsync($$"""UPDATE prompt_guardrails SET rule_config = '{"patterns": ["("]}' WHERE id = '{{guardrail.Id()}}'""");
        await Eventually.TrueAsync(async () => (await app.Client.CallAsync(HttpMethod.Get, $"{Guarded.Guardrails}/{guardrail.Id()}")).Value("broken").Length > 0, "the broken rule");
        await Eventually.TrueAsync(async () => (await app.RenderAsync("lost", """{"text": "murmur"}""")) is { } answer
            && (await app.Client.CallAsync(HttpMethod.Get, $"/api/admin/executions/{answer.Value("execution_id")}")).Value("is_redacted") == "True", "the catalogue");

        await app.RenderAsync("whole", """{"text": "a whisper"}""");
        var answer = await app.RenderAsync("lost", """{"text": "mumble"}""");

        Assert.Equal("Hello mumble", answer.Value("rendered_prompt"));
        var dump = await app.DumpAsync();
        Assert.DoesNotContain("a whisper", dump, StringComparison.Ordinal);
        Assert.DoesNotContain("mumble", dump, StringComparison.Ordinal);
        Assert.Contains("[lost regex]", dump, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RepeatedRequest_GetsTheFirstAnswerInClear_WhileItCanBeMadeAgain()
    {
        await app.PromptAsync("part", "Part one.");
        await app.PromptAsync("again", "{% include 'part' %} {{ text }}");
        await app.GuardAsync("again", "regex", Guarded.Ssn, """{"redact": true, "enforcement_level": "warning"}""");
        var request = $"\"request_id\": \"{Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}\"";
        const string Variables = """{"text": "856-45-3333"}""";

        var first = await app.RenderAsync("again", Variables, request);
        var again = await app.RenderAsync("again", Variables, request);

        Assert.Equal((HttpStatusCode.OK, "Part one. 856-45-3333"), (first.Status, first.Value("rendered_prompt")));
        Assert.Equal((HttpStatusCode.OK, first.Text), (again.Status, again.Text));
        Assert.DoesNotContain("856-45-3333", await app.DumpAsync(), StringComparison.Ordinal);

        // What it includes changes: the first answer cannot be made again, and no other one is given in its place.
        await using (var context = await app.OpenAsync())
        {
            var old = await context.PromptTemplates.SingleAsync(one => one.Name == "part", Cancellation);
            old.IsActive = false;
            await context.SaveChangesAsync(Cancellation);
            await context.AddVersionAsync(new() { Id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), Name = "part", TemplateText = "Part two.", Version = 2, IsActive = true });
        }
        var changed = await app.RenderAsync("again", Variables, request);
        Assert.Equal((409, "answer_redacted"), ((int)changed.Status, changed.Code));
    }

    [Fact]
    public async Task RepeatedRequests_AtOnce_GetOneAnswer()
    {
        var template = await app.PromptAsync("at_once", "Say {{ text }}");
        await app.GuardAsync("at_once", "regex", Guarded.Ssn, """{"redact": true, "enforcement_level": "warning"}""");
        var request = $"\"request_id\": \"{Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}\"";

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => app.RenderAsync("at_once", """{"text": "856-45-4444"}""", request)));

        Assert.Single(answers.Select(answer => answer.Text).Distinct());
        Assert.Equal("Say 856-45-4444", answers[0].Value("rendered_prompt"));
        await using var context = await app.OpenAsync();
        Assert.Equal((1, 1), (await context.PromptExecutions.CountAsync(one => one.PromptTemplateId == template, Cancellation), await context.GuardrailViolations.CountAsync(one => one.TemplateId == template, Cancellation)));
    }
}
