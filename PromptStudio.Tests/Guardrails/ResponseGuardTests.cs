using System.Net;
using Microsoft.EntityFrameworkCore;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Guardrails;

/// <summary>What guardrails say of responses, when they are reported.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed class ResponseGuardTests(StudioApp app) : IClassFixture<StudioApp>
{
    [Fact]
    public async Task Response_ThatIsBlocked_IsStoredAndReportedAsSuch_AndARepeatAnswersTheSame()
    {
        await app.PromptAsync("answered", "{{ text }}");
        await app.GuardAsync("answered", "keyword", """{"words": ["forbidden"]}""", """{"scope": "response", "name": "answered blocks"}""");
        await app.GuardAsync("answered", "max_length", """{"characters": 5}""", """{"scope": "response", "enforcement_level": "logging"}""");
        // Not about responses.
        await app.GuardAsync("answered", "keyword", """{"words": ["prompt word"]}""", """{"enforcement_level": "warning", "name": "answered prompts"}""");
        var request = $"\"request_id\": \"{Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}\"";
        var rendered = await app.RenderAsync("answered", """{"text": "forbidden, and a prompt word"}""", request);
        var id = rendered.Value("execution_id");
        const string Report = """{"success": true, "response_text": "💡 forbidden prompt word"}""";

        var first = await ReportAsync(id, Report);
        var again = await ReportAsync(id, """{"response_text": "💡 forbidden prompt word", "success": true}""");

        Assert.Equal(HttpStatusCode.OK, rendered.Status);
        Assert.Equal((HttpStatusCode.OK, "True", "success"), (first.Status, first.Value("response_blocked"), first.Value("status")));
        var found = Assert.Single(first.Found());
        Assert.Equal(("answered blocks", "blocked", "response", "2", "11"), (found.Text("name"), found.Text("outcome"), found.Text("scope"), found.Text("start"), found.Text("end")));
        Assert.Equal(first.Text, again.Text);
        Assert.Equal((409, "outcome_conflict"), await ReportAsync(id, """{"response_text": "other"}""") is var other ? ((int)other.Status, other.Code) : default);
        // The render's answer is what it was, and the log has all of it once.
        Assert.Equal(rendered.Text, (await app.RenderAsync("answered", """{"text": "forbidden, and a prompt word"}""", request)).Text);
        var detail = await app.Client.CallAsync(HttpMethod.Get, $"/api/admin/executions/{id}");
        Assert.Equal(["answered blocks", "answered max_length", "answered prompts"], detail.Found().Select(one => one.Text("name")).Order(StringComparer.Ordinal));
        Assert.Equal("💡 forbidden prompt word", detail.Value("response_text"));
    }

    [Fact]
    public async Task Response_OfReportsAtOnce_IsLookedAtAndStoredOnce()
    {
        await app.PromptAsync("reported", "{{ text }}");
        await app.GuardAsync("reported", "keyword", """{"words": ["bad"]}""", """{"scope": "response", "enforcement_level": "warning"}""");
        var id = (await app.RenderAsync("reported", """{"text": "x"}""")).Value("execution_id");

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => ReportAsync(id, """{"response_text": "bad"}""")));

        Assert.Single(answers.Select(answer => answer.Text).Distinct());
        Assert.Equal("False", answers[0].Value("response_blocked"));
        await using var context = await app.OpenAsync();
        Assert.Equal(1, await context.GuardrailViolations.CountAsync(one => one.ExecutionId == Guid.Parse(id), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Response_AndItsError_LoseWhatARedactingGuardrailFinds_OfWhateverScope()
    {
        await app.PromptAsync("repeats", "{{ text }}");
        await app.GuardAsync("repeats", "regex", Guarded.Ssn, """{"redact": true, "enforcement_level": "logging"}""");
        await app.GuardAsync("repeats", "keyword", """{"words": ["codeword"]}""", """{"redact": true, "scope": "response"}""");
        var id = (await app.RenderAsync("repeats", """{"text": "codeword"}""")).Value("execution_id");

        var answer = await ReportAsync(id, """{"response_text": "The codeword is 856-45-7777.", "error_message": "no 856-45-7777"}""");

        Assert.Equal("True", answer.Value("response_blocked"));
        Assert.DoesNotContain("856-45", answer.Text, StringComparison.Ordinal);
        var detail = await app.Client.CallAsync(HttpMethod.Get, $"/api/admin/executions/{id}");
        Assert.Equal(("The [repeats keyword] is [repeats regex].", "no [repeats regex]"), (detail.Value("response_text"), detail.Value("error_message")));
        // Guardrails of responses leave prompts alone.
        Assert.Equal(("codeword", "False"), (detail.Value("rendered_prompt"), detail.Value("is_redacted")));
        Assert.DoesNotContain("856-45-7777", await app.DumpAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Response_ReportedInAMonthThatWasNotMade_MakesTheMonth()
    {
        await app.PromptAsync("late", "{{ text }}");
        await app.GuardAsync("late", "keyword", """{"words": ["bad"]}""", """{"scope": "response", "enforcement_level": "warning"}""");
        var id = (await app.RenderAsync("late", """{"text": "x"}""")).Value("execution_id");
        await app.SqlAsync($"DROP TABLE guardrail_violations_{TimeProvider.System.GetUtcNow():yyyy_MM}");

        Assert.Equal(HttpStatusCode.OK, (await ReportAsync(id, """{"response_text": "bad"}""")).Status);
        await using var context = await app.OpenAsync();
        Assert.Equal(1, await context.GuardrailViolations.CountAsync(one => one.ExecutionId == Guid.Parse(id), TestContext.Current.CancellationToken));
    }

    private Task<ApiAnswer> ReportAsync(string id, string body) => app.Client.CallAsync(HttpMethod.Post, $"/api/executions/{id}/outcome", body);
}
