using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Npgsql;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Host;

/// <summary>A short slice of <c>./studio torture</c>: callers that ask again with the same id until they are answered, and a database that fails meanwhile.</summary>
[Trait(Tier.Name, Tier.Host)]
public sealed class FaultTests : IDisposable
{
    private const int Callers = 6;
    private const int Enough = 60;

    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<(Guid Request, Guid Execution)> _acknowledged = new();
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    private string Data => _folder.Sub("data");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Render_ThroughAKillOfTheServer_IsStoredOnceAndAnswered() => await SurviveAsync(() =>
    {
        Signal("KILL");
        return Task.CompletedTask;
    });

    [Fact]
    public async Task Render_ThroughAServerThatStandsStill_IsStoredOnceAndAnswered() => await SurviveAsync(async () =>
    {
        Signal("STOP");
        // Longer than the patience of the writer: what waits is refused, and asked again.
        await Task.Delay(TimeSpan.FromSeconds(7), Cancellation);
        Signal("CONT");
    });

    [Fact]
    public async Task Render_ThroughConnectionsThatAreCut_IsStoredOnceAndAnswered() => await SurviveAsync(async () =>
    {
        await using var database = await OpenAsync();
        for (var turn = 0; turn < 10; turn++)
        {
            await using var cut = database.CreateCommand("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
            await cut.ExecuteNonQueryAsync(Cancellation);
            var before = _acknowledged.Count;
            await Eventually.TrueAsync(() => Task.FromResult(_acknowledged.Count > before), "an answer after the cut");
        }
    });

    public void Dispose()
    {
        _stop.Dispose();
        _folder.Dispose();
    }

    private async Task SurviveAsync(Func<Task> fault)
    {
        await using var app = await StudioProcess.Start(Data).ReadyAsync();
        var load = Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => CallAsync(app)));
        await MoreAsync("answers before the fault");

        await fault();

        await MoreAsync("answers after the fault");
        await _stop.CancelAsync();
        await load;
        var acknowledged = _acknowledged.ToArray();
        Assert.Equal(acknowledged.Length, acknowledged.Select(one => one.Execution).Distinct().Count());
        await using var database = await OpenAsync();
        await using var count = database.CreateCommand(
            """
            SELECT count(*) FILTER (WHERE stored = 0), count(*) FILTER (WHERE stored > 1), count(*) FILTER (WHERE NOT mine)
            FROM (SELECT count(e.id) AS stored, coalesce(bool_and(e.id = noted.execution), true) AS mine
                  FROM unnest($1, $2) AS noted (request, execution) LEFT JOIN prompt_executions e ON e.request_id = noted.request GROUP BY noted.request) AS kept
            """);
        count.Parameters.Add(new() { Value = acknowledged.Select(one => one.Request).ToArray() });
        count.Parameters.Add(new() { Value = acknowledged.Select(one => one.Execution).ToArray() });
        await using var row = await count.ExecuteReaderAsync(Cancellation);
        await row.ReadAsync(Cancellation);
        Assert.Equal((0L, 0L, 0L), (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)));
    }

    private async Task MoreAsync(string what)
    {
        var before = _acknowledged.Count;
        await Eventually.TrueAsync(() => Task.FromResult(_acknowledged.Count > before + Enough), what);
    }

    /// <summary>Asks until it is told to stop; each request until it is answered.</summary>
    private async Task CallAsync(StudioProcess app)
    {
        while (!_stop.IsCancellationRequested)
        {
            var request = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
            var body = $$$"""{"variables": {"query": "under fault", "grade_level": 1}, "request_id": "{{{request}}}"}""";
            while (true)
            {
                using var content = new StringContent(body, Encoding.UTF8, "application/json");
                using var response = await app.Client.PostAsync(new Uri("/api/render/nlu_topic_extraction", UriKind.Relative), content, Cancellation);
                if (response.StatusCode == HttpStatusCode.OK)
                {
                    _acknowledged.Enqueue((request, (await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("execution_id").GetGuid()));
                    break;
                }
                Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
                await Task.Delay(50, Cancellation);
            }
        }
    }

    /// <summary>Sends a signal to every process of the server, its parent first.</summary>
    private void Signal(string signal)
    {
        var postmaster = int.Parse(File.ReadLines(Path.Combine(Data, "postgres", "postmaster.pid")).First(), CultureInfo.InvariantCulture);
        var children = File.ReadAllText($"/proc/{postmaster}/task/{postmaster}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        foreach (var process in children.Prepend(postmaster.ToString(CultureInfo.InvariantCulture)))
        {
            using var kill = Process.Start(new ProcessStartInfo("kill", [$"-{signal}", process]) { RedirectStandardError = true })!;
            kill.WaitForExit();
        }
    }

    private async Task<NpgsqlDataSource> OpenAsync() => NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder
    {
        Host = Path.Combine(Data, "run"),
        Database = "studio",
        Username = "studio",
        Password = await File.ReadAllTextAsync(Path.Combine(Data, "password"), Cancellation),
        Pooling = false,
    });
}
