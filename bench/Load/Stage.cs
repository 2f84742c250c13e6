using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PromptStudio.Bench.Guardrails;
using PromptStudio.Bench.Templating;
using PromptStudio.Database;
using PromptStudio.Database.Embedded;

namespace PromptStudio.Bench.Load;

/// <summary>The studio in Release on its embedded PostgreSQL, each a process of its own, with a prompt, ten guardrails and a running experiment.</summary>
internal sealed class Stage : IAsyncDisposable
{
    public const string Key = "ps_benchmark_key_of_the_load_bench";
    public const string Prompt = "bench_support";

    private readonly string _folder;
    private readonly bool _keep;
    private EmbeddedPostgres _postgres = null!;

    private Stage(string folder, bool keep) => (_folder, _keep) = (folder, keep);

    public Process App { get; private set; } = null!;

    public int Port { get; private set; }

    /// <summary>Where the app tells what it has allocated.</summary>
    public int AskPort { get; } = Machine.FreePort();

    public HttpClient Client { get; private set; } = null!;

    public NpgsqlDataSource Database { get; private set; } = null!;

    /// <summary>How long the app took until it was ready.</summary>
    public TimeSpan Readiness { get; private set; }

    public int Postmaster => StudioBuild.Postmaster(FileOf("data"));

    public string FileOf(string name) => Path.Combine(_folder, name);

    /// <summary>Starts everything.</summary>
    /// <param name="folder">Where the data lives; null: a folder that is removed at the end.</param>
    public static async Task<Stage> StartAsync(string? folder)
    {
        var stage = new Stage(folder is null ? Directory.CreateTempSubdirectory("studio-bench-").FullName : Path.GetFullPath(folder), folder is not null);
        Directory.CreateDirectory(stage._folder);
        if (!OperatingSystem.IsWindows())
            System.IO.File.SetUnixFileMode(stage._folder, (UnixFileMode)0b111_101_101);
        stage._postgres = await EmbeddedPostgres.StartAsync(
            new EmbeddedOptions { DataDirectory = stage.FileOf("data"), Binaries = StudioBuild.Postgres }, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
        stage.Database = NpgsqlDataSource.Create(stage._postgres.ConnectionString);
        // The first start makes the schema; the second one is a start as any other.
        await stage.StartAppAsync();
        await stage.StopAppAsync();
        await stage.StartAppAsync();
        await stage.FillAsync();
        return stage;
    }

    public async Task StartAppAsync(bool isKillable = false)
    {
        Port = Machine.FreePort();
        var started = Stopwatch.GetTimestamp();
        App = StudioBuild.Start(
            ["--urls", $"http://127.0.0.1:{Port}", $"--ConnectionStrings:Studio={_postgres.ConnectionString}", $"--Bootstrap:ApiKey={Key}", "--RateLimits:RenderPerSecond=1000000", "--RateLimits:AdminPerSecond=0"],
            FileOf(isKillable ? "app-killed.log" : "app.log"), AskPort);
        Client?.Dispose();
        Client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Port}"), Timeout = TimeSpan.FromSeconds(30) };
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        await StudioBuild.ReadyAsync(Client.BaseAddress, App, FileOf("app.log"));
        Readiness = Stopwatch.GetElapsedTime(started);
    }

    public Task StopAppAsync() => StudioBuild.StopAsync(App);

    /// <summary>The answer to a render, as the bare server has to write it.</summary>
    public async Task<string> RenderAsync()
    {
        using var content = new StringContent($$"""{"variables": {{SamplePrompt.Json}}, "user_id": "user-0"}""", System.Text.Encoding.UTF8, "application/json");
        using var response = await Client.PostAsync(new Uri($"/api/render/{Prompt}", UriKind.Relative), content);
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode ? text : throw new InvalidOperationException($"A render failed: {text}");
    }

    /// <summary>Milliseconds that this machine takes to commit one row: the median.</summary>
    public async Task<double> CommitAsync(int rows)
    {
        await using var connection = await Database.OpenConnectionAsync();
        await using (var create = new NpgsqlCommand("CREATE TABLE IF NOT EXISTS bench_commits (id bigserial PRIMARY KEY, text text NOT NULL)", connection))
            await create.ExecuteNonQueryAsync();
        await using var insert = new NpgsqlCommand("INSERT INTO bench_commits (text) VALUES ($1)", connection) { Parameters = { new() { Value = SampleRules.Prompt(1_900) } } };
        await insert.PrepareAsync();
        var times = new Times();
        for (var row = 0; row < rows; row++)
        {
            var started = Stopwatch.GetTimestamp();
            await insert.ExecuteNonQueryAsync();
            times.Add(Stopwatch.GetTimestamp() - started);
        }
        return times.Quantile(0.5);
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (App is { HasExited: false })
            await StopAppAsync();
        if (Database is not null)
            await Database.DisposeAsync();
        await _postgres.DisposeAsync();
        if (!_keep)
            Directory.Delete(_folder, recursive: true);
    }

    private async Task FillAsync()
    {
        using (var exists = await Client.GetAsync(new Uri($"/api/admin/prompts?search={Prompt}", UriKind.Relative)))
        {
            if ((await exists.Content.ReadAsStringAsync()).Contains($"\"{Prompt}\"", StringComparison.Ordinal))
                return;
        }
        var first = await Client.PostAsync("/api/admin/prompts", new JsonObject { ["name"] = Prompt, ["template_text"] = SamplePrompt.Jinja });
        var control = first["id"]!.GetValue<string>();
        await Client.PostAsync($"/api/admin/prompts/{control}/activate", []);
        var second = await Client.PostAsync($"/api/admin/prompts/{control}/versions", new JsonObject { ["template_text"] = SamplePrompt.Jinja.Replace("Never promise", "Do not promise", StringComparison.Ordinal) });
        var number = 0;
        foreach (var rule in SampleRules.Typical)
        {
            await Client.PostAsync("/api/admin/guardrails", new JsonObject
            {
                ["name"] = $"bench {++number}",
                ["rule_type"] = rule.RuleType,
                ["rule_config"] = JsonNode.Parse(rule.RuleConfig),
                ["enforcement_level"] = "blocking",
            });
        }
        var experiment = await Client.PostAsync("/api/admin/ab-tests", new JsonObject
        {
            ["name"] = "bench",
            ["control_template_id"] = control,
            ["variant_template_ids"] = new JsonArray(second["id"]!.GetValue<string>()),
            ["traffic_allocation"] = new JsonObject { ["control"] = 50, ["variant_a"] = 50 },
            ["primary_metric"] = "success_rate",
        });
        await Client.PostAsync($"/api/admin/ab-tests/{experiment["id"]}/start", []);
    }
}
