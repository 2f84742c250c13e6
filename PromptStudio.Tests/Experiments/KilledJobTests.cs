using Npgsql;
using PromptStudio.Database;
using PromptStudio.Prompts;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Experiments;

/// <summary>kill -9 in the middle of a recomputation.</summary>
[Trait(Tier.Name, Tier.Host)]
public sealed class KilledJobTests(PostgresServer server)
{
    /// <summary>With an outcome each: more than two transactions of the recomputation.</summary>
    private const int Executions = 22_500;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Recomputation_ThatIsKilled_EndsWithTheSameFigures_TheNextTime()
    {
        var database = await server.CreateDatabaseAsync();
        string[] settings = [$"--ConnectionStrings:Studio={database}", "--Jobs:Enabled=false", "--Logging:LogLevel:Default=Warning"];
        await using var source = NpgsqlDataSource.Create(database);
        Guid id;
        await using (var first = await StudioProcess.Start(null, settings).ReadyAsync())
        {
            id = await StartedAsync(first, database);
            await StoreAsync(source, id);
            // The last of three transactions has added its lines up when it comes to the snapshot, and waits there.
            await using var held = await source.OpenConnectionAsync(Cancellation);
            await using var lockup = await held.BeginTransactionAsync(Cancellation);
            await using (var table = new NpgsqlCommand("LOCK TABLE experiment_snapshots IN ACCESS EXCLUSIVE MODE", held, lockup))
                await table.ExecuteNonQueryAsync(Cancellation);
            var recomputation = first.Client.CallAsync(HttpMethod.Post, $"{Experimenting.Root}/{id}/recompute");
            await Eventually.TrueAsync(async () => await CountAsync(source, "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'experiment_snapshots'::regclass") > 0, "the recomputation");

            await first.KillAsync();

            await Assert.ThrowsAnyAsync<HttpRequestException>(() => recomputation);
        }
        await Eventually.TrueAsync(async () => await CountAsync(source, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state LIKE '%transaction%'") == 0, "the killed transaction's end");
        Assert.Equal(5_000, await CountAsync(source, "SELECT count(*) FROM experiment_events"));

        await using var second = await StudioProcess.Start(null, settings).ReadyAsync();
        var metrics = await second.Client.CallAsync(HttpMethod.Post, $"{Experimenting.Root}/{id}/recompute");

        var groups = metrics.Json.GetProperty("snapshot").GetProperty("sums").GetProperty("groups").EnumerateArray().ToArray();
        Assert.Equal((Executions, Executions), (groups.Sum(group => group.GetProperty("executions").GetInt32()), groups.Sum(group => group.GetProperty("outcomes").GetInt32())));
        var hash = metrics.Json.GetProperty("snapshot").GetProperty("hash").GetString();
        var again = await second.Client.CallAsync(HttpMethod.Post, $"{Experimenting.Root}/{id}/recompute", """{"from_scratch": true}""");
        Assert.Equal(hash, again.Json.GetProperty("snapshot").GetProperty("hash").GetString());
    }

    private static async Task<Guid> StartedAsync(StudioProcess app, string database)
    {
        var now = TimeProvider.System.GetUtcNow();
        Guid[] ids = [Guid.CreateVersion7(now), Guid.CreateVersion7(now)];
        await using (var context = StudioDbContextOptions.Open(database))
        {
            await context.AddVersionAsync(new PromptTemplate { Id = ids[0], Name = "killed", TemplateText = "1", IsActive = true });
            await context.AddVersionAsync(new PromptTemplate { Id = ids[1], Name = "killed", Version = 2, TemplateText = "2" });
        }
        var made = await app.Client.CallAsync(HttpMethod.Post, Experimenting.Root, new { name = "killed", control_template_id = ids[0], variant_template_ids = new[] { ids[1] }, primary_metric = "success_rate" });
        var id = made.Json.GetProperty("id").GetGuid();
        Assert.Equal("running", (await app.Client.CallAsync(HttpMethod.Post, $"{Experimenting.Root}/{id}/start")).Value("status"));
        return id;
    }

    private static async Task StoreAsync(NpgsqlDataSource source, Guid id)
    {
        await using var store = source.CreateCommand("""
            INSERT INTO prompt_executions (id, created_at, prompt_template_id, variables, rendered_prompt, status, experiment_id, experiment_phase, ab_test_group, user_id, success, conversion_metric, outcome_at)
            SELECT gen_random_uuid(), now(), gen_random_uuid(), '{}', '', 'success', $1, 1, CASE n % 2 WHEN 0 THEN 'control' ELSE 'variant_a' END, 'u' || n % 5000, n % 3 = 0, n * 0.1::float8, now()
            FROM generate_series(1, $2) n
            """);
        store.Parameters.AddRange(new object[] { id, Executions }.Select(value => new NpgsqlParameter { Value = value }).ToArray());
        await store.ExecuteNonQueryAsync(Cancellation);
    }

    private static async Task<long> CountAsync(NpgsqlDataSource source, string sql)
    {
#pragma warning disable CA2100 // The test's own statements.
        await using var command = source.CreateCommand(sql);
#pragma warning restore CA2100
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
