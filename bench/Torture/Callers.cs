using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using PromptStudio.Bench.Load;

namespace PromptStudio.Bench.Torture;

/// <summary>
/// Callers as an application has them: a steady rate, an id for each request, the same id again until it is answered, and an outcome for every third answer. They know
/// several addresses, and try the next one when one does not answer.
/// </summary>
internal sealed class Callers(Journal journal, Func<IReadOnlyList<Uri>> addresses, string key) : IAsyncDisposable
{
    /// <summary>Requests a second, of all callers together.</summary>
    public const int Rate = 160;

    private const int Count = 16;

    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(50);

    private readonly HttpClient _client = new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(2) }) { Timeout = TimeSpan.FromSeconds(30) };
    private readonly CancellationTokenSource _stop = new();
    private Task _all = Task.CompletedTask;
    private int _sent;
    private int _failed;

    /// <summary>Renders and outcomes that were sent, each time anew.</summary>
    public int Sent => _sent;

    /// <summary>Those that were not answered as they should.</summary>
    public int Failed => _failed;

    public void Start() => _all = Task.WhenAll(Enumerable.Range(0, Count).Select(number => Task.Run(() => RunAsync(number))));

    /// <summary>No new requests; those under way are tried until they are answered, or for half a minute.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _all.WaitAsync(TimeSpan.FromMinutes(2));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _all;
        _stop.Dispose();
        _client.Dispose();
    }

    private async Task RunAsync(int number)
    {
        var pause = TimeSpan.FromSeconds((double)Count / Rate);
        await Task.Delay(pause * number / Count);
        for (var turn = number; !_stop.IsCancellationRequested; turn += Count)
        {
            var started = Stopwatch.GetTimestamp();
            if (await AskAsync(turn) is { } answer)
            {
                if (turn % 3 == 0)
                    answer.HasOutcome = await ReportAsync(answer.Execution, turn);
                journal.Answers.Enqueue(answer);
            }
            var left = pause - Stopwatch.GetElapsedTime(started);
            if (left > TimeSpan.Zero)
                await Task.Delay(left);
        }
    }

    private async Task<Acknowledged?> AskAsync(int turn)
    {
        var prompt = turn % 4 == 0 ? TortureStage.Tested : TortureStage.Changed;
        var request = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        var body = $$"""{"variables": {"word": "w{{turn}}"}, "user_id": "user-{{turn % 500}}", "request_id": "{{request}}"}""";
        var sent = Stopwatch.GetTimestamp();
        var stopped = 0L;
        for (var attempt = 0; ; attempt++)
        {
            var began = Stopwatch.GetTimestamp();
            var answer = await PostAsync($"/api/render/{prompt}", body, attempt);
            journal.Attempts.Enqueue((began, Stopwatch.GetTimestamp(), answer is not null));
            if (answer is { } json)
                return new Acknowledged(request, json.GetProperty("execution_id").GetGuid(), prompt, json.GetProperty("template_version").GetInt32(), sent, Stopwatch.GetTimestamp());
            if (_stop.IsCancellationRequested)
            {
                stopped = stopped == 0 ? Stopwatch.GetTimestamp() : stopped;
                if (Stopwatch.GetElapsedTime(stopped) > TimeSpan.FromSeconds(30))
                    return null;
            }
            await Task.Delay(Retry);
        }
    }

    private async Task<bool> ReportAsync(Guid execution, int turn)
    {
        for (var attempt = 0; attempt < 400; attempt++)
        {
            if (await PostAsync($"/api/executions/{execution}/outcome", """{"success": true, "execution_time_ms": 5}""", turn + attempt) is not null)
                return true;
            await Task.Delay(Retry);
        }
        return false;
    }

    /// <summary>Null: no answer, or one that says to try again.</summary>
    private async Task<JsonElement?> PostAsync(string path, string body, int attempt)
    {
        var answer = await TryAsync(path, body, attempt);
        Interlocked.Increment(ref _sent);
        if (answer is null)
            Interlocked.Increment(ref _failed);
        return answer;
    }

    private async Task<JsonElement?> TryAsync(string path, string body, int attempt)
    {
        try
        {
            var known = addresses();
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(known[attempt % known.Count], path))
            {
                Content = new StringContent(body, Encoding.UTF8, "application/json"),
                Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
            };
            using var response = await _client.SendAsync(request);
            if (!response.IsSuccessStatusCode)
                return null;
            return JsonElement.Parse(await response.Content.ReadAsStringAsync());
        }
        catch (Exception exception) when (StudioBuild.IsAway(exception))
        {
            return null;
        }
    }
}
