using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptStudio.Core.Executions;
using PromptStudio.Prompts;
using PromptStudio.Tests.Studio;
using PromptStudio.Web;

namespace PromptStudio.Tests.Rendering;

[Trait(Tier.Name, Tier.Api)]
public sealed class RenderApiTests(StudioApp app) : IClassFixture<StudioApp>
{
    private const string Topic = """{"variables": {"query": "Why is the sky blue?", "grade_level": 7}}""";

    [Fact]
    public async Task Render_OfTheFirstPrompt_AnswersTheTextAndHasStoredTheExecution()
    {
        var response = await PostAsync("nlu_topic_extraction",
            """{"variables": {"query": "Warum <ist> „der“ Himmel blau? 🌤", "grade_level": 7}, "user_id": "u1", "model_name": "gemini-2.5-flash"}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        var text = "You are an expert educational content analyzer.\n\nStudent Query: Warum <ist> „der“ Himmel blau? 🌤\nGrade Level: 7\n\nExtract the academic topic and determine if clarification is needed.";
        Assert.Equal(text, answer.GetProperty("rendered_prompt").GetString());
        Assert.Equal("nlu_topic_extraction", answer.GetProperty("template_name").GetString());
        Assert.Equal(1, answer.GetProperty("template_version").GetInt32());
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("ab_test_group").ValueKind);
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("experiment_id").ValueKind);
        Assert.Empty(answer.GetProperty("guardrail_violations").EnumerateArray());

        await using var context = await app.OpenAsync();
        var id = answer.GetProperty("execution_id").GetGuid();
        var execution = await context.PromptExecutions.SingleAsync(e => e.Id == id, TestContext.Current.CancellationToken);
        Assert.Equal(text, execution.RenderedPrompt);
        Assert.Equal(answer.GetProperty("template_id").GetGuid(), execution.PromptTemplateId);
        Assert.Equal(7, JsonDocument.Parse(execution.Variables).RootElement.GetProperty("grade_level").GetInt32());
        Assert.Equal((ExecutionStatus.Success, "u1", "gemini-2.5-flash"), (execution.Status, execution.UserId, execution.ModelName));
        Assert.Equal(ExecutionId.Instant(id), execution.CreatedAt);
    }

    [Theory]
    [InlineData("no_such_prompt", Topic, 404, "prompt_not_found")]
    [InlineData("nlu_topic_extraction", """{"variables": {"query": "x", "grade_level": 1}, "version": 9}""", 404, "version_not_found")]
    [InlineData("nlu_topic_extraction", """{"variables": {"query": "x", "grade_level": 1}, "label": "canary"}""", 404, "version_not_found")]
    [InlineData("nlu_topic_extraction", """{"variables": {}}""", 422, "missing_variables")]
    [InlineData("nlu_topic_extraction", """{}""", 422, "missing_variables")]
    [InlineData("nlu_topic_extraction", """{"variables": {"query": null, "grade_level": 1}}""", 422, "missing_variables")]
    [InlineData("nlu_topic_extraction", """{"variables": """, 400, "malformed_json")]
    [InlineData("nlu_topic_extraction", "", 400, "malformed_json")]
    [InlineData("nlu_topic_extraction", "[]", 400, "invalid_request")]
    [InlineData("nlu_topic_extraction", "null", 400, "invalid_request")]
    [InlineData("nlu_topic_extraction", """{"variables": []}""", 400, "invalid_request")]
    [InlineData("nlu_topic_extraction", """{"variabels": {}}""", 400, "invalid_request")]
    [InlineData("nlu_topic_extraction", """{"request_id": "mine"}""", 400, "invalid_request")]
    [InlineData("nlu_topic_extraction", """{"version": 1, "label": "production"}""", 400, "invalid_request")]
    [InlineData("nlu_topic_extraction", """{"version": 0}""", 400, "invalid_request")]
    [InlineData("nlu_topic_extraction", """{"version": 99999999999}""", 400, "invalid_request")]
    [InlineData("nlu_topic_extraction", """{"variables": {"query": "a\u0000b", "grade_level": 1}}""", 400, "invalid_request")]
    [InlineData("nlu_topic_extraction", """{"variables": {"query": "\ud800", "grade_level": 1}}""", 400, "invalid_request")]
    [InlineData("nlu_topic_extraction", """{"variables": {"query": "x", "grade_level": 1e999999}}""", 400, "invalid_request")]
    public async Task Render_OfWhatCannotBeRendered_IsAProblemWithItsCode(string name, string body, int status, string code)
    {
        var problem = await ProblemAsync(await PostAsync(name, body), status);

        Assert.Equal(code, problem.GetProperty("code").GetString());
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
    }

    [Fact]
    public async Task Render_WithoutRequiredVariables_NamesAllOfThem()
    {
        var problem = await ProblemAsync(await PostAsync("clarification_questions", """{"variables": {}}"""), 422);

        Assert.Equal(["query", "context"], problem.GetProperty("missing").EnumerateArray().Select(name => name.GetString()));
    }

    [Fact]
    public async Task Render_WithoutAKey_Is401()
    {
        using var body = Json(Topic);
        var response = await app.Anonymous.PostAsync(Url("nlu_topic_extraction"), body, TestContext.Current.CancellationToken);

        Assert.Equal("api_key_missing", (await ProblemAsync(response, 401)).GetProperty("code").GetString());
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
    }

    [Theory]
    [InlineData("Bearer ps_another_key_that_nobody_made")]
    [InlineData("Bearer ps_test_key_of_the_test_suit")]
    [InlineData("Bearer ps_test_key_of_the_test_suite_")]
    [InlineData("Bearer nonsense")]
    [InlineData("Bearer ")]
    public async Task Render_WithAWrongKey_Is401(string authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Url("nlu_topic_extraction")) { Content = Json(Topic) };
        request.Headers.TryAddWithoutValidation("Authorization", authorization);

        var problem = await ProblemAsync(await app.Anonymous.SendAsync(request, TestContext.Current.CancellationToken), 401);

        Assert.StartsWith("api_key_", problem.GetProperty("code").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Render_WithAKeyOfAnotherScope_Is403()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Url("nlu_topic_extraction")) { Content = Json(Topic) };
        request.Headers.Authorization = new("Bearer", await TestKeys.AddAsync(app, "read"));

        Assert.Equal("scope_missing", (await ProblemAsync(await app.Anonymous.SendAsync(request, TestContext.Current.CancellationToken), 403)).GetProperty("code").GetString());
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Render_WithAKeyThatIsOver_Is401(bool expired, bool revoked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Url("nlu_topic_extraction")) { Content = Json(Topic) };
        request.Headers.Authorization = new("Bearer", await TestKeys.AddAsync(app, "render", expired, revoked));

        Assert.Equal("api_key_invalid", (await ProblemAsync(await app.Anonymous.SendAsync(request, TestContext.Current.CancellationToken), 401)).GetProperty("code").GetString());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Render_OfABodyOverTheLimit_Is413(bool chunked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Url("nlu_topic_extraction"))
        {
            Content = Json(Topic.Replace("Why", new string('x', JsonBody.MaxBytes), StringComparison.Ordinal)),
        };
        request.Headers.TransferEncodingChunked = chunked;

        var problem = await ProblemAsync(await app.Client.SendAsync(request, TestContext.Current.CancellationToken), 413);

        Assert.Equal("body_too_large", problem.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Render_OfTextThatIsNoUtf8_Is400()
    {
        using var body = new ByteArrayContent([.. "{\"user_id\": \""u8, 0xff, 0xfe, .. "\"}"u8]);

        var problem = await ProblemAsync(await app.Client.PostAsync(Url("nlu_topic_extraction"), body, TestContext.Current.CancellationToken), 400);

        Assert.Equal("malformed_json", problem.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Render_DryRun_StoresNothing()
    {
        var before = await CountAsync();

        var response = await PostAsync("nlu_topic_extraction", """{"variables": {"query": "q", "grade_level": 1}, "dry_run": true}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(JsonValueKind.Null, (await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("execution_id").ValueKind);
        Assert.Equal(before, await CountAsync());
    }

    [Fact]
    public async Task Render_OfATemplateThatFails_SaysWhereAndStoresTheFailure()
    {
        await AddAsync("broken", "Hello\n{{ nobody }}", active: true);

        var problem = await ProblemAsync(await PostAsync("broken", "{}"), 422);

        Assert.Equal("template_error", problem.GetProperty("code").GetString());
        Assert.Equal((2, 4), (problem.GetProperty("line").GetInt32(), problem.GetProperty("column").GetInt32()));
        await using var context = await app.OpenAsync();
        var template = await context.PromptTemplates.SingleAsync(t => t.Name == "broken", TestContext.Current.CancellationToken);
        var execution = await context.PromptExecutions.SingleAsync(e => e.PromptTemplateId == template.Id, TestContext.Current.CancellationToken);
        Assert.Equal((ExecutionStatus.Error, ""), (execution.Status, execution.RenderedPrompt));
        Assert.Contains("nobody", execution.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Render_ByVersionAndLabel_FindsThatVersion()
    {
        await AddAsync("versions", "one", version: 1, active: true);
        var second = await AddAsync("versions", "two", version: 2);
        await using (var context = await app.OpenAsync())
        {
            context.PromptLabels.Add(new PromptLabel { PromptName = "versions", Label = "staging", TemplateId = second });
            await context.SaveChangesAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal("one", await TextAsync("versions", "{}"));
        Assert.Equal("one", await TextAsync("versions", """{"label": "production"}"""));
        Assert.Equal("two", await TextAsync("versions", """{"label": "staging"}"""));
        Assert.Equal("two", await TextAsync("versions", """{"version": 2}"""));
    }

    [Fact]
    public async Task Render_OfAPromptWithoutAnActiveVersion_Is404()
    {
        await AddAsync("draft_only", "draft");

        Assert.Equal("version_not_found", (await ProblemAsync(await PostAsync("draft_only", "{}"), 404)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Render_WithDefaults_UsesAndStoresThem()
    {
        await AddAsync("greeting", "Dear {{ name }}, {{ tone }}", active: true, contract: """{"required": ["name"], "optional": {"tone": {"type": "string", "default": "be kind"}}}""");

        Assert.Equal("Dear Ada, be kind", await TextAsync("greeting", """{"variables": {"name": "Ada"}}"""));
        Assert.Equal("Dear Ada, be brief", await TextAsync("greeting", """{"variables": {"name": "Ada", "tone": "be brief"}}"""));
        Assert.Equal("invalid_variable", (await ProblemAsync(await PostAsync("greeting", """{"variables": {"name": "Ada", "tone": 3}}"""), 422)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Render_OfAVersionWithABrokenContract_IsAProblem()
    {
        await AddAsync("broken_contract", "x", active: true, contract: """{"required": 3}""");

        Assert.Equal("template_error", (await ProblemAsync(await PostAsync("broken_contract", "{}"), 422)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Render_OfIncludes_ReadsOtherPrompts()
    {
        await AddAsync("tone", "Be kind.", version: 1);
        await AddAsync("tone", "Be brief, {{ name }}.", version: 2, active: true);
        await AddAsync("base", "{% include 'tone' %} {% block task %}{% endblock %}", active: true);
        await AddAsync("child", "{% extends 'base' %}{% block task %}{% include 'tone@1' %}{% endblock %}", active: true);
        await AddAsync("computed", "{% include which %}", active: true);

        Assert.Equal("Be brief, Ada. Be kind.", await TextAsync("child", """{"variables": {"name": "Ada"}}"""));
        Assert.Equal("Be brief, Bob.", await TextAsync("computed", """{"variables": {"which": "tone", "name": "Bob"}}"""));
    }

    [Theory]
    [InlineData("loop_a", "{% include 'loop_b' %}", "loop_b")]
    [InlineData("lost", "{% include 'nobody_knows' %}", "nobody_knows")]
    [InlineData("lost_version", "{% include 'loop_b@7' %}", "loop_b@7")]
    public async Task Render_OfIncludesThatFail_NamesThem(string name, string text, string expected)
    {
        await AddAsync(name, text, active: true);
        if (name == "loop_a")
            await AddAsync("loop_b", "{% include 'loop_a' %}", active: true);

        var problem = await ProblemAsync(await PostAsync(name, "{}"), 422);

        Assert.Contains(expected, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{% for i in range(1000000) %}{{ i }}{% endfor %}", "limit_exceeded")]
    [InlineData("{{ 'x' * 100000000 }}", "limit_exceeded")]
    [InlineData("""{{ '\x00' }}""", "template_error")]
    [InlineData("""{{ '\ud800' }}""", "template_error")]
    [InlineData("""{{ '\x00\ud800' + 1 }}""", "template_error")]
    [InlineData("""{{ {}['\x00'] }}""", "template_error")]
    [InlineData("{{ query", "template_error")]
    [InlineData("{{ ''.__class__.__mro__ }}", "template_error")]
    public async Task Render_OfAHostileTemplate_EndsInAProblem(string text, string code)
    {
        var name = "hostile_" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..8];
        await AddAsync(name, text, active: true);

        Assert.Equal(code, (await ProblemAsync(await PostAsync(name, "{}"), 422)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Render_WithTheSameRequestId_GivesTheFirstAnswerAndStoresOnce()
    {
        var request = $$"""{"variables": {"query": "same", "grade_level": 3}, "request_id": "{{Guid.CreateVersion7(TimeProvider.System.GetUtcNow())}}"}""";
        var before = await CountAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ => await (await PostAsync("nlu_topic_extraction", request)).Content.ReadAsStringAsync()));

        Assert.Single(answers.Distinct());
        Assert.Contains("same", answers[0], StringComparison.Ordinal);
        Assert.Equal(before + 1, await CountAsync());
        var other = await ProblemAsync(await PostAsync("nlu_topic_extraction", request.Replace("same", "other", StringComparison.Ordinal)), 409);
        Assert.Equal("request_id_reused", other.GetProperty("code").GetString());
    }

    [Fact]
    public async Task Render_WithTheSameRequestId_KnowsTheSameRequestInAnotherOrder()
    {
        var id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        var first = await PostAsync("nlu_topic_extraction", $$$"""{"variables": {"query": "o", "grade_level": 3}, "request_id": "{{{id}}}"}""");

        var again = await PostAsync("nlu_topic_extraction", $$$"""{"request_id": "{{{id}}}", "variables": { "grade_level": 3, "query": "o" }}""");

        Assert.Equal(
            await first.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            await again.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Render_WithTheSameRequestId_IsNotFooledByLineBreaks()
    {
        var id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        await PostAsync("nlu_topic_extraction", $$$"""{"variables": {"query": "o", "grade_level": 3}, "request_id": "{{{id}}}", "user_id": "a\nb"}""");

        var other = await PostAsync("nlu_topic_extraction", $$$"""{"variables": {"query": "o", "grade_level": 3}, "request_id": "{{{id}}}", "user_id": "a", "model_name": "b\n"}""");

        Assert.Equal("request_id_reused", (await ProblemAsync(other, 409)).GetProperty("code").GetString());
    }

    [Fact]
    public async Task Render_WithARequestIdWhoseExecutionIsGone_SaysSo()
    {
        var id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        var request = $$$"""{"variables": {"query": "gone", "grade_level": 3}, "request_id": "{{{id}}}"}""";
        await PostAsync("nlu_topic_extraction", request);
        await using (var context = await app.OpenAsync())
            await context.PromptExecutions.Where(execution => execution.RequestId == id).ExecuteDeleteAsync(TestContext.Current.CancellationToken);

        Assert.Equal("request_id_expired", (await ProblemAsync(await PostAsync("nlu_topic_extraction", request), 409)).GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("/api/nothing", 404, "text/html")]
    [InlineData("/api/render/nlu_topic_extraction", 401, "image/png")]
    [InlineData("/API/nothing", 404, "application/xml")]
    public async Task Problem_IsWrittenWhateverIsAccepted(string path, int status, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        request.Headers.Accept.ParseAdd(accept);

        var problem = await ProblemAsync(await app.Anonymous.SendAsync(request, TestContext.Current.CancellationToken), status);

        Assert.NotEmpty(problem.GetProperty("trace_id").GetString()!);
    }

    [Fact]
    public async Task Request_ThatIsCutOff_LogsNoError()
    {
        for (var attempt = 0; attempt < 20; attempt++)
        {
            using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp) { LingerState = new(true, 0) };
            await socket.ConnectAsync(app.Address.Host, app.Address.Port, TestContext.Current.CancellationToken);
            await socket.SendAsync(Encoding.ASCII.GetBytes($"POST /api/render/nlu_topic_extraction HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {StudioApp.Key}\r\nContent-Length: 1000\r\n\r\n{{"), TestContext.Current.CancellationToken);
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
        Assert.Equal(HttpStatusCode.OK, (await PostAsync("nlu_topic_extraction", Topic)).StatusCode);

        Assert.True(app.Errors.Count == 0, string.Join('\n', app.Errors));
    }

    [Theory]
    [InlineData("GET", "/api/render/nlu_topic_extraction")]
    [InlineData("GET", "/api/nothing")]
    [InlineData("POST", "/api")]
    public async Task Request_ForNoRoute_IsAProblem(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        var problem = await ProblemAsync(await app.Anonymous.SendAsync(request, TestContext.Current.CancellationToken), 404);

        Assert.Equal("route_not_found", problem.GetProperty("code").GetString());
    }

    private static Uri Url(string name) => new($"/api/render/{name}", UriKind.Relative);

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static async Task<JsonElement> ProblemAsync(HttpResponseMessage response, int status)
    {
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
    }

    private async Task<HttpResponseMessage> PostAsync(string name, string body)
    {
        using var content = Json(body);
        return await app.Client.PostAsync(Url(name), content, TestContext.Current.CancellationToken);
    }

    private async Task<string?> TextAsync(string name, string body)
    {
        var response = await PostAsync(name, body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("rendered_prompt").GetString();
    }

    private async Task<Guid> AddAsync(string name, string text, int version = 1, bool active = false, string? contract = null)
    {
        await using var context = await app.OpenAsync();
        var template = new PromptTemplate
        {
            Id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()),
            Name = name,
            TemplateText = text,
            Version = version,
            IsActive = active,
            TemplateVariables = contract,
        };
        await context.AddVersionAsync(template);
        return template.Id;
    }

    private async Task<int> CountAsync()
    {
        await using var context = await app.OpenAsync();
        var topic = await context.PromptTemplates.SingleAsync(t => t.Name == "nlu_topic_extraction", TestContext.Current.CancellationToken);
        return await context.PromptExecutions.CountAsync(e => e.PromptTemplateId == topic.Id, TestContext.Current.CancellationToken);
    }
}
