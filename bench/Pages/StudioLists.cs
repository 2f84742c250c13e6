using System.Globalization;
using System.Text.Json.Nodes;

namespace PromptStudio.Bench.Pages;

/// <summary>The addresses of every list of the studio, as page and as API: as it opens, and with filters, sorts and pages.</summary>
internal static class StudioLists
{
    private const string Prompts = "/admin/prompts";
    private const string Experiments = "/admin/ab-tests";
    private const string Guardrails = "/admin/guardrails";
    private const string Violations = "/admin/guardrails/violations";
    private const string Executions = "/admin/executions";
    private const string Audit = "/admin/audit";

    /// <summary>The addresses, with what this studio has.</summary>
    public static async Task<IReadOnlyList<string>> OfAsync(HttpClient studio)
    {
        var generated = await CountAsync(studio, "/api/admin/prompts?search=generated_") > 0;
        var (search, category) = generated ? ("generated_00", "generated_7") : ("answer", await OneAsync(studio, "/api/admin/prompts", "category"));
        var execution = await ItemAsync(studio, "/api/admin/executions?status=success&page_size=100", 99);
        var (prompt, user, after) = (execution["prompt_name"], execution["user_id"], execution["id"]);
        var experiment = await OneAsync(studio, "/api/admin/ab-tests?status=running", "id");
        var guardrail = await OneAsync(studio, "/api/admin/guardrails?sort=-hits", "id");
        var violated = await OneAsync(studio, "/api/admin/guardrails/violations", "prompt_name");
        var last = await CountAsync(studio, "/api/admin/prompts");
        var entries = await CountAsync(studio, "/api/admin/audit");
        var yesterday = TimeProvider.System.GetUtcNow().AddDays(-1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return
        [
            Prompts, $"{Prompts}?search={search}", $"{Prompts}?search=support", $"{Prompts}?category={category}", $"{Prompts}?status=active", $"{Prompts}?status=draft", $"{Prompts}?status=inactive",
            .. Sorted(Prompts, "name", "category", "active", "versions", "executions", "changed"), $"{Prompts}?page={Pages(last, 25)}", $"{Prompts}?sort=-executions&page={Pages(last, 25)}", $"{Prompts}?category={category}&search=generated&sort=-executions",
            "/api/admin/prompts", $"/api/admin/prompts?search={search}", $"/api/admin/prompts?category={category}", "/api/admin/prompts?status=draft",
            .. Sorted("/api/admin/prompts", "name", "category", "active_version", "versions", "executions", "changed_at"), $"/api/admin/prompts?page={Pages(last, 20)}&page_size=20", "/api/admin/prompts?page_size=200", "/api/admin/labels",
            Experiments, $"{Experiments}?status=running", $"{Experiments}?search=answer", .. Sorted(Experiments, "name", "prompt_name", "status", "started_at"), "/api/admin/ab-tests", "/api/admin/ab-tests?status=running&sort=-started_at",
            Guardrails, $"{Guardrails}?state=on", $"{Guardrails}?type=regex", $"{Guardrails}?search=e", .. Sorted(Guardrails, "rule_type", "created_at", "hits"), "/api/admin/guardrails", "/api/admin/guardrails?sort=-hits",
            Violations, $"{Violations}?range=30d", $"{Violations}?outcome=blocked", $"{Violations}?rule={guardrail}", $"{Violations}?prompt={violated}&range=30d", "/api/admin/guardrails/violations", $"/api/admin/guardrails/violations?guardrail={guardrail}",
            $"/api/admin/guardrails/violations?prompt={violated}", "/api/admin/guardrails/violations/by-day",
            Executions, $"{Executions}?range=30d", $"{Executions}?status=error", $"{Executions}?status=blocked&range=30d", $"{Executions}?prompt={prompt}", $"{Executions}?prompt={prompt}&status=blocked&range=30d", $"{Executions}?user={user}",
            $"{Executions}?user={user}&range=30d", $"{Executions}?experiment={experiment}", $"{Executions}?experiment={experiment}&group=control", $"{Executions}?group=control", $"{Executions}?guardrail={guardrail}", $"{Executions}?guardrail={guardrail}&range=30d", $"{Executions}?after={after}", $"{Executions}?id={after}",
            $"{Executions}?range=custom&to={yesterday}", "/api/admin/executions", "/api/admin/executions?page_size=200", $"/api/admin/executions?prompt={prompt}", "/api/admin/executions?status=blocked", $"/api/admin/executions?user_id={user}",
            "/api/admin/executions?ab_test_group=control", $"/api/admin/executions?after={after}",
            Audit, $"{Audit}?search=prompt", $"{Audit}?action=prompt.activated&range=30d", $"{Audit}?actor=ada%40example.com&range=30d", "/api/admin/audit", "/api/admin/audit?search=prompt", $"/api/admin/audit?page={Pages(entries, 20)}&page_size=20",
            "/admin/api-keys", "/admin/api-keys?search=e&sort=name", "/api/admin/api-keys", "/admin/users", "/admin/users?search=example&sort=-email", "/api/admin/users",
        ];
    }

    private static IEnumerable<string> Sorted(string list, params string[] columns) => columns.SelectMany(column => (string[])[$"{list}?sort={column}", $"{list}?sort=-{column}"]);

    private static long Pages(long count, int size) => Math.Max(1, (count + size - 1) / size);

    private static async Task<long> CountAsync(HttpClient studio, string list) => (await ReadAsync(studio, list))["total"]!.GetValue<long>();

    private static async Task<string> OneAsync(HttpClient studio, string list, string member) =>
        Uri.EscapeDataString((await ItemAsync(studio, list, 0))[member]?.GetValue<string>() ?? throw new InvalidOperationException($"{list} has no {member}."));

    /// <summary>An item of a list, or the last one when there are not so many.</summary>
    private static async Task<JsonNode> ItemAsync(HttpClient studio, string list, int index)
    {
        var items = (await ReadAsync(studio, list))["items"]!.AsArray();
        return items.Count == 0 ? throw new InvalidOperationException($"{list} has nothing.") : items[Math.Min(index, items.Count - 1)]!;
    }

    private static async Task<JsonNode> ReadAsync(HttpClient studio, string list) => JsonNode.Parse(await studio.GetStringAsync(new Uri(list, UriKind.Relative)))!;
}
