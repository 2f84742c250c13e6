using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using PromptStudio.Access;
using PromptStudio.Core.Access;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Prompts;

[Trait(Tier.Name, Tier.Api)]
public sealed class PromptApiTests(StudioApp app) : IClassFixture<StudioApp>
{
    private static readonly TimeProvider Clock = TimeProvider.System;

    [Fact]
    public async Task APrompt_FromItsDraftToARollback()
    {
        var (created, etag) = await SendAsync(201, HttpMethod.Post, "prompts",
            """{"name": "journey", "template_text": "Hi {{ a }}", "template_variables": {"required": ["a"]}, "category": "tests", "message": "first"}""");
        var id = created.GetProperty("id").GetGuid();
        Assert.Equal("\"1\"", etag);
        Assert.Equal(("draft", 1, false), (Text(created, "state"), created.GetProperty("version").GetInt32(), created.GetProperty("is_active").GetBoolean()));

        Assert.Equal("if_match_required", await ProblemAsync(428, HttpMethod.Put, $"prompts/{id}", """{"template_text": "Hello {{ a }}"}"""));
        var (edited, second) = await SendAsync(200, HttpMethod.Put, $"prompts/{id}", """{"template_text": "Hello {{ a }}"}""", etag);
        Assert.Equal(("Hello {{ a }}", "first", "\"2\""), (Text(edited, "template_text"), Text(edited, "message"), second));
        var conflict = await SendAsync(409, HttpMethod.Put, $"prompts/{id}", """{"template_text": "Howdy {{ a }}"}""", etag);
        Assert.Equal("edit_conflict", Text(conflict.Body, "code"));
        Assert.Equal("Hello {{ a }}", Text(conflict.Body.GetProperty("current"), "template_text"));
        Assert.Equal("\"2\"", Text(conflict.Body.GetProperty("current"), "etag"));
        Assert.Equal("Howdy {{ a }}", Text(conflict.Body.GetProperty("yours"), "template_text"));

        await SendAsync(200, HttpMethod.Post, $"prompts/{id}/activate");
        var (frozen, _) = await SendAsync(409, HttpMethod.Put, $"prompts/{id}", """{"template_text": "x"}""", "*");
        Assert.Equal("version_frozen", Text(frozen, "code"));

        var next = (await SendAsync(201, HttpMethod.Post, $"prompts/{id}/versions", """{"template_text": "Hello {{ b }}", "template_variables": {"required": ["b"]}, "message": "second"}""")).Body;
        var nextId = next.GetProperty("id").GetGuid();
        await RenderAsync(200, "journey", """{"variables": {"a": 1}}""");
        var (mismatch, _) = await SendAsync(409, HttpMethod.Post, $"prompts/{nextId}/activate", """{"force": false}""");
        Assert.Equal("""{"checked":1,"missing":[{"variable":"b","executions":1}]}""",
            JsonSerializer.Serialize(new { @checked = mismatch.GetProperty("checked"), missing = mismatch.GetProperty("missing") }));
        await SendAsync(200, HttpMethod.Post, $"prompts/{nextId}/activate", """{"force": true}""");
        await RenderAsync(422, "journey", """{"variables": {"a": 1}}""");
        var (back, _) = await SendAsync(200, HttpMethod.Post, "prompts/journey/rollback", """{"version": 1}""");
        Assert.Equal(id, back.GetProperty("id").GetGuid());
        await RenderAsync(200, "journey", """{"variables": {"a": 1}}""");

        await SendAsync(200, HttpMethod.Put, "prompts/journey/labels/staging", """{"version": 2}""");
        var (labels, _) = await SendAsync(200, HttpMethod.Get, "prompts/journey/labels");
        Assert.Equal(["production 1", "staging 2"], labels.GetProperty("items").EnumerateArray().Select(label => $"{Text(label, "label")} {label.GetProperty("version")}"));
        await RenderAsync(200, "journey", """{"variables": {"b": 1}, "label": "staging"}""");
        var (versions, _) = await SendAsync(200, HttpMethod.Get, $"prompts/{id}/versions");
        Assert.Equal(["2 frozen second staging", "1 active first "],
            versions.GetProperty("items").EnumerateArray().Select(version => $"{version.GetProperty("version")} {Text(version, "state")} {Text(version, "message")} {string.Join(',', version.GetProperty("labels").EnumerateArray())}"));
        var (diff, _) = await SendAsync(200, HttpMethod.Get, $"prompts/{nextId}/diff?against=1");
        Assert.Equal(["removed", "added"], diff.GetProperty("text").GetProperty("lines").EnumerateArray().Select(line => Text(line, "kind")));
        Assert.Equal("message", Text(Assert.Single(diff.GetProperty("settings").EnumerateArray()), "name"));
        await SendAsync(200, HttpMethod.Delete, "prompts/journey/labels/staging");

        await SendAsync(200, HttpMethod.Post, "prompts/journey/archive");
        Assert.Equal("prompt_not_found", Text(await RenderAsync(404, "journey", """{"variables": {"a": 1}}"""), "code"));
        Assert.Equal(0, (await SendAsync(200, HttpMethod.Get, "prompts?search=journey")).Body.GetProperty("total").GetInt32());
        Assert.Equal(1, (await SendAsync(200, HttpMethod.Get, "prompts?search=journey&status=archived&sort=name&page_size=1")).Body.GetProperty("total").GetInt32());
        await SendAsync(200, HttpMethod.Post, "prompts/journey/restore");
        await SendAsync(200, HttpMethod.Post, $"prompts/{id}/activate", """{"force": true}""");
        await SendAsync(200, HttpMethod.Post, $"prompts/{id}/deactivate");
        Assert.Empty(app.Errors);
    }

