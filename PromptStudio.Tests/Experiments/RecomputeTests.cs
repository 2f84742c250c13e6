using System.Net;
using Microsoft.EntityFrameworkCore;
using PromptStudio.Core.Experiments;
using PromptStudio.Experiments;
using PromptStudio.Tests.Guardrails;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Experiments;

/// <summary>From executions and outcomes to figures: whatever comes late, twice or in another order, they are the same, and the same as from scratch.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed class RecomputeTests(StudioApp app) : IClassFixture<StudioApp>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Executions_AndOutcomes_AreAddedUpByUser()
    {
        var (id, _) = await app.RunningAsync("added_up");
        var first = await app.AskAsync("added_up", "u1");
        var second = await app.AskAsync("added_up", "u1");
        await app.AskAsync("added_up", null);
        await app.ReportAsync(first.Value("execution_id"), """{"success": true, "conversion_metric": 0.1, "execution_time_ms": 100, "response_tokens": 7, "safety_score": 0.5}""");

        await app.MoveAsync(id, "recompute");
        var early = await OfAsync(id, first.Value("ab_test_group"));
        Assert.Equal((1, 2, 1), (early.Users, early.Executions, early.Outcomes));

        // Late, and twice.
        for (var turn = 0; turn < 2; turn++)
            Assert.Equal(HttpStatusCode.OK, (await app.ReportAsync(second.Value("execution_id"), """{"success": false, "conversion_metric": 0.2, "execution_time_ms": 300, "status": "timeout"}""")).Status);
        await app.MoveAsync(id, "recompute");

        var group = await OfAsync(id, first.Value("ab_test_group"));
        Assert.Equal((1, 2, 2), (group.Users, group.Executions, group.Outcomes));
        Assert.Equal(new Sums(1, 1, 2, 0, 0, 0), group.Metrics["success_rate"]);
        // Exact: 0.1 + 0.2 is 0.3 here.
        Assert.Equal(new Sums(1, 0.3, 1, 0, 0, 0), group.Metrics["conversion"]);
        Assert.Equal(new Sums(1, 400, 2, 0, 0, 0), group.Metrics["avg_response_time"]);
        Assert.Equal(new Sums(1, 7, 1, 0, 0, 0), group.Metrics["avg_response_tokens"]);
        Assert.Equal(new Sums(1, 1, 2, 0, 0, 0), group.Metrics["error_rate"]);
        Assert.Equal(1, (await app.SnapshotAsync(id)).WithoutUser);
        await SameFromScratchAsync(id);
    }

    [Fact]
    public async Task Outcome_WithoutAConversion_IsNone()
    {
        var (id, _) = await app.RunningAsync("unconverted");
        var rendered = await app.AskAsync("unconverted", "u1");
        await app.ReportAsync(rendered.Value("execution_id"), """{"success": true}""");

        await app.MoveAsync(id, "recompute");

        var group = await OfAsync(id, rendered.Value("ab_test_group"));
        Assert.Equal((new Sums(1, 0, 1, 0, 0, 0), new Sums(1, 0, 1, 0, 0, 0)), (group.Metrics["conversion"], group.Metrics["conversion_rate"]));
        Assert.Equal(["conversion", "conversion_rate", "error_rate", "success_rate"], group.Metrics.Keys.Order());
        await SameFromScratchAsync(id);
    }

    [Fact]
    public async Task Render_ThatFails_CountsAgainstItsGroup()
    {
        var (id, _) = await app.RunningAsync("stillborn", text: " {{ text / 0 }}");
        var answer = await app.AskAsync("stillborn", "u1");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);

        await app.MoveAsync(id, "recompute");

        var group = Assert.Single((await app.SnapshotAsync(id)).Groups, group => group.Users > 0);
        Assert.Equal((new Sums(1, 1, 1, 0, 0, 0), new Sums(1, 0, 1, 0, 0, 0)), (group.Metrics["error_rate"], group.Metrics["success_rate"]));
        await SameFromScratchAsync(id);
    }

    [Fact]
    public async Task User_SeenInTwoGroups_IsExcludedAndCounted()
    {
        var (id, _) = await app.RunningAsync("crossed");
        await app.StoreAsync(id, 1, ("control", 10, 4), ("variant_a", 10, 6));
        await app.MoveAsync(id, "recompute");
        await app.SqlAsync($"INSERT INTO prompt_executions (id, created_at, prompt_template_id, variables, rendered_prompt, status, experiment_id, experiment_phase, ab_test_group, user_id) VALUES (gen_random_uuid(), now(), gen_random_uuid(), '{{}}', '', 'success', '{id}', 1, 'variant_a', 'control3')");

        await app.MoveAsync(id, "recompute");

        var sums = await app.SnapshotAsync(id);
        Assert.Equal((1, 9, 10), (sums.Crossovers, sums.Groups[0].Users, sums.Groups[1].Users));
        await SameFromScratchAsync(id);
    }

    [Fact]
    public async Task Order_InWhichThingsArrive_LeavesNoTrace()
    {
        var (id, _) = await app.RunningAsync("order");
        var random = new Random(11);
        for (var round = 0; round < 6; round++)
        {
            await app.SqlAsync($"""
                INSERT INTO prompt_executions (id, created_at, prompt_template_id, variables, rendered_prompt, status, experiment_id, experiment_phase, ab_test_group, user_id, is_random_group,
                                               success, conversion_metric, execution_time_ms, safety_score, outcome_at)
                SELECT gen_random_uuid(), now() - n * interval '{random.Next(1, 50)} milliseconds', gen_random_uuid(), '{'{'}{'}'}', '', CASE n % 17 WHEN 3 THEN 'error' WHEN 4 THEN 'timeout' ELSE 'success' END,
                       '{id}', 1, CASE WHEN (n % 2 = 0) <> (n % 97 = 0) THEN 'control' ELSE 'variant_a' END, CASE WHEN n % 23 <> 5 THEN 'u' || (n * {2 * random.Next(0, 5) + 1}) % 200 END, n % 23 = 5,
                       CASE WHEN n % 3 = 0 THEN n % 4 = 0 END, CASE WHEN n % 3 = 0 THEN n * 0.1::float8 END, CASE WHEN n % 3 = 0 THEN n END, CASE WHEN n % 3 = 0 THEN 1.0::float8 / (1 + n) END,
                       CASE WHEN n % 3 = 0 OR n % 17 = 4 THEN now() END
                FROM generate_series(1, 300) n
                """);
            if (round % 2 == 0)
                await app.SqlAsync($"UPDATE prompt_executions SET outcome_at = now(), success = true, conversion_metric = 1.7 WHERE experiment_id = '{id}' AND outcome_at IS NULL AND status = 'success' AND user_id LIKE 'u1%'");
            if (round != 3)
                await app.Recompute().RunAsync(id, wait: true, Cancellation);
        }
        await app.Recompute().RunAsync(id, wait: true, Cancellation);

        await SameFromScratchAsync(id);
        var sums = await app.SnapshotAsync(id);
        Assert.True(sums.Crossovers > 0 && sums.WithoutUser > 0 && sums.Groups.All(group => group.Metrics.Count >= 6), "The data are about something.");
    }

    [Fact]
    public async Task Transaction_ThatCommitsLate_IsNotMissed()
    {
        var (id, _) = await app.RunningAsync("late_commit");
        await using var source = Npgsql.NpgsqlDataSource.Create(app.ConnectionString);
        await using var connection = await source.OpenConnectionAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await using (var late = new Npgsql.NpgsqlCommand("INSERT INTO prompt_executions (id, created_at, prompt_template_id, variables, rendered_prompt, status, experiment_id, experiment_phase, ab_test_group, user_id) VALUES (gen_random_uuid(), now(), gen_random_uuid(), '{}', '', 'success', $1, 1, 'control', 'late')", connection, transaction))
        {
            late.Parameters.Add(new Npgsql.NpgsqlParameter { Value = id });
            await late.ExecuteNonQueryAsync(Cancellation);
        }
        await app.StoreAsync(id, 1, ("control", 5, 2));
        Assert.Equal(10, (await app.Recompute().RunAsync(id, wait: true, Cancellation)).Events);

        await transaction.CommitAsync(Cancellation);

        Assert.Equal(1, (await app.Recompute().RunAsync(id, wait: true, Cancellation)).Events);
        Assert.Equal(6, (await app.SnapshotAsync(id)).Groups[0].Users);
        await SameFromScratchAsync(id);
    }

    [Fact]
    public async Task Phases_AreAddedUpEachForItself_AndLateOutcomesFindTheirs()
    {
        var (id, _) = await app.RunningAsync("two_phases");
        await app.StoreAsync(id, 1, ("control", 20, 10), ("variant_a", 20, 10));
        await app.ChangeAsync(id, """{"traffic_allocation": {"control": 25, "variant_a": 75}}""");
        await app.StoreAsync(id, 2, ("control", 5, 2), ("variant_a", 15, 9));

        await app.MoveAsync(id, "recompute");

        var sums = await app.SnapshotAsync(id);
        Assert.Equal((2, 5, 15, 2_500, 7_500), (sums.Phase, sums.Groups[0].Users, sums.Groups[1].Users, sums.Groups[0].BasisPoints, sums.Groups[1].BasisPoints));
        await SameFromScratchAsync(id);
    }

    [Fact]
    public async Task Snapshot_IsStoredWhenThereIsNews_AndCanBeWorkedOutAgainToTheBit()
    {
        var (id, _) = await app.RunningAsync("snapshots", """{"secondary_metrics": ["conversion_rate", "avg_response_time"], "guardrail_metrics": [{"metric": "error_rate", "margin": 0.01}]}""");
        await app.StoreAsync(id, 1, ("control", 300, 100), ("variant_a", 310, 160));
        var first = await app.Recompute().RunAsync(id, wait: true, Cancellation);
        Assert.Null((await app.Recompute().RunAsync(id, wait: true, Cancellation)).SnapshotId);
        await app.StoreAsync(id, 1, ("control", 0, 0), ("variant_a", 1, 0));
        var second = await app.Recompute().RunAsync(id, wait: true, Cancellation);

        Assert.NotNull(first.SnapshotId);
        Assert.NotNull(second.SnapshotId);
        await using var context = await app.OpenAsync();
        var stored = await context.ExperimentSnapshots.AsNoTracking().Where(one => one.ExperimentId == id).ToListAsync(Cancellation);
        Assert.Equal(2, stored.Count);
        Assert.All(stored, one => Assert.True(Snapshots.Holds(one)));
        await app.SqlAsync($"UPDATE experiment_snapshots SET sums = jsonb_set(sums, '{{crossovers}}', '1') WHERE id = '{second.SnapshotId}'");
        Assert.False(Snapshots.Holds(await context.ExperimentSnapshots.AsNoTracking().SingleAsync(one => one.Id == second.SnapshotId, Cancellation)));
        var series = (await app.Client.CallAsync(HttpMethod.Get, $"{Experimenting.Root}/{id}/metrics")).Json.GetProperty("series");
        Assert.Equal(2, series.GetArrayLength());
        Assert.Equal("variant_a", series[0].GetProperty("effects")[0].Text("group"));
    }

    [Fact]
    public async Task Snapshots_OfTheDaysBeforeYesterday_AreThinned()
    {
        var (id, _) = await app.RunningAsync("thinned");
        await app.StoreAsync(id, 1, ("control", 3, 1), ("variant_a", 3, 2));
        await app.Recompute().RunAsync(id, wait: true, Cancellation);
        await app.SqlAsync($"""
            INSERT INTO experiment_snapshots (id, experiment_id, phase, taken_at, engine_version, settings, sums, figures, hash)
            SELECT gen_random_uuid(), experiment_id, phase, date_trunc('hour', now() - interval '26 hours') + n * interval '1 minute', engine_version, settings, sums, figures, hash
            FROM experiment_snapshots, generate_series(0, 59) n WHERE experiment_id = '{id}'
            """);
        await app.StoreAsync(id, 1, ("control", 1, 1));

        await app.Recompute().RunAsync(id, wait: true, Cancellation);

        await using var context = await app.OpenAsync();
        Assert.Equal(3, await context.ExperimentSnapshots.CountAsync(one => one.ExperimentId == id, Cancellation));
    }

    [Fact]
    public async Task Recomputations_AtOnce_CountEverythingOnce()
    {
        var (id, _) = await app.RunningAsync("at_once");
        await app.StoreAsync(id, 1, ("control", 500, 100), ("variant_a", 500, 120));

        var done = await Task.WhenAll(Enumerable.Range(0, 8).Select(turn => app.Recompute().RunAsync(id, wait: turn % 2 == 0, Cancellation)));

        Assert.Equal(2_000, done.Sum(one => one.Events));
        await SameFromScratchAsync(id);
    }

    [Fact]
    public async Task Feed_TellsOfANewSnapshot()
    {
        var (id, _) = await app.RunningAsync("told");
        var feed = Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions.GetRequiredService<ExperimentFeed>(app.Services);
        var told = 0;
        using var subscription = feed.Subscribe(id, _ => Interlocked.Increment(ref told));

        await Eventually.TrueAsync(async () =>
        {
            // The feed may still be on its way to listening.
            await app.StoreAsync(id, 1, ("control", 1, 1));
            await app.Recompute().RunAsync(id, wait: true, Cancellation);
            return Volatile.Read(ref told) > 0;
        }, "the feed");
    }

    private async Task<GroupSums> OfAsync(Guid id, string group) => (await app.SnapshotAsync(id)).Groups.Single(one => one.Group == group);

    private async Task SameFromScratchAsync(Guid id)
    {
        var before = await app.SumsAsync(id);
        Assert.Null((await app.Recompute().FromScratchAsync(id, Cancellation)).SnapshotId);
        Assert.Equal(before, await app.SumsAsync(id));
    }
}
