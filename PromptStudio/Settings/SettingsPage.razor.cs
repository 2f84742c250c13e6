using Microsoft.AspNetCore.Components;
using PromptStudio.Access;
using PromptStudio.Shell;

namespace PromptStudio.Settings;

/// <summary>What the studio runs with; read only, because its configuration decides.</summary>
public sealed partial class SettingsPage : IDisposable
{
    private readonly CancellationTokenSource _left = new();
    private StudioSettings? _settings;
    private string? _problem;

    [Inject]
    public required SettingsStore Store { get; init; }

    [Inject]
    public required CurrentActor Me { get; init; }

    public void Dispose()
    {
        _left.Cancel();
        _left.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        var answer = await Store.ReadAsync(await Me.GetAsync(), _left.Token);
        (_settings, _problem) = (answer.Value, answer.Problem?.Detail);
    }

    private static string Size(long bytes) => bytes switch
    {
        >= 1L << 30 => (bytes / (double)(1L << 30)).ToString("N1", Languages.Current.Format) + "\u00a0GB",
        >= 1L << 20 => (bytes / (double)(1L << 20)).ToString("N0", Languages.Current.Format) + "\u00a0MB",
        _ => (bytes / 1024.0).ToString("N0", Languages.Current.Format) + "\u00a0KB",
    };

    private static string? About(string name) => name switch
    {
        "Database:StartTimeout" => "How long the start waits for a configured server.",
        "Database:Embedded:DataDirectory" => "Where the embedded database lives.",
        "Database:Embedded:Binaries" => "A PostgreSQL of your own for the embedded database.",
        "Database:Embedded:RunAs" => "The account of the embedded database, when the studio runs as root.",
        "Database:Embedded:Fsync" => "Whether a commit waits for the disk. Leave it on.",
        "RateLimits:RenderPerSecond" => "Renders and outcomes a second, for each API key and node. 0: no limit.",
        "RateLimits:AdminPerSecond" => "Calls of the admin API a second, for each key or person and node. 0: no limit.",
        "RateLimits:AccountPerMinute" => "Sign-ins and other account forms a minute, for each address. 0: no limit.",
        "RateLimits:WrongKeysPerMinute" => "Wrong API keys a minute, for each address. 0: no limit.",
        "ForwardedHeaders:KnownProxies" => "Proxies whose word on the caller's address counts.",
        "ForwardedHeaders:Hops" => "Proxies that a request passes, one behind the other.",
        "Jobs:Enabled" => "Whether this node runs jobs. At least one node should.",
        "Executions:RetentionMonths" => "Whole months of executions and violations that are kept before the current one. 0: all.",
        "ModelChecks:AllowedHosts" => "Hosts that model checks may ask. Empty: any.",
        "ModelChecks:TimeLimit" => "How long a render waits for all its models together.",
        "ModelChecks:UseProxy" => "Whether models are asked through the proxy of the environment.",
        "Jobs:PollInterval" => "How often this node looks for jobs that are due.",
        "Shutdown:DrainSeconds" => "How long the node still serves before it stops, so that the load balancer sees it leave.",
        "Cache:Megabytes" => "Megabytes that a node keeps in its memory.",
        "Cache:RedisTimeout" => "How long a request waits for Redis.",
        _ => null,
    };
}
