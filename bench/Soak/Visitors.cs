using Microsoft.Playwright;
using PromptStudio.Bench.Screens;
using PromptStudio.Bench.Torture;

namespace PromptStudio.Bench.Soak;

/// <summary>People with browsers: each opens a page, waits until it answers, looks at it for a moment and closes it. Every fourth page goes away without a word, as with a lost network.</summary>
internal sealed class Visitors(IBrowserContext context, TortureStage.Ids ids) : IAsyncDisposable
{
    private const int Count = 2;

    private static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    private readonly string[] _addresses =
    [
        "/admin/prompts", $"/admin/prompts/{ids.Versions[0]}/edit", $"/admin/ab-tests/{ids.Experiment}", "/admin/executions", "/admin/guardrails/new?from=us-ssn-regex",
        $"/admin/prompts/{ids.Versions[1]}/compare", "/admin/ab-tests", "/admin/guardrails/violations", "/admin/audit", "/admin/prompts?search=torture&sort=name", "/admin/settings",
    ];

    private readonly CancellationTokenSource _stop = new();
    private Task _all = Task.CompletedTask;
    private int _opened;
    private int _failed;

    /// <summary>Pages that answered.</summary>
    public int Opened => _opened;

    /// <summary>Pages that did not, or wrote an error to the browser's console.</summary>
    public int Failed => _failed;

    /// <summary>What the last of them said.</summary>
    public string? Complaint { get; private set; }

    public void Start() => _all = Task.WhenAll(Enumerable.Range(0, Count).Select(number => Task.Run(() => RunAsync(number))));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _all;
        _stop.Dispose();
    }

    private async Task RunAsync(int number)
    {
        for (var turn = number; !_stop.IsCancellationRequested; turn += Count)
        {
            var address = _addresses[turn % _addresses.Length];
            var page = await context.NewPageAsync();
            page.PageError += (_, error) => Complain($"{address}: {error}");
            page.Console += (_, message) =>
            {
                if (message.Type == "error")
                    Complain($"{address}: {message.Text}");
            };
            try
            {
                var answer = await page.GotoAsync(address);
                if (answer is not { Ok: true })
                    Complain($"{address}: {answer?.Status}");
                await StudioBrowser.ReadyAsync(page);
                Interlocked.Increment(ref _opened);
                await Task.Delay(Look);
                if (turn % 4 != 0)
                    await page.GotoAsync("about:blank");
            }
            catch (Exception exception) when (exception is PlaywrightException or TimeoutException)
            {
                Complain($"{address}: {exception.Message}");
            }
            await page.CloseAsync();
        }
    }

    private void Complain(string text)
    {
        Interlocked.Increment(ref _failed);
        Complaint = text;
    }
}