    [Theory]
    [InlineData("POST", "prompts", """{"template_text": "x"}""", 400, "invalid_request")]
    [InlineData("POST", "prompts", """{"name": "no spaces", "template_text": "x"}""", 422, "invalid_prompt")]
    [InlineData("POST", "prompts", """{"name": "01a2008d-7400-7000-8000-000000000011", "template_text": "x"}""", 422, "invalid_prompt")]
    [InlineData("POST", "prompts", """{"name": "bad", "template_text": "x", "template_format": "mustache"}""", 422, "invalid_prompt")]
    [InlineData("POST", "prompts", """{"name": "bad", "template_text": "x", "template_variables": {"must": []}}""", 422, "invalid_prompt")]
    [InlineData("POST", "prompts", """{"name": "bad", "template_text": "a\u0000"}""", 400, "invalid_request")]
    [InlineData("POST", "prompts", """{"name": "nlu_topic_extraction", "template_text": "x"}""", 409, "prompt_exists")]
    [InlineData("GET", "prompts?sort=password", null, 400, "invalid_request")]
    [InlineData("GET", "prompts?page=-1", null, 400, "invalid_request")]
    [InlineData("GET", "prompts?status=lost", null, 400, "invalid_request")]
    [InlineData("GET", "prompts?search=a%00b", null, 400, "invalid_request")]
    [InlineData("GET", "prompts/01a2008d-7400-7000-8000-0000000000ff", null, 404, "version_not_found")]
    [InlineData("GET", "prompts/01a2008d-7400-7000-8000-0000000000ff/versions", null, 404, "version_not_found")]
    [InlineData("POST", "prompts/nobody/rollback", """{"version": 1}""", 404, "prompt_not_found")]
    [InlineData("POST", "prompts/nlu_topic_extraction/rollback", """{"version": 99}""", 404, "version_not_found")]
    [InlineData("POST", "prompts/nlu_topic_extraction/rollback", "{}", 400, "invalid_request")]
    [InlineData("PUT", "prompts/nlu_topic_extraction/labels/production", """{"version": 1}""", 422, "label_reserved")]
    [InlineData("PUT", "prompts/nlu_topic_extraction/labels/No", """{"version": 1}""", 422, "invalid_label")]
    [InlineData("DELETE", "prompts/nlu_topic_extraction/labels/canary", null, 404, "label_not_found")]
    [InlineData("PUT", "labels/NO/protection", null, 422, "invalid_label")]
    [InlineData("GET", "prompts/nobody/labels", null, 404, "prompt_not_found")]
    [InlineData("GET", "labels?sort=x", null, 400, "invalid_request")]
    [InlineData("POST", "preview", "{}", 400, "invalid_request")]
    [InlineData("POST", "preview", """{"template_text": "x", "variables": []}""", 400, "invalid_request")]
    [InlineData("POST", "preview", """{"template_text": "x", "settings": {"trim": true}}""", 422, "invalid_settings")]
    public async Task Request_OfWhatCannotBe_IsAProblemWithItsCode(string method, string path, string? body, int status, string code) =>
        Assert.Equal(code, await ProblemAsync(status, new HttpMethod(method), path, body));

