using System.Text;
using PromptStudio.Bench.Load;
using PromptStudio.Bench.Torture;

namespace PromptStudio.Bench.Soak;

/// <summary>Programs beside the applications: dry runs of a prompt, and reads of the admin API, each at a steady rate.</summary>
internal sealed class Readers(HttpClient studio, TortureStage.Ids ids) : IAsyncDisposable
{
    /// <summary>Dry runs a second.</summary>
    public const int DryRuns = 20;

    /// <summary>Reads of the admin API a second.</summary>
    public const int Reads = 10;

    private readonly string[] _addresses =
    [
        "/api/admin/prompts?page_size=20", "/api/admin/prompts?search=torture&sort=-executions", $"/api/admin/prompts/{ids.Versions[0]}", $"/api/admin/prompts/{ids.Versions[0]}/versions",
        "/api/admin/ab-tests", $"/api/admin/ab-tests/{ids.Experiment}", $"/api/admin/ab-tests/{ids.Experiment}/metrics", "/api/admin/guardrails", "/api/admin/guardrails/violations", "/api/admin/executions?page_size=50",
        "/api/admin/audit", "/api/admin/users", "/api/admin/api-keys", "/api/catalogue",
    ];

    private readonly CancellationTokenSource _stop = new();
    private Task _all = Task.CompletedTask;
    private int _sent;
    private int _failed;

    public int Sent => _sent;

    public int Failed => _failed;

    /// <summary>What the last of them was.</summary>
    public string? Complaint { get; private set; }

    public void Start() => _all = Task.WhenAll(
        Task.Run(() => RunAsync(DryRuns, turn => new HttpRequestMessage(HttpMethod.Post, $"/api/render/{TortureStage.Tested}")
        {
            Content = new StringContent($$"""{"variables": {"word": "w{{turn}}"}, "user_id": "user-{{turn % 500}}", "dry_run": true}""", Encoding.UTF8, "application/json"),
        })),
        Task.Run(() => RunAsync(Reads, turn => new HttpRequestMessage(HttpMethod.Get, _addresses[turn % _addresses.Length]))));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _all;
        _stop.Dispose();
    }

    private async Task RunAsync(int rate, Func<int, HttpRequestMessage> make)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / rate));
        for (var turn = 0; !_stop.IsCancellationRequested; turn++)
        {
            await timer.WaitForNextTickAsync();
            using var request = make(turn);
            try
            {
                Interlocked.Increment(ref _sent);
                using var response = await studio.SendAsync(request);
                if (!response.IsSuccessStatusCode)
                    Complain($"{request.RequestUri}: {(int)response.StatusCode}");
            }
            catch (Exception exception) when (StudioBuild.IsAway(exception))
            {
                Complain($"{request.RequestUri}: {exception.Message}");
            }
        }
    }

    private void Complain(string text)
    {
        Interlocked.Increment(ref _failed);
        Complaint = text;
    }
}
