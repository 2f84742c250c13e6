using System.Net;
using Microsoft.EntityFrameworkCore;
using PromptStudio.Audit;
using PromptStudio.Experiments;
using PromptStudio.Tests.Guardrails;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Experiments;

/// <summary>A winner is declared once, on figures, and all that it was based on is kept.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed class WinnerTests(StudioApp app) : IClassFixture<StudioApp>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Winner_WithOpenGates_IsActivated_AndTheDecisionKept()
    {
        var (id, versions) = await app.RunningAsync("clear", """{"minimum_sample_size": 1000}""");
        await app.StoreAsync(id, 1, ("control", 2_000, 800), ("variant_a", 2_000, 1_100));

        var declared = await app.MoveAsync(id, "winner", new { template_id = versions[1] });

        Assert.True(declared.Status == HttpStatusCode.OK, declared.Text);
        Assert.Equal(("winner_declared", versions[1].ToString()), (declared.Value("status"), declared.Value("winner_template_id")));
        Assert.Equal("v2 x", (await app.AskAsync("clear", "anybody")).Value("rendered_prompt"));
        var decision = (await app.Client.CallAsync(HttpMethod.Get, $"{Experimenting.Root}/{id}/metrics")).Json.GetProperty("decision");
        Assert.Equal(("variant_a", "", "declare"), (decision.Text("winner_group"), decision.Text("override_reason"), decision.GetProperty("figures").GetProperty("decision").Text("code")));
        await using var context = await app.OpenAsync();
        Assert.True(WinnerCommand.Holds(await context.ExperimentDecisions.SingleAsync(one => one.ExperimentId == id, Cancellation)));
        var actions = await context.AuditEntries.OrderBy(entry => entry.Sequence).Where(entry => entry.SubjectId == id.ToString() || entry.SubjectId == "clear").Select(entry => entry.Action).ToListAsync(Cancellation);
        Assert.Equal([AuditAction.ExperimentCreated, AuditAction.ExperimentStarted, AuditAction.VersionActivated, AuditAction.ExperimentWinnerDeclared], actions);

        var second = await app.MoveAsync(id, "winner", new { template_id = versions[0], override_reason = "no, the other one" });
        Assert.Equal((HttpStatusCode.Conflict, "winner_already_declared"), (second.Status, second.Code));
        Assert.Equal("winner_already_declared", (await app.ChangeAsync(id, """{"name": "x"}""")).Code);
    }

    [Fact]
    public async Task Winner_WithAClosedGate_NeedsAReason_WhichIsKept()
    {
        var (id, versions) = await app.RunningAsync("too early", """{"minimum_sample_size": 1000}""");
        await app.StoreAsync(id, 1, ("control", 100, 40), ("variant_a", 100, 45));

        var refused = await app.MoveAsync(id, "winner", new { template_id = versions[1] });
        Assert.Equal((HttpStatusCode.Conflict, "gates_closed"), (refused.Status, refused.Code));
        Assert.Equal(["sample", "significance"], refused.Json.GetProperty("gates").EnumerateArray().Where(gate => !gate.GetProperty("holds").GetBoolean()).Select(gate => gate.Text("name")));
        Assert.Equal("running", (await app.Client.CallAsync(HttpMethod.Get, $"{Experimenting.Root}/{id}")).Value("status"));
        Assert.Equal("gates_closed", (await app.MoveAsync(id, "winner", new { template_id = versions[1], override_reason = "  " })).Code);

        Assert.Equal(HttpStatusCode.OK, (await app.MoveAsync(id, "winner", new { template_id = versions[1], override_reason = "The old text names a product that is gone." })).Status);

        await using var context = await app.OpenAsync();
        var entry = await context.AuditEntries.SingleAsync(one => one.SubjectId == id.ToString() && one.Action == AuditAction.ExperimentWinnerDeclared, Cancellation);
        Assert.Contains("The old text names a product that is gone.", entry.After, StringComparison.Ordinal);
        Assert.Contains("significance", entry.After, StringComparison.Ordinal);
        Assert.Equal("The old text names a product that is gone.", (await context.ExperimentDecisions.SingleAsync(one => one.ExperimentId == id, Cancellation)).OverrideReason);
    }

    [Fact]
    public async Task SampleRatio_ThatIsOff_BlocksTheWinner()
    {
        var (id, versions) = await app.RunningAsync("lopsided", """{"minimum_sample_size": 100}""");
        await app.StoreAsync(id, 1, ("control", 2_000, 800), ("variant_a", 1_500, 900));

        var refused = await app.MoveAsync(id, "winner", new { template_id = versions[1] });

        Assert.Equal((HttpStatusCode.Conflict, "gates_closed"), (refused.Status, refused.Code));
        Assert.Equal(["sample_ratio"], refused.Json.GetProperty("gates").EnumerateArray().Where(gate => !gate.GetProperty("holds").GetBoolean()).Select(gate => gate.Text("name")));
    }

    [Fact]
    public async Task Winner_ThatCouldNotBeActivated_IsRefused_AndNothingIsDone()
    {
        var (id, versions) = await app.RunningAsync("forbidden winner", """{"minimum_sample_size": 10}""");
        await app.StoreAsync(id, 1, ("control", 500, 100), ("variant_a", 500, 300));
        await app.SqlAsync("UPDATE prompts SET is_protected = true WHERE name = 'forbidden winner'");
        var editor = await TestKeys.AddAsync(app, "write");

        var refused = await app.Client.CallAsync(HttpMethod.Post, $"{Experimenting.Root}/{id}/winner", new { template_id = versions[1] }, editor);
        Assert.Equal((HttpStatusCode.Forbidden, "promotion_not_allowed"), (refused.Status, refused.Code));
        await app.SqlAsync("UPDATE prompts SET is_protected = false, archived_at = now() WHERE name = 'forbidden winner'");
        Assert.Equal("prompt_archived", (await app.MoveAsync(id, "winner", new { template_id = versions[1] })).Code);
        Assert.Equal("invalid_winner", (await app.MoveAsync(id, "winner", new { template_id = Guid.Empty })).Code);

        await using var context = await app.OpenAsync();
        Assert.False(await context.ExperimentDecisions.AnyAsync(one => one.ExperimentId == id, Cancellation));
        Assert.Equal("running", (await context.AbTestExperiments.SingleAsync(one => one.Id == id, Cancellation)).Status);
    }

    [Fact]
    public async Task Declarations_AtOnce_LeaveOneDecision()
    {
        var (id, versions) = await app.RunningAsync("two at once", """{"minimum_sample_size": 10}""");
        await app.StoreAsync(id, 1, ("control", 500, 100), ("variant_a", 500, 300));

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(turn => app.MoveAsync(id, "winner", new { template_id = versions[turn % 2], override_reason = "me first" })));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.OK), answer => Assert.Equal((HttpStatusCode.Conflict, "winner_already_declared"), (answer.Status, answer.Code)));
        await using var context = await app.OpenAsync();
        Assert.Equal(1, await context.ExperimentDecisions.CountAsync(one => one.ExperimentId == id, Cancellation));
        Assert.Equal(1, await context.AuditEntries.CountAsync(one => one.SubjectId == id.ToString() && one.Action == AuditAction.ExperimentWinnerDeclared, Cancellation));
    }

    [Theory]
    [InlineData("UPDATE experiment_decisions SET override_reason = 'other'")]
    [InlineData("DELETE FROM experiment_decisions")]
    [InlineData("TRUNCATE experiment_decisions")]
    public async Task Decision_IsWrittenOnce(string sql)
    {
        var name = $"once {sql[..4]}";
        var (id, versions) = await app.RunningAsync(name);
        await app.StoreAsync(id, 1, ("control", 10, 5), ("variant_a", 10, 5));
        Assert.Equal(HttpStatusCode.OK, (await app.MoveAsync(id, "winner", new { template_id = versions[0], override_reason = "no reason" })).Status);

        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => app.SqlAsync(sql));
    }
}
