using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Host;

/// <summary>What was acknowledged is there after a kill -9 under load; the bench does it ten times in a row.</summary>
[Trait(Tier.Name, Tier.Host)]
public sealed class KillTests : IDisposable
{
    private const int Callers = 8;
    private const int Enough = 200;

    private readonly TemporaryFolder _folder = new();

    private string Data => _folder.Sub("data");

    private int Postmaster => int.Parse(File.ReadLines(Path.Combine(Data, "postgres", "postmaster.pid")).First(), CultureInfo.InvariantCulture);

    [Fact]
    public async Task Kill_OfTheAppUnderLoad_LosesNothingAcknowledged()
    {
        await using var app = await StudioProcess.Start(Data).ReadyAsync();
        var (acknowledged, load) = Load(app);
        await Eventually.TrueAsync(() => Task.FromResult(acknowledged.Count > Enough), "executions");

        await app.KillAsync();
        await load;

        await using var again = await StudioProcess.Start(Data).ReadyAsync();
        Assert.Equal(0, await LostAsync(acknowledged));
    }

    [Fact]
    public async Task Kill_OfTheServerUnderLoad_LosesNothingAcknowledgedAndGoesOn()
    {
        await using var app = await StudioProcess.Start(Data).ReadyAsync();
        var (acknowledged, load) = Load(app);
        await Eventually.TrueAsync(() => Task.FromResult(acknowledged.Count > Enough), "executions");

        Process.GetProcessById(Postmaster).Kill();
        var before = acknowledged.Count;
        await Eventually.TrueAsync(() => Task.FromResult(acknowledged.Count > before + Enough), "executions after the kill");
        await app.KillAsync();
        await load;

        await using var again = await StudioProcess.Start(Data).ReadyAsync();
        Assert.Equal(0, await LostAsync(acknowledged));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Callers that ask again and again until nobody answers any more.</summary>
    private static (ConcurrentQueue<Guid> Acknowledged, Task Load) Load(StudioProcess app)
    {
        var acknowledged = new ConcurrentQueue<Guid>();
        return (acknowledged, Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => CallAsync(app, acknowledged))));
    }

    private static async Task CallAsync(StudioProcess app, ConcurrentQueue<Guid> acknowledged)
    {
        while (true)
        {
            try
            {
                var response = await app.RenderAsync("under load");
                if (response.StatusCode == HttpStatusCode.OK)
                    acknowledged.Enqueue((await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken)).GetProperty("execution_id").GetGuid());
                else
                    Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            }
            catch (HttpRequestException)
            {
                return;
            }
        }
    }

    private async Task<long> LostAsync(ConcurrentQueue<Guid> acknowledged)
    {
        await using var database = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder
        {
            Host = Path.Combine(Data, "run"),
            Database = "studio",
            Username = "studio",
            Password = await File.ReadAllTextAsync(Path.Combine(Data, "password"), TestContext.Current.CancellationToken),
            Pooling = false,
        });
        await using var find = database.CreateCommand("SELECT count(*) FROM unnest($1) AS noted (id) WHERE NOT EXISTS (SELECT FROM prompt_executions execution WHERE execution.id = noted.id)");
        find.Parameters.Add(new() { Value = acknowledged.ToArray() });
        return (long)(await find.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
