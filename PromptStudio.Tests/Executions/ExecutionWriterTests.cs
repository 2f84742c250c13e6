using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using PromptStudio.Core.Executions;
using PromptStudio.Executions;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Executions;

/// <summary>Many executions to a commit, on a real PostgreSQL: nothing is lost, nothing stored twice, and nobody suffers for another.</summary>
[Trait(Tier.Name, Tier.Database)]
public sealed class ExecutionWriterTests(PostgresServer server)
{
    private static readonly Guid Template = new("01a2008d-7400-7000-8000-000000000011");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Store_OfManyAtOnce_StoresEachInFewerCommits()
    {
        await using var app = await StartAsync();
        var writer = app.Services.GetRequiredService<ExecutionWriter>();
        var executions = Enumerable.Range(0, 1_000).Select(_ => New()).ToArray();

        await using (await LockAsync(app))
        {
            // All of them wait while the first ones cannot be stored.
            _ = executions.Select(execution => StoreAsync(writer, execution)).ToArray();
            Assert.True(writer.Waiting > 900);
        }
        await Eventually.TrueAsync(() => Task.FromResult(writer.Waiting == 0), "the writer to be done");

        await using var context = await app.OpenAsync();
        Guid[] ids = [.. executions.Select(execution => execution.Id)];
        Assert.Equal(ids.Length, await context.PromptExecutions.CountAsync(execution => ids.Contains(execution.Id), Cancellation));
        // xmin is the transaction that made a row.
        var commits = await context.Database.SqlQuery<int>($"""SELECT count(DISTINCT xmin::text)::int AS "Value" FROM prompt_executions WHERE id = ANY({ids})""").SingleAsync(Cancellation);
        Assert.InRange(commits, 1, 20);
    }

    [Fact]
    public async Task Store_OfOneThatCannotBeStored_FailsThatOneOnly()
    {
        await using var app = await StartAsync();
        var writer = app.Services.GetRequiredService<ExecutionWriter>();
        var good = Enumerable.Range(0, 5).Select(_ => New()).ToArray();
        Task<Fate> bad;
        Task<Fate>[] stored;

        await using (await LockAsync(app))
        {
            stored = [.. good.Take(3).Select(execution => StoreAsync(writer, execution))];
            bad = StoreAsync(writer, New("no status that there is"));
            stored = [.. stored, .. good.Skip(3).Select(execution => StoreAsync(writer, execution))];
        }

        Assert.All(await Task.WhenAll(stored), fate => Assert.Equal(Fate.Stored, fate));
        await Assert.ThrowsAsync<PostgresException>(() => bad);
        await using var context = await app.OpenAsync();
        Assert.Equal(good.Length, await context.PromptExecutions.CountAsync(Cancellation));
    }

    [Fact]
    public async Task Store_OfOneRequestIdManyTimes_StoresItOnce()
    {
        await using var app = await StartAsync();
        var writer = app.Services.GetRequiredService<ExecutionWriter>();
        var request = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        Task<Fate>[] fates;

        await using (await LockAsync(app))
            fates = [.. Enumerable.Range(0, 20).Select(_ => StoreAsync(writer, New(request: request), [1, 2, 3]))];
        var later = await StoreAsync(writer, New(request: request), [1, 2, 3]);

        Assert.Single(await Task.WhenAll(fates), fate => fate == Fate.Stored);
        Assert.Equal(Fate.Claimed, later);
        await using var context = await app.OpenAsync();
        Assert.Equal(1, await context.PromptExecutions.CountAsync(execution => execution.RequestId == request, Cancellation));
    }

