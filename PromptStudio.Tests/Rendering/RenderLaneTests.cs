using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using PromptStudio.Guardrails;
using PromptStudio.Prompts;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Rendering;

/// <summary>The lane and the route answer alike. A query, which nobody reads, is what only the route takes.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed partial class RenderLaneTests(StudioApp app) : IClassFixture<StudioApp>
{
    private const string Topic = """{"variables": {"query": "Warum ist „der“ Himmel <blau>? 🌤", "grade_level": 7}, "user_id": "u1"}""";

    [Theory]
    [InlineData("nlu_topic_extraction", Topic, true)]
    [InlineData("nlu_topic_extraction", """{"variables": {"query": "x", "grade_level": 1}, "dry_run": true}""", true)]
    [InlineData("nlu_topic_extraction", """{"variables": {"query": "x", "grade_level": 1}, "version": 1, "model_name": "m"}""", true)]
    [InlineData("nlu_topic_extraction", """{"variables": {"query": "x", "grade_level": 1}, "label": "production"}""", true)]
    [InlineData("nlu_topic_extraction", """{"variables": {"query": null, "grade_level": 1}}""", false)]
    [InlineData("nlu_topic_extraction", """{"variables": {}}""", false)]
    [InlineData("nlu_topic_extraction", """{"variables": {"query": "x", "grade_level": 1}, "version": 9}""", false)]
    [InlineData("nlu_topic_extraction", """{"variables": """, false)]
    [InlineData("nlu_topic_extraction", """{"user_id": 5}""", false)]
    [InlineData("no_such_prompt", """{}""", false)]
    public async Task Render_ByLaneAndByRoute_AnswersTheSame(string name, string body, bool isLane)
    {
        await SendAsync(name, Topic, "?by=route");
        var lane = await SendAsync(name, body, "");
        var route = await SendAsync(name, body, "?by=route");

        Assert.Equal(route.StatusCode, lane.StatusCode);
        Assert.Equal(await ComparableAsync(route), await ComparableAsync(lane));
        Assert.Equal(Headers(route), Headers(lane));
        // Only the lane knows the length before it writes; so the test knows which way was taken.
        Assert.Equal(isLane, lane.StatusCode == HttpStatusCode.OK && lane.Headers.TransferEncodingChunked != true);
        Assert.True(route.StatusCode != HttpStatusCode.OK || route.Headers.TransferEncodingChunked == true);
    }

    [Fact]
    public async Task Render_ByLane_StoresWhatTheRouteStores()
    {
        await SendAsync("nlu_topic_extraction", Topic, "?by=route");
        var lane = await StoredAsync(await SendAsync("nlu_topic_extraction", Topic, ""));
        var route = await StoredAsync(await SendAsync("nlu_topic_extraction", Topic, "?by=route"));

        Assert.Equal(
            (route.PromptTemplateId, route.Variables, route.RenderedPrompt, route.Status, route.UserId, route.ModelName, route.GuardrailViolations, route.ErrorMessage, route.RequestId),
            (lane.PromptTemplateId, lane.Variables, lane.RenderedPrompt, lane.Status, lane.UserId, lane.ModelName, lane.GuardrailViolations, lane.ErrorMessage, lane.RequestId));
    }

    [Fact]
    public async Task Render_WithARequestId_GivesTheFirstAnswerWhicheverWayItTakes()
    {
        var body = Topic.Replace("\"user_id\"", $"\"request_id\": \"{Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}\", \"user_id\"", StringComparison.Ordinal);
        await SendAsync("nlu_topic_extraction", Topic, "?by=route");

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(async turn => await (await SendAsync("nlu_topic_extraction", body, turn % 2 == 0 ? "" : "?by=route")).Content.ReadAsStringAsync()));

        Assert.Single(answers.Distinct());
        Assert.Contains("execution_id", answers[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Render_OfAPromptWithViolations_TellsAndStoresThemAlike()
    {
        await AddAsync("lane_warned", "Say {{ word }}.");
        await AddGuardrailAsync("lane_warning", "lane_warned", GuardrailWords.Warning, "careful");
        await AddGuardrailAsync("lane_block", "lane_warned", GuardrailWords.Blocking, "never");
        await SendAsync("lane_warned", """{"variables": {"word": "x"}}""", "?by=route");

        foreach (var (word, status) in new[] { ("careful", HttpStatusCode.OK), ("never", HttpStatusCode.UnprocessableEntity) })
        {
            var body = $$$"""{"variables": {"word": "{{{word}}}"}}""";
            var lane = await SendAsync("lane_warned", body, "");
            var route = await SendAsync("lane_warned", body, "?by=route");

            Assert.Equal((status, status), (lane.StatusCode, route.StatusCode));
            Assert.Equal(await ComparableAsync(route), await ComparableAsync(lane));
        }
        await using var context = await app.OpenAsync();
        Assert.Equal(4, await context.GuardrailViolations.CountAsync(violation => violation.PromptName == "lane_warned", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Render_AfterItsKeyWasRevoked_IsRefusedByTheVeryNextRequest()
    {
        var key = await TestKeys.AddAsync(app, "render");
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("nlu_topic_extraction", Topic, "", key)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("nlu_topic_extraction", Topic, "", key)).StatusCode);

        await using (var context = await app.OpenAsync())
        {
            var prefix = key[..8];
            var row = (await context.ApiKeys.Where(row => row.Prefix == prefix).ToListAsync(TestContext.Current.CancellationToken)).Single(row => Core.Access.ApiKey.Matches(key, row.KeyHash));
            row.RevokedAt = TimeProvider.System.GetUtcNow();
            await context.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync("nlu_topic_extraction", Topic, "", key)).StatusCode);
    }

    [Theory]
    [InlineData("read", HttpStatusCode.Forbidden)]
    [InlineData("render", HttpStatusCode.OK)]
    public async Task Render_WithAKeyThatIsKnown_AsksForItsScope(string scope, HttpStatusCode status)
    {
        var key = await TestKeys.AddAsync(app, scope);
        await SendAsync("nlu_topic_extraction", Topic, "?by=route", key);

        Assert.Equal(status, (await SendAsync("nlu_topic_extraction", Topic, "", key)).StatusCode);
    }

    [Fact]
    public async Task Render_WithABoundKey_ReachesItsPromptsOnly()
    {
        await AddAsync("lane_bound", "mine");
        var key = await TestKeys.AddAsync(app, ["render"], boundNames: ["lane_bound"]);

        Assert.Equal(HttpStatusCode.OK, (await SendAsync("lane_bound", "{}", "", key)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("lane_bound", "{}", "", key)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync("nlu_topic_extraction", Topic, "", key)).StatusCode);
    }

    [Fact]
    public async Task Render_OfABodyInPieces_IsReadWhole()
    {
        var body = Encoding.UTF8.GetBytes(Topic.Replace("Warum", new string('x', 20_000), StringComparison.Ordinal));
        await SendAsync("nlu_topic_extraction", Topic, "?by=route");
        using var socket = new System.Net.Sockets.TcpClient { NoDelay = true };
        await socket.ConnectAsync(app.Address.Host, app.Address.Port, TestContext.Current.CancellationToken);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /api/render/nlu_topic_extraction HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {StudioApp.Key}\r\nContent-Length: {body.Length}\r\n\r\n"), TestContext.Current.CancellationToken);
        foreach (var piece in body.Chunk(1_500))
            await stream.WriteAsync(piece, TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);

        var answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.StartsWith("HTTP/1.1 200 OK", answer, StringComparison.Ordinal);
        Assert.Contains(new string('x', 20_000), answer, StringComparison.Ordinal);
    }

    private static string Headers(HttpResponseMessage response) => string.Join('\n', response.Headers.Concat(response.Content.Headers)
        .Where(header => header.Key is not ("Date" or "Content-Length" or "Transfer-Encoding" or "Connection"))
        .Select(header => $"{header.Key}: {string.Join(", ", header.Value)}").Order(StringComparer.Ordinal));

    /// <summary>Without what is another one each time.</summary>
    private static async Task<string> ComparableAsync(HttpResponseMessage response) =>
        Ids().Replace(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), "\"$1\":\"…\"");

    [GeneratedRegex("\"(execution_id|trace_id)\":\"[^\"]+\"")]
    private static partial Regex Ids();

    private async Task<PromptStudio.Executions.PromptExecution> StoredAsync(HttpResponseMessage response)
    {
        using var answer = System.Text.Json.JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        var id = answer.RootElement.GetProperty("execution_id").GetGuid();
        await using var context = await app.OpenAsync();
        return await context.PromptExecutions.SingleAsync(execution => execution.Id == id, TestContext.Current.CancellationToken);
    }

    private async Task<HttpResponseMessage> SendAsync(string name, string body, string query, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/api/render/{name}{query}", UriKind.Relative)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new("Bearer", key ?? StudioApp.Key);
        return await app.Anonymous.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private async Task AddAsync(string name, string text)
    {
        await using var context = await app.OpenAsync();
        await context.AddVersionAsync(new PromptTemplate { Id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), Name = name, TemplateText = text, IsActive = true });
    }

    private async Task AddGuardrailAsync(string name, string prompt, string level, string word)
    {
        using var content = new StringContent(
            $$"""{"name": "{{name}}", "rule_type": "keyword", "rule_config": {"words": ["{{word}}"]}, "enforcement_level": "{{level}}", "applies_to": ["{{prompt}}"]}""", Encoding.UTF8, "application/json");
        var response = await app.Client.PostAsync(new Uri("/api/admin/guardrails", UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
