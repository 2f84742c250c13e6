using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using PromptStudio.Bench.Load;
using PromptStudio.Database;
using PromptStudio.Database.Embedded;

namespace PromptStudio.Bench.Torture;

/// <summary>A studio in a folder of its own, as its users run it: the app with its embedded PostgreSQL; or several nodes on a PostgreSQL that nobody kills.</summary>
internal sealed class TortureStage : IAsyncDisposable
{
    /// <summary>The prompt whose active version changes all the while.</summary>
    public const string Changed = "torture_changed";

    /// <summary>The prompt that an experiment runs on.</summary>
    public const string Tested = "torture_tested";

    public const string Key = "ps_key_of_the_torture_suite";

    private const int Versions = 3;

    private readonly string _folder;
    private readonly List<string> _settings = [];
    private readonly Dictionary<int, Process> _nodes = [];
    private readonly List<Uri> _known = [];
    private EmbeddedPostgres? _server;

    private TortureStage(string folder) => _folder = folder;

    /// <summary>Where nodes are that were ready once, also while they are away; replaced as a whole, as callers read it all the while.</summary>
    public IReadOnlyList<Uri> Addresses { get; private set; } = [];

    /// <summary>Of the first node.</summary>
    public HttpClient Client { get; private set; } = null!;

    public NpgsqlDataSource Database { get; private set; } = null!;

    public Ids Made { get; private set; } = null!;

    /// <summary>Where the embedded database is.</summary>
    public string Data => Path.Combine(_folder, "data");

    public int Postmaster => StudioBuild.Postmaster(Data);

    /// <summary>The process of the first node.</summary>
    public int App => _nodes[0].Id;

    /// <summary>Where the first node's hook listens.</summary>
    public int AskPort { get; } = Machine.FreePort();

    /// <summary>Starts a studio.</summary>
    /// <param name="ownServer">With a PostgreSQL beside it, so that several nodes can share it.</param>
    /// <param name="settings">Further settings.</param>
    /// <param name="prepare">Given the folder of the data, before anything is in it.</param>
    public static async Task<TortureStage> StartAsync(bool ownServer = false, string[]? settings = null, Action<string>? prepare = null)
    {
        var stage = new TortureStage(Directory.CreateTempSubdirectory("studio-torture-").FullName);
        try
        {
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(stage._folder, (UnixFileMode)0b111_101_101);
            prepare?.Invoke(stage.Data);
            stage._settings.AddRange(settings ?? []);
            if (ownServer)
            {
                stage._server = await EmbeddedPostgres.StartAsync(
                    new EmbeddedOptions { DataDirectory = stage.Data, Binaries = StudioBuild.Postgres }, TimeProvider.System, NullLogger.Instance, CancellationToken.None);
                stage._settings.Add($"--ConnectionStrings:Studio={new NpgsqlConnectionStringBuilder(stage._server.ConnectionString) { MaxPoolSize = 20 }.ConnectionString}");
            }
            else
            {
                stage._settings.Add($"--Database:Embedded:DataDirectory={stage.Data}");
            }
            await stage.StartNodeAsync(0);
            stage.Database = stage._server is null
                ? await StudioBuild.EmbeddedAsync(stage.Data)
                : NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(stage._server.ConnectionString) { Pooling = false });
            await stage.FillAsync();
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a node, the first time or again, and waits until it is ready.</summary>
    public async Task StartNodeAsync(int node)
    {
        if (_known.Count <= node)
            _known.Add(new Uri($"http://127.0.0.1:{Machine.FreePort()}"));
        var log = Path.Combine(_folder, $"node{node}-{Stopwatch.GetTimestamp()}.log");
        _nodes[node] = StudioBuild.Start(
            ["--urls", _known[node].GetLeftPart(UriPartial.Authority), $"--Bootstrap:ApiKey={Key}", "--RateLimits:RenderPerSecond=0", "--RateLimits:AdminPerSecond=0", .. _settings],
            log, node == 0 ? AskPort : null);
        if (node == 0 && Client is null)
        {
            Client = new HttpClient { BaseAddress = _known[0], Timeout = TimeSpan.FromSeconds(30) };
            Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        }
        await StudioBuild.ReadyAsync(_known[node], _nodes[node], log);
        if (!Addresses.Contains(_known[node]))
            Addresses = [.. Addresses, _known[node]];
    }

    /// <summary>A node does not come back: callers are told no longer that it is there.</summary>
    public void Forget(int node) => Addresses = [.. Addresses.Where(address => address != _known[node])];

    /// <summary>kill -9 of a node.</summary>
    public async Task KillNodeAsync(int node)
    {
        _nodes[node].Kill();
        await _nodes[node].WaitForExitAsync();
    }

    /// <summary>Sends a signal to every process of the embedded PostgreSQL, its parent first.</summary>
    public void SignalPostgres(string signal)
    {
        var postmaster = Postmaster;
        foreach (var process in Machine.Children(postmaster).Prepend(postmaster))
        {
            using var kill = Process.Start(new ProcessStartInfo("kill", [$"-{signal}", process.ToString(CultureInfo.InvariantCulture)]) { RedirectStandardError = true })!;
            kill.WaitForExit();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        foreach (var node in _nodes.Values.Where(node => !node.HasExited))
            await StudioBuild.StopAsync(node);
        if (Database is not null)
            await Database.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    /// <summary>Removes the folder.</summary>
    public void Remove() => Directory.Delete(_folder, recursive: true);

    private async Task FillAsync()
    {
        var versions = new List<string>();
        for (var version = 1; version <= Versions; version++)
            versions.Add(await VersionAsync(Changed, versions.FirstOrDefault(), $"Version {version} says {{{{ word }}}}."));
        await Client.PostAsync($"/api/admin/prompts/{versions[0]}/activate", []);
        var control = await VersionAsync(Tested, null, "Control says {{ word }}.");
        await Client.PostAsync($"/api/admin/prompts/{control}/activate", []);
        var variant = await VersionAsync(Tested, control, "Variant says {{ word }}.");
        var experiment = await Client.PostAsync("/api/admin/ab-tests", new JsonObject
        {
            ["name"] = "torture",
            ["control_template_id"] = control,
            ["variant_template_ids"] = new JsonArray(variant),
            ["traffic_allocation"] = new JsonObject { ["control"] = 50, ["variant_a"] = 50 },
            ["primary_metric"] = "success_rate",
        });
        await Client.PostAsync($"/api/admin/ab-tests/{experiment["id"]}/start", []);
        Made = new Ids(versions, experiment["id"]!.GetValue<string>());
    }

    private async Task<string> VersionAsync(string prompt, string? parent, string text)
    {
        var made = parent is null
            ? await Client.PostAsync("/api/admin/prompts", new JsonObject { ["name"] = prompt, ["template_text"] = text })
            : await Client.PostAsync($"/api/admin/prompts/{parent}/versions", new JsonObject { ["template_text"] = text });
        return made["id"]!.GetValue<string>();
    }

    /// <summary>What changes work on.</summary>
    /// <param name="Versions">Of <see cref="Changed"/>.</param>
    /// <param name="Experiment">On <see cref="Tested"/>.</param>
    internal sealed record Ids(IReadOnlyList<string> Versions, string Experiment);
}
