using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using PromptStudio.Bench.Load;

namespace PromptStudio.Bench.Torture;

/// <summary>Somebody who works in the studio all the while: activates one version after the other, makes guardrails and removes them, pauses an experiment and resumes it.</summary>
internal sealed class Changes(Journal journal, HttpClient studio, Func<Uri> address, TortureStage.Ids ids) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _work = Task.CompletedTask;

    /// <summary>Changes that were acknowledged.</summary>
    public int Done { get; private set; }

    /// <summary>Those that were not.</summary>
    public int Failed { get; private set; }

    /// <summary>What the last of them was.</summary>
    public string? Complaint { get; private set; }

    public void Start() => _work = Task.Run(RunAsync);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        for (var turn = 1; !_stop.IsCancellationRequested; turn++)
        {
            var version = turn % ids.Versions.Count;
            var sent = Stopwatch.GetTimestamp();
            var isDone = await SendAsync(HttpMethod.Post, $"/api/admin/prompts/{ids.Versions[version]}/activate", []) is not null;
            journal.Activated(TortureStage.Changed, version + 1, sent, Stopwatch.GetTimestamp(), isDone);
            if (turn % 3 == 0)
                await GuardAsync(turn);
            if (turn % 4 == 0)
                await SendAsync(HttpMethod.Post, $"/api/admin/ab-tests/{ids.Experiment}/{(turn % 8 == 4 ? "pause" : "resume")}", []);
            await Task.Delay(100);
        }
    }

    private async Task GuardAsync(int turn)
    {
        var made = await SendAsync(HttpMethod.Post, "/api/admin/guardrails", new JsonObject
        {
            ["name"] = $"torture {Stopwatch.GetTimestamp()} {turn}",
            ["rule_type"] = "keyword",
            ["rule_config"] = new JsonObject { ["words"] = new JsonArray($"never{turn}") },
            ["enforcement_level"] = "warning",
        });
        if (made?["id"]?.GetValue<string>() is { } id)
            await SendAsync(HttpMethod.Delete, $"/api/admin/guardrails/{id}", null);
    }

    /// <summary>Null: it was not acknowledged.</summary>
    private async Task<JsonNode?> SendAsync(HttpMethod method, string path, JsonObject? body)
    {
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(address(), path)) { Content = body is null ? null : JsonContent.Create(body) };
            using var response = await studio.SendAsync(request);
            if (!response.IsSuccessStatusCode)
            {
                Failed++;
                Complaint = $"{path}: {(int)response.StatusCode}";
                return null;
            }
            Done++;
            return response.StatusCode == HttpStatusCode.NoContent ? new JsonObject() : JsonNode.Parse(await response.Content.ReadAsStringAsync());
        }
        catch (Exception exception) when (StudioBuild.IsAway(exception))
        {
            Failed++;
            Complaint = $"{path}: {exception.Message}";
            return null;
        }
    }
}
