using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using PromptStudio.Experiments;
using PromptStudio.Prompts;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Experiments;

/// <summary>Prompts with experiments, made through the API. Each test has a prompt of its own.</summary>
internal static class Experimenting
{
    public const string Root = "/api/admin/ab-tests";

    /// <summary>A prompt whose version n renders to "vn …"; version 1 is active.</summary>
    public static async Task<Guid[]> VersionsAsync(this StudioApp app, string name, int count = 2, string text = " {{ text }}")
    {
        var now = TimeProvider.System.GetUtcNow();
        var ids = Enumerable.Range(0, count).Select(_ => Guid.CreateVersion7(now)).ToArray();
        await using var context = await app.OpenAsync();
        for (var version = 1; version <= count; version++)
        {
            await context.AddVersionAsync(new PromptTemplate
            {
                Id = ids[version - 1],
                Name = name,
                Version = version,
                TemplateText = $"v{version}{text}",
                IsActive = version == 1,
            });
        }
        return ids;
    }

    /// <summary>An experiment of these versions, the control first, as a draft.</summary>
    public static async Task<Guid> DraftAsync(this StudioApp app, string name, Guid[] versions, string members = "{}")
    {
        var body = JsonNode.Parse(members)!.AsObject();
        body["name"] = name;
        body["control_template_id"] = versions[0];
        body["variant_template_ids"] = new JsonArray([.. versions[1..].Select(id => (JsonNode)id)]);
        body.TryAdd("primary_metric", "success_rate");
        var made = await app.Client.CallAsync(HttpMethod.Post, Root, body.ToJsonString());
        Assert.True(made.Status == HttpStatusCode.Created, made.Text);
        return made.Json.GetProperty("id").GetGuid();
    }

    /// <summary>A prompt with a running experiment of the same name.</summary>
    public static async Task<(Guid Id, Guid[] Versions)> RunningAsync(this StudioApp app, string name, string members = "{}", int versions = 2, string text = " {{ text }}")
    {
        var ids = await app.VersionsAsync(name, versions, text);
        var id = await app.DraftAsync(name, ids, members);
        var started = await app.MoveAsync(id, "start");
        Assert.True(started.Status == HttpStatusCode.OK, started.Text);
        return (id, ids);
    }

    public static Task<ApiAnswer> MoveAsync(this StudioApp app, Guid id, string move, object? body = null) => app.Client.CallAsync(HttpMethod.Post, $"{Root}/{id}/{move}", body);

    /// <summary>Changes an experiment, whatever its revision.</summary>
    public static async Task<ApiAnswer> ChangeAsync(this StudioApp app, Guid id, string body, string ifMatch = "*")
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, $"{Root}/{id}") { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        using var response = await app.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new ApiAnswer(response.StatusCode, JsonDocument.Parse(text).RootElement, text);
    }

    /// <summary>Renders for a user.</summary>
    public static Task<ApiAnswer> AskAsync(this StudioApp app, string prompt, string? user, string members = "") => app.Client.CallAsync(
        HttpMethod.Post, $"/api/render/{prompt}", $$"""{"variables": {"text": "x"}{{(user is null ? "" : $", \"user_id\": \"{user}\"")}}{{(members.Length > 0 ? ", " + members : "")}}}""");

    public static Task<ApiAnswer> ReportAsync(this StudioApp app, string executionId, string outcome) => app.Client.CallAsync(HttpMethod.Post, $"/api/executions/{executionId}/outcome", outcome);

    public static ExperimentRecompute Recompute(this StudioApp app) => app.Services.GetRequiredService<ExperimentRecompute>();

    /// <summary>The stored sums of users and groups, as text, whatever their order.</summary>
    public static async Task<string> SumsAsync(this StudioApp app, Guid id)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(app.ConnectionString);
        await using var dump = source.CreateCommand("""
            SELECT coalesce((SELECT string_agg(u::text, E'\n' ORDER BY u::text) FROM experiment_units u WHERE experiment_id = $1), '')
                || E'\n' || coalesce((SELECT string_agg(format('%s %s %s %s %s %s %s %s %s', phase, group_name, metric, users, trim_scale(value_sum), trim_scale(weight_sum),
                    trim_scale(value_squares), trim_scale(weight_squares), trim_scale(products)), E'\n' ORDER BY phase, group_name, metric)
                    FROM experiment_sums WHERE experiment_id = $1 AND users > 0), '')
                || E'\n' || coalesce((SELECT string_agg(format('%s %s %s', number, crossovers, without_user), E'\n' ORDER BY number) FROM experiment_phases WHERE experiment_id = $1), '')
            """);
        dump.Parameters.Add(new Npgsql.NpgsqlParameter { Value = id });
        return (string)(await dump.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }

    /// <summary>The sums of the newest snapshot.</summary>
    public static async Task<PromptStudio.Core.Experiments.ExperimentSums> SnapshotAsync(this StudioApp app, Guid id)
    {
        var metrics = await app.Client.CallAsync(HttpMethod.Get, $"{Root}/{id}/metrics");
        return metrics.Json.GetProperty("snapshot").GetProperty("sums").Deserialize<PromptStudio.Core.Experiments.ExperimentSums>(Snapshots.Json)!;
    }

    /// <summary>Stores executions with outcomes around the API: so many users a group, of whom so many succeed.</summary>
    public static async Task StoreAsync(this StudioApp app, Guid id, int phase, params (string Group, int Users, int Successes)[] groups)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(app.ConnectionString);
        foreach (var (group, users, successes) in groups)
        {
            await using var command = source.CreateCommand("""
                INSERT INTO prompt_executions (id, created_at, prompt_template_id, variables, rendered_prompt, status, experiment_id, experiment_phase, ab_test_group, user_id,
                                               success, conversion_metric, execution_time_ms, outcome_at)
                SELECT gen_random_uuid(), date_trunc('milliseconds', now()) + n * interval '1 millisecond', gen_random_uuid(), '{}', '', 'success', $1, $2, $3, $3 || n, n <= $5, (n <= $5)::int, 100 + n % 50, now()
                FROM generate_series(1, $4) n
                """);
            command.Parameters.AddRange(new object[] { id, phase, group, users, successes }.Select(value => new Npgsql.NpgsqlParameter { Value = value }).ToArray());
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
    }
}
