using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using PromptStudio.Prompts;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Guardrails;

/// <summary>Prompts with guardrails, made through the API. Each test has a prompt of its own, and guardrails for it alone.</summary>
internal static class Guarded
{
    public const string Guardrails = "/api/admin/guardrails";
    public const string Violations = "/api/admin/guardrails/violations";

    /// <summary>A pattern of the shape of a social security number.</summary>
    public const string Ssn = """{"patterns": ["\\b\\d{3}-\\d{2}-\\d{4}\\b"]}""";

    /// <summary>An active prompt.</summary>
    public static async Task<Guid> PromptAsync(this StudioApp app, string name, string text, string? category = null)
    {
        await using var context = await app.OpenAsync();
        var template = new PromptTemplate { Id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), Name = name, TemplateText = text, Category = category, IsActive = true };
        await context.AddVersionAsync(template);
        return template.Id;
    }

    /// <summary>A guardrail for one prompt, whose name begins with the prompt's.</summary>
    /// <param name="app">Where.</param>
    /// <param name="prompt">The prompt, or a category.</param>
    /// <param name="ruleType">What it looks for.</param>
    /// <param name="config">Its <c>rule_config</c>.</param>
    /// <param name="members">Further members of the body, JSON.</param>
    public static async Task<JsonElement> GuardAsync(this StudioApp app, string prompt, string ruleType, string config, string members = "{}")
    {
        var body = JsonNode.Parse(members)!.AsObject();
        body.TryAdd("name", $"{prompt} {ruleType}");
        body["rule_type"] = ruleType;
        body["rule_config"] = JsonNode.Parse(config);
        body["applies_to"] = new JsonArray(prompt);
        var made = await app.Client.CallAsync(HttpMethod.Post, Guardrails, body.ToJsonString());
        Assert.True(made.Status == HttpStatusCode.Created, made.Text);
        return made.Json;
    }

    /// <summary>Renders, with variables as JSON and further members of the body.</summary>
    public static Task<ApiAnswer> RenderAsync(this StudioApp app, string prompt, string variables, string members = "") =>
        app.Client.CallAsync(HttpMethod.Post, $"/api/render/{prompt}", $$"""{"variables": {{variables}}{{(members.Length > 0 ? ", " + members : "")}}}""");

    /// <summary>The violations of an answer, or of a problem.</summary>
    public static List<JsonElement> Found(this ApiAnswer answer) => [.. answer.Json.GetProperty("guardrail_violations").EnumerateArray()];

    public static string? Text(this JsonElement json, string member) => json.GetProperty(member).ToString();

    public static Guid Id(this JsonElement json, string member = "id") => json.GetProperty(member).GetGuid();

    /// <summary>Every row of the tables that a render and its report write, as text.</summary>
    public static async Task<string> DumpAsync(this StudioApp app)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(app.ConnectionString);
        await using var dump = source.CreateCommand("""
            SELECT coalesce((SELECT string_agg(e::text, E'\n') FROM prompt_executions e), '') || coalesce((SELECT string_agg(v::text, E'\n') FROM guardrail_violations v), '')
                || coalesce((SELECT string_agg(r::text, E'\n') FROM execution_requests r), '') || coalesce((SELECT string_agg(a::text, E'\n') FROM audit_entries a), '')
            """);
        return (string)(await dump.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    /// <summary>Writes around the API.</summary>
    public static async Task SqlAsync(this StudioApp app, string sql)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(app.ConnectionString);
#pragma warning disable CA2100 // The tests' own statements.
        await using var command = source.CreateCommand(sql);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
