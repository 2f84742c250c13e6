using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PromptStudio.Audit;
using PromptStudio.Executions;
using PromptStudio.Experiments;
using PromptStudio.Tests.Guardrails;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Experiments;

/// <summary>What is done every minute. The tests run the jobs themselves, one after the other.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed class ExperimentJobsTests(StudioApp app) : IClassFixture<StudioApp>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ExperimentJobs Jobs => app.Services.GetRequiredService<ExperimentJobs>();

    [Fact]
    public async Task Experiment_WhoseTimeIsOver_IsEnded_WithItsLastFigures()
    {
        var (id, _) = await app.RunningAsync("over", $$"""{"planned_end": "{{TimeProvider.System.GetUtcNow().AddDays(1):O}}"}""");
        await app.StoreAsync(id, 1, ("control", 7, 3), ("variant_a", 8, 4));
        await Jobs.RunAsync(Cancellation);
        Assert.Equal("running", await StatusAsync(id));

        await app.SqlAsync($"UPDATE ab_test_experiments SET planned_end = now() - interval '1 second' WHERE id = '{id}'");
        await app.StoreAsync(id, 1, ("control", 0, 0), ("variant_a", 1, 1));
        await Jobs.RunAsync(Cancellation);

        Assert.Equal("completed", await StatusAsync(id));
        Assert.Equal(16, (await app.SnapshotAsync(id)).Groups.Sum(group => group.Executions));
        Assert.Equal("", (await app.AskAsync("over", "u1")).Value("ab_test_group"));
        await using var context = await app.OpenAsync();
        Assert.Equal("recompute-experiments", (await context.AuditEntries.SingleAsync(entry => entry.SubjectId == id.ToString() && entry.Action == AuditAction.ExperimentCompleted, Cancellation)).ActorName);
    }

    [Fact]
    public async Task Experiment_ThatFails_KeepsNobodyWaiting_SaysSo_AndIsTriedAgainLater()
    {
        var (bad, _) = await app.RunningAsync("bad");
        var (good, _) = await app.RunningAsync("good");
        await app.StoreAsync(bad, 1, ("control", 2, 1), ("variant_a", 2, 1));
        await app.StoreAsync(good, 1, ("control", 2, 1), ("variant_a", 2, 1));
        await app.SqlAsync($"ALTER TABLE experiment_snapshots ADD CONSTRAINT broken CHECK (experiment_id <> '{bad}')");

        await Assert.ThrowsAsync<InvalidOperationException>(() => Jobs.RunAsync(Cancellation));

        Assert.Equal(4, (await app.SnapshotAsync(good)).Groups.Sum(group => group.Users));
        var health = await HealthAsync(bad);
        Assert.Equal(("8", "1"), (health.Text("waiting"), health.Text("failures")));
        Assert.Contains("broken", health.Text("failure"), StringComparison.Ordinal);
        // Its pause has not passed.
        Assert.DoesNotContain(bad, await Jobs.DueAsync(Cancellation));

        await app.SqlAsync($"ALTER TABLE experiment_snapshots DROP CONSTRAINT broken; UPDATE experiment_jobs SET retry_at = now() WHERE experiment_id = '{bad}'");
        await Jobs.RunAsync(Cancellation);
        health = await HealthAsync(bad);
        Assert.Equal(("0", "0", ""), (health.Text("waiting"), health.Text("failures"), health.Text("failure")));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(6, 32)]
    [InlineData(7, 60)]
    [InlineData(1_000, 60)]
    public void Pauses_Grow_UpToAnHour(int failures, int minutes) => Assert.Equal(TimeSpan.FromMinutes(minutes), ExperimentJobs.Pause(failures));

    [Fact]
    public async Task Usage_IsRolledUpToVersions_AndARepeatedRunChangesNothing()
    {
        var versions = await app.VersionsAsync("rolled_up");
        var usage = app.Services.GetRequiredService<UsageJob>();
        for (var turn = 0; turn < 4; turn++)
        {
            var rendered = await app.AskAsync("rolled_up", "u1");
            if (turn < 3)
                await app.ReportAsync(rendered.Value("execution_id"), $$"""{"success": {{(turn < 2 ? "true" : "false")}}, "execution_time_ms": {{100 * (turn + 1)}}}""");
            await usage.RunAsync(Cancellation);
        }
        await usage.RunAsync(Cancellation);

        Assert.Equal((4, 2.0 / 3, 200.0), await FiguresAsync(versions[0]));

        // Long ago, and reported only now.
        await app.SqlAsync($"""
            INSERT INTO prompt_executions (id, created_at, prompt_template_id, variables, rendered_prompt, status, success, outcome_at)
            SELECT gen_random_uuid(), date_trunc('month', now()), '{versions[0]}', '{'{'}{'}'}', '', 'success', true, now()
            """);
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => usage.RunAsync(Cancellation)));
        Assert.Equal((5, 0.75, 200.0), await FiguresAsync(versions[0]));
        Assert.Equal((0, null, null), await FiguresAsync(versions[1]));
        var shown = await app.Client.CallAsync(HttpMethod.Get, $"/api/admin/prompts/{versions[0]}");
        Assert.Equal(("5", "0.75", "200"), (shown.Value("total_invocations"), shown.Value("success_rate"), shown.Value("avg_response_time_ms")));
    }

    private async Task<(int, double?, double?)> FiguresAsync(Guid id)
    {
        await using var context = await app.OpenAsync();
        var version = await context.PromptTemplates.SingleAsync(one => one.Id == id, Cancellation);
        return (version.TotalInvocations, version.SuccessRate, version.AvgResponseTimeMs);
    }

    private async Task<string> StatusAsync(Guid id) => (await app.Client.CallAsync(HttpMethod.Get, $"{Experimenting.Root}/{id}")).Value("status");

    private async Task<System.Text.Json.JsonElement> HealthAsync(Guid id) => (await app.Client.CallAsync(HttpMethod.Get, $"{Experimenting.Root}/{id}/metrics")).Json.GetProperty("health");
}