    [Fact]
    public async Task Diff_AgainstNonsense_IsAProblem()
    {
        var id = (await SendAsync(201, HttpMethod.Post, "prompts", """{"name": "lonely", "template_text": "x"}""")).Body.GetProperty("id").GetGuid();
        Assert.Equal("invalid_request", await ProblemAsync(400, HttpMethod.Get, $"prompts/{id}/diff"));
        Assert.Equal("invalid_request", await ProblemAsync(400, HttpMethod.Get, $"prompts/{id}/diff?against=x"));
        Assert.Equal("version_not_found", await ProblemAsync(404, HttpMethod.Get, $"prompts/{id}/diff?against=2"));
    }

    [Fact]
    public async Task Preview_OfAText_RendersItOrSaysWhyNot()
    {
        var (rendered, _) = await SendAsync(200, HttpMethod.Post, "preview",
            """{"template_text": "{% include 'tone' %}{% for x in xs %}\n{{ x }}\n{% endfor %}", "variables": {"xs": [1, 2]}, "templates": {"tone": "Be {{ mood }}.\n"}, "template_variables": {"optional": {"mood": {"default": "calm"}, "xs": "array"}}}""");
        Assert.Equal("Be calm.1\n2\n", Text(rendered, "rendered_prompt"));
        Assert.Equal(["xs"], rendered.GetProperty("detected_variables").EnumerateArray().Select(name => name.GetString()));
        Assert.Empty(rendered.GetProperty("guardrail_violations").EnumerateArray());

        Assert.Equal("\n1", Text((await SendAsync(200, HttpMethod.Post, "preview", """{"template_text": "{% if true %}\n{{ x }}{{ y }}{% endif %}", "variables": {"x": 1}, "settings": {}}""")).Body, "rendered_prompt"));

        foreach (var (text, type, line) in ((string, string, int)[])[("a\n{% if %}", "TemplateSyntaxError", 2), ("{{ nobody }}", "UndefinedError", 1)])
        {
            var (failed, _) = await SendAsync(200, HttpMethod.Post, "preview", JsonSerializer.Serialize(new { template_text = text }));
            Assert.Equal(JsonValueKind.Null, failed.GetProperty("rendered_prompt").ValueKind);
            var diagnostic = Assert.Single(failed.GetProperty("diagnostics").EnumerateArray());
            Assert.Equal(("error", type, line), (Text(diagnostic, "kind"), Text(diagnostic, "type"), diagnostic.GetProperty("line").GetInt32()));
        }
        var (endless, _) = await SendAsync(200, HttpMethod.Post, "preview", """{"template_text": "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"}""");
        Assert.Equal("error", Text(endless.GetProperty("diagnostics")[0], "kind"));
    }

    [Fact]
    public async Task Preview_OfAVersion_TakesWhatTheBodyLeavesOut()
    {
        var id = (await SendAsync(201, HttpMethod.Post, "prompts", """{"name": "seen_before", "template_text": "Hi {{ who }}", "template_variables": {"optional": {"who": {"default": "you"}}}}""")).Body.GetProperty("id").GetGuid();

        Assert.Equal("Hi you", Text((await SendAsync(200, HttpMethod.Post, $"prompts/{id}/preview", "{}")).Body, "rendered_prompt"));
        Assert.Equal("Ho me", Text((await SendAsync(200, HttpMethod.Post, $"prompts/{id}/preview", """{"template_text": "Ho {{ who }}", "variables": {"who": "me"}}""")).Body, "rendered_prompt"));
        Assert.Equal("draft", Text((await SendAsync(200, HttpMethod.Get, $"prompts/{id}")).Body, "state"));
    }