    [Fact]
    public async Task Store_WhileConnectionsAreCutOff_LosesAndDoublesNothing()
    {
        await using var app = await StartAsync();
        var writer = app.Services.GetRequiredService<ExecutionWriter>();
        var ids = new List<Guid>();
        await using var other = NpgsqlDataSource.Create(app.ConnectionString);

        for (var turn = 0; turn < 10; turn++)
        {
            var executions = Enumerable.Range(0, 50).Select(_ => New()).ToArray();
            var storing = executions.Select(execution => StoreAsync(writer, execution)).ToArray();
            await using var cut = other.CreateCommand("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
            await cut.ExecuteNonQueryAsync(Cancellation);
            Assert.All(await Task.WhenAll(storing), fate => Assert.Equal(Fate.Stored, fate));
            ids.AddRange(executions.Select(execution => execution.Id));
        }

        await using var count = other.CreateCommand("SELECT count(*), count(DISTINCT id) FROM prompt_executions");
        await using var row = await count.ExecuteReaderAsync(Cancellation);
        await row.ReadAsync(Cancellation);
        Assert.Equal(((long)ids.Count, (long)ids.Count), (row.GetInt64(0), row.GetInt64(1)));
    }

    [Fact]
    public async Task Store_OfMoreThanCanWait_IsRefusedAtOnceAndGoesOnLater()
    {
        await using var app = await StartAsync();
        var writer = app.Services.GetRequiredService<ExecutionWriter>();
        var waiting = new List<Task<Fate>>();

        await using (await LockAsync(app))
        {
            while (!writer.IsFull)
                waiting.Add(StoreAsync(writer, New()));
            await Assert.ThrowsAsync<StudioBusyException>(() => StoreAsync(writer, New()));
            var refused = await RenderAsync(app);

            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Contains("studio_busy", await refused.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
            Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);
            Assert.Equal(ExecutionWriter.MostWaiting, waiting.Count);
        }

        Assert.All(await Task.WhenAll(waiting), fate => Assert.Equal(Fate.Stored, fate));
        Assert.Equal(HttpStatusCode.OK, (await RenderAsync(app)).StatusCode);
    }

    [Fact]
    public async Task Stop_WhileExecutionsWait_StoresThemFirst()
    {
        var app = await StartAsync();
        var writer = app.Services.GetRequiredService<ExecutionWriter>();
        Task<Fate>[] waiting;
        Task stopping;

        await using (await LockAsync(app))
        {
            waiting = [.. Enumerable.Range(0, 700).Select(_ => StoreAsync(writer, New()))];
            stopping = app.DisposeAsync().AsTask();
            Assert.False(stopping.IsCompleted);
        }
        await stopping;

        Assert.All(await Task.WhenAll(waiting), fate => Assert.Equal(Fate.Stored, fate));
    }

    [Fact]
    public async Task Store_InAMonthWithoutAPartition_MakesIt()
    {
        await using var app = await StartAsync();
        var writer = app.Services.GetRequiredService<ExecutionWriter>();
        var at = new DateTimeOffset(2031, 5, 17, 1, 2, 3, TimeSpan.Zero);

        Assert.Equal(Fate.Stored, await StoreAsync(writer, New(at: at)));

        await using var context = await app.OpenAsync();
        Assert.Equal(at, (await context.PromptExecutions.SingleAsync(Cancellation)).CreatedAt);
    }

    /// <summary>As a caller does: what is awaited is used again.</summary>
    private static async Task<Fate> StoreAsync(ExecutionWriter writer, PromptExecution execution, byte[]? hash = null) => await writer.StoreAsync(PendingExecution.Of(execution, hash));

    private static PromptExecution New(string status = ExecutionStatus.Success, Guid? request = null, DateTimeOffset? at = null)
    {
        var id = ExecutionId.New(at ?? TimeProvider.System.GetUtcNow());
        return new PromptExecution
        {
            Id = id,
            CreatedAt = ExecutionId.Instant(id)!.Value,
            PromptTemplateId = Template,
            Variables = """{"query": "ü"}""",
            RenderedPrompt = "Grüße",
            Status = status,
            RequestId = request,
        };
    }

    private static async Task<HttpResponseMessage> RenderAsync(StudioApp app)
    {
        using var body = new StringContent(JsonSerializer.Serialize(new { variables = new { query = "q", grade_level = 1 } }), Encoding.UTF8, "application/json");
        return await app.Client.PostAsync(new Uri("/api/render/nlu_topic_extraction", UriKind.Relative), body, Cancellation);
    }

    /// <summary>Nobody can store an execution until it is given up.</summary>
    private static async Task<IAsyncDisposable> LockAsync(StudioApp app)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(app.ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(Cancellation);
        await using var hold = new NpgsqlCommand("BEGIN; LOCK TABLE prompt_executions IN SHARE MODE", connection);
        await hold.ExecuteNonQueryAsync(Cancellation);
        return connection;
    }

    private async Task<StudioApp> StartAsync()
    {
        var app = new StudioApp(server);
        await app.InitializeAsync();
        return app;
    }
}
