using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptStudio.Core.Executions;
using PromptStudio.Executions;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Executions;

[Trait(Tier.Name, Tier.Api)]
public sealed class OutcomeApiTests(StudioApp app) : IClassFixture<StudioApp>
{
    [Fact]
    public async Task Report_OfAnOutcome_IsStored()
    {
        var id = await RenderAsync();

        var response = await PostAsync(id, """
            {"success": false, "conversion_metric": 0.25, "response_text": "Optics", "response_tokens": 12, "execution_time_ms": 812,
             "status": "timeout", "error_message": "too slow", "safety_score": 0.9, "model_name": "gemini-2.5-flash"}
            """);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var execution = await FindAsync(id);
        Assert.Equal((false, 0.25, "Optics", 12, 812), (execution.Success, execution.ConversionMetric, execution.ResponseText, execution.ResponseTokens, execution.ExecutionTimeMs));
        Assert.Equal((ExecutionStatus.Timeout, "too slow", 0.9, "gemini-2.5-flash"), (execution.Status, execution.ErrorMessage, execution.SafetyScore, execution.ModelName));
        Assert.NotNull(execution.OutcomeAt);
    }

    [Fact]
    public async Task Report_OfTheSameOutcomeAgain_ChangesNothing()
    {
        var id = await RenderAsync();
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(id, """{"success": true, "conversion_metric": 1}""")).StatusCode);
        var first = await FindAsync(id);

        // The same report in other words: other order, other white space, 1.0 for 1.
        var again = await PostAsync(id, """{ "conversion_metric" : 1.0, "success": true }""");

        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(first.OutcomeAt, (await FindAsync(id)).OutcomeAt);
    }

    [Fact]
    public async Task Report_OfAnotherOutcome_IsRefusedAndTheFirstStands()
    {
        var id = await RenderAsync();
        await PostAsync(id, """{"success": true}""");

        Assert.Equal("outcome_conflict", await ProblemAsync(await PostAsync(id, """{"success": false}"""), 409));
        Assert.True((await FindAsync(id)).Success);
    }

    [Fact]
    public async Task Report_OfTwoOutcomesAtOnce_StoresOne()
    {
        var id = await RenderAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(metric => PostAsync(id, $$"""{"conversion_metric": {{metric}}}""")));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        Assert.Equal(9, answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict));
    }

    [Theory]
    [InlineData("""{"safety_score": 2}""", 422, "invalid_outcome")]
    [InlineData("""{"conversion_metric": 1e309}""", 422, "invalid_outcome")]
    [InlineData("""{"conversion_metric": -1e400}""", 422, "invalid_outcome")]
    [InlineData("""{"conversion_metric": 1e401}""", 400, "invalid_request")]
    [InlineData("""{"status": "blocked"}""", 422, "invalid_outcome")]
    [InlineData("{}", 422, "invalid_outcome")]
    [InlineData("""{"success": "yes"}""", 400, "invalid_request")]
    [InlineData("""{"response_tokens": 3000000000}""", 400, "invalid_request")]
    [InlineData("""{"response_text": "a\u0000"}""", 400, "invalid_request")]
    [InlineData("""{"succes": true}""", 400, "invalid_request")]
    [InlineData("success", 400, "malformed_json")]
    public async Task Report_OfWhatIsNoOutcome_IsAProblem(string body, int status, string code) =>
        Assert.Equal(code, await ProblemAsync(await PostAsync(await RenderAsync(), body), status));

    [Theory]
    [InlineData("01a2047b-3a97-7139-b2de-be3cb065d8a6")]
    [InlineData("919108f7-52d1-4320-9bac-f847db4148a8")]
    [InlineData("not-an-id")]
    public async Task Report_OfAnUnknownExecution_Is404(string id) =>
        Assert.Equal("execution_not_found", await ProblemAsync(await PostAsync(id, """{"success": true}"""), 404));

    [Fact]
    public async Task Report_WithoutAKey_Is401()
    {
        using var content = new StringContent("""{"success": true}""");
        Assert.Equal("api_key_missing", await ProblemAsync(await app.Anonymous.PostAsync(Url(Guid.Empty.ToString()), content, TestContext.Current.CancellationToken), 401));
    }

    private static Uri Url(string id) => new($"/api/executions/{id}/outcome", UriKind.Relative);

    private static async Task<string?> ProblemAsync(HttpResponseMessage response, int status)
    {
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("code").GetString();
    }

    private async Task<HttpResponseMessage> PostAsync(string id, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await app.Client.PostAsync(Url(id), content, TestContext.Current.CancellationToken);
    }

    private async Task<string> RenderAsync()
    {
        using var content = new StringContent("""{"variables": {"query": "q", "grade_level": 1}}""", Encoding.UTF8, "application/json");
        var response = await app.Client.PostAsync(new Uri("/api/render/nlu_topic_extraction", UriKind.Relative), content, TestContext.Current.CancellationToken);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("execution_id").GetString()!;
    }

    private async Task<PromptExecution> FindAsync(string id)
    {
        await using var context = await app.OpenAsync();
        return await context.PromptExecutions.AsNoTracking().SingleAsync(e => e.Id == Guid.Parse(id), TestContext.Current.CancellationToken);
    }
}