    [Fact]
    public async Task AKeyThatMayOnlyWrite_MovesNothingProtected()
    {
        var key = await KeyAsync([ApiScope.Write, ApiScope.Read]);
        var id = (await SendAsync(201, HttpMethod.Post, "prompts", """{"name": "vault", "template_text": "x", "is_protected": true}""")).Body.GetProperty("id").GetGuid();
        await SendAsync(200, HttpMethod.Put, "labels/vaulted/protection");

        Assert.Equal("promotion_not_allowed", await ProblemAsync(403, HttpMethod.Post, $"prompts/{id}/activate", key: key));
        Assert.Equal("promotion_not_allowed", await ProblemAsync(403, HttpMethod.Put, "prompts/vault/labels/vaulted", """{"version": 1}""", key));
        Assert.Equal("scope_missing", await ProblemAsync(403, HttpMethod.Delete, "labels/vaulted/protection", key: key));
        Assert.Equal("scope_missing", Text((await SendAsync(403, HttpMethod.Put, $"prompts/{id}", """{"is_protected": false}""", "*", key)).Body, "code"));
        await SendAsync(200, HttpMethod.Post, $"prompts/{id}/activate");
        await SendAsync(200, HttpMethod.Put, "prompts/vault/labels/vaulted", """{"version": 1}""");
        await SendAsync(200, HttpMethod.Delete, "labels/vaulted/protection");
        Assert.Equal("approval_by_person", Text((await SendAsync(403, HttpMethod.Put, $"prompts/{id}/approval", null, "*")).Body, "code"));
    }

    [Fact]
    public async Task ABoundKey_RendersAndReportsOnlyItsPrompts()
    {
        var key = await KeyAsync([ApiScope.Render, ApiScope.Read], "clarification_questions");
        var execution = (await RenderAsync(200, "nlu_topic_extraction", """{"variables": {"query": "q", "grade_level": 1}}""")).GetProperty("execution_id").GetString();

        Assert.Equal("prompt_not_allowed", Text(await RenderAsync(403, "nlu_topic_extraction", """{"variables": {"query": "q", "grade_level": 1}}""", key), "code"));
        await RenderAsync(200, "clarification_questions", """{"variables": {"query": "q", "context": "c"}}""", key);
        Assert.Equal(["clarification_questions"], (await SendAsync(200, HttpMethod.Get, "prompts", key: key)).Body.GetProperty("items").EnumerateArray().Select(row => Text(row, "name")));
        var (refused, _) = await SendAsync(403, HttpMethod.Post, $"../executions/{execution}/outcome", """{"success": true}""", key: key);
        Assert.Equal("prompt_not_allowed", Text(refused, "code"));
        await SendAsync(200, HttpMethod.Post, $"../executions/{execution}/outcome", """{"success": true}""");
    }

    private static string? Text(JsonElement json, string member) => json.GetProperty(member).GetString();

    private async Task<JsonElement> RenderAsync(int status, string name, string body, string? key = null) =>
        (await SendAsync(status, HttpMethod.Post, $"../render/{name}", body, key: key)).Body;

    private async Task<string?> ProblemAsync(int status, HttpMethod method, string path, string? body = null, string? key = null)
    {
        var (problem, _) = await SendAsync(status, method, path, body, key: key);
        Assert.NotEmpty(Text(problem, "detail")!);
        return Text(problem, "code");
    }

    private async Task<(JsonElement Body, string? ETag)> SendAsync(int status, HttpMethod method, string path, string? body = null, string? ifMatch = null, string? key = null)
    {
        using var request = new HttpRequestMessage(method, new Uri("/api/admin/" + path, UriKind.Relative));
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key ?? StudioApp.Key);
        var response = await app.Anonymous.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(status == (int)response.StatusCode, $"{method} {path}: {(int)response.StatusCode} {text}");
        return (JsonElement.Parse(text), response.Headers.ETag?.ToString());
    }

    private async Task<string> KeyAsync(string[] scopes, params string[] names)
    {
        var key = ApiKey.New();
        await using var context = await app.OpenAsync();
        context.ApiKeys.Add(new ApiKeyRow
        {
            Id = Guid.CreateVersion7(Clock.GetUtcNow()),
            Name = string.Join(' ', scopes),
            Prefix = ApiKey.Prefix(key),
            KeyHash = ApiKey.Hash(key),
            Scopes = scopes,
            BoundNames = names,
            CreatedAt = Clock.GetUtcNow(),
        });
        await context.SaveChangesAsync(TestContext.Current.CancellationToken);
        return key;
    }
}
