using System.Net;
using PromptStudio.Tests.Guardrails;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Experiments;

/// <summary>An experiment's life over HTTP, and what callers get meanwhile.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed class ExperimentApiTests(StudioApp app) : IClassFixture<StudioApp>
{
    [Fact]
    public async Task Draft_HasItsDefaults_AndDecidesNothing()
    {
        var versions = await app.VersionsAsync("defaults", 3);
        var id = await app.DraftAsync("defaults", versions);

        var view = await app.Client.CallAsync(HttpMethod.Get, $"{Experimenting.Root}/{id}");

        Assert.Equal(("draft", "always_valid", "1000", "0.05", "100", "0", "defaults"),
            (view.Value("status"), view.Value("decision_method"), view.Value("minimum_sample_size"), view.Value("significance_threshold"), view.Value("coverage"), view.Value("phase"), view.Value("prompt_name")));
        Assert.Equal(["control 1 33.34", "variant_a 2 33.33", "variant_b 3 33.33"],
            view.Json.GetProperty("groups").EnumerateArray().Select(group => $"{group.Text("name")} {group.Text("version")} {group.Text("percentage")}"));
        Assert.Equal("", (await app.AskAsync("defaults", "u1")).Value("ab_test_group"));
        Assert.Contains((await app.Client.CallAsync(HttpMethod.Get, $"{Experimenting.Root}?status=draft&prompt=defaults")).Json.GetProperty("items").EnumerateArray(), one => one.Id() == id);
    }

    [Fact]
    public async Task Running_GivesEachUserOneGroup_AndWhoAsksForAVersionThatOne()
    {
        var (id, _) = await app.RunningAsync("served");
        var groups = new HashSet<string>();
        for (var user = 0; user < 40; user++)
        {
            var first = await app.AskAsync("served", $"u{user}");
            var again = await app.AskAsync("served", $"u{user}");
            Assert.Equal((first.Value("ab_test_group"), first.Value("rendered_prompt")), (again.Value("ab_test_group"), again.Value("rendered_prompt")));
            Assert.Equal((first.Value("ab_test_group") == "control" ? "v1 x" : "v2 x", id.ToString()), (first.Value("rendered_prompt"), first.Value("experiment_id")));
            groups.Add(first.Value("ab_test_group"));
        }
        Assert.Equal(["control", "variant_a"], groups.Order());
        foreach (var members in new[] { "\"enable_ab_testing\": false", "\"version\": 1", "\"label\": \"production\"" })
        {
            for (var user = 0; user < 10; user++)
            {
                var plain = await app.AskAsync("served", $"u{user}", members);
                Assert.Equal(("v1 x", ""), (plain.Value("rendered_prompt"), plain.Value("ab_test_group")));
            }
        }
        var stored = await app.Client.CallAsync(HttpMethod.Get, $"/api/admin/executions?prompt=served&ab_test_group=variant_a");
        Assert.NotEmpty(stored.Json.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Moves_LeadThroughItsLife_AndIllegalOnesAreRefusedWithTheReason()
    {
        var (id, _) = await app.RunningAsync("life");
        Assert.Equal((HttpStatusCode.Conflict, "illegal_move"), await CodeAsync(app.MoveAsync(id, "start")));
        Assert.Equal((HttpStatusCode.Conflict, "illegal_move"), await CodeAsync(app.MoveAsync(id, "resume")));

        Assert.Equal("paused", (await app.MoveAsync(id, "pause")).Value("status"));
        for (var user = 0; user < 10; user++)
            Assert.Equal("v1 x", (await app.AskAsync("life", $"u{user}")).Value("rendered_prompt"));
        Assert.Equal((HttpStatusCode.Conflict, "illegal_move"), await CodeAsync(app.MoveAsync(id, "pause")));

        var group = Enumerable.Range(0, 40).Select(user => $"u{user}").ToArray();
        Assert.Equal("running", (await app.MoveAsync(id, "resume")).Value("status"));
        Assert.Contains("variant_a", await Task.WhenAll(group.Select(async user => (await app.AskAsync("life", user)).Value("ab_test_group"))));

        var completed = await app.MoveAsync(id, "complete");
        Assert.Equal("completed", completed.Value("status"));
        Assert.NotEmpty(completed.Value("ended_at"));
        Assert.Equal("", (await app.AskAsync("life", "u1")).Value("ab_test_group"));
        foreach (var move in new[] { "start", "pause", "resume", "complete" })
            Assert.Equal((HttpStatusCode.Conflict, "illegal_move"), await CodeAsync(app.MoveAsync(id, move)));
    }

    [Fact]
    public async Task Prompt_HasOneRunningExperiment()
    {
        var (first, versions) = await app.RunningAsync("only_one");
        var second = await app.DraftAsync("only one, again", versions);

        var refused = await app.MoveAsync(second, "start");

        Assert.Equal((HttpStatusCode.Conflict, "experiment_running"), (refused.Status, refused.Code));
        Assert.Contains("'only_one'", refused.Value("detail"), StringComparison.Ordinal);
        await app.MoveAsync(first, "pause");
        Assert.Equal(HttpStatusCode.OK, (await app.MoveAsync(second, "start")).Status);
        Assert.Equal("experiment_running", (await app.MoveAsync(first, "resume")).Code);
    }

    [Fact]
    public async Task Starts_AtOnce_LeaveOneRunning()
    {
        var versions = await app.VersionsAsync("race");
        var ids = new[] { await app.DraftAsync("race 1", versions), await app.DraftAsync("race 2", versions), await app.DraftAsync("race 3", versions) };

        var answers = await Task.WhenAll(ids.Concat(ids).Select(id => app.MoveAsync(id, "start")));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.OK), answer => Assert.Contains(answer.Code, new[] { "experiment_running", "illegal_move" }));
    }

    [Fact]
    public async Task Split_ThatChangesWhileItRuns_BeginsAPhase_AndCoverageDoesNot()
    {
        var (id, _) = await app.RunningAsync("phases");
        var before = await GroupsAsync("phases");

        Assert.Equal("1", (await app.ChangeAsync(id, """{"coverage": 60.5}""")).Value("phase"));
        var narrowed = await GroupsAsync("phases");
        Assert.All(before.Zip(narrowed), pair => Assert.True(pair.Second.Length == 0 || pair.Second == pair.First));
        Assert.Contains("", narrowed);
        Assert.Equal("1", (await app.ChangeAsync(id, """{"coverage": 100}""")).Value("phase"));
        Assert.Equal(before, await GroupsAsync("phases"));

        Assert.Equal("1", (await app.ChangeAsync(id, """{"traffic_allocation": {"control": 50, "variant_a": 50}}""")).Value("phase"));
        Assert.Equal("2", (await app.ChangeAsync(id, """{"traffic_allocation": {"control": 10, "variant_a": 90}}""")).Value("phase"));
        Assert.True((await GroupsAsync("phases")).Count(group => group == "variant_a") > before.Count(group => group == "variant_a"));
        var phases = (await app.Client.CallAsync(HttpMethod.Get, $"{Experimenting.Root}/{id}/metrics")).Json.GetProperty("phases");
        Assert.Equal(2, phases.GetArrayLength());
        Assert.NotEmpty(phases[0].Text("ended_at")!);

        var design = await app.ChangeAsync(id, """{"primary_metric": "conversion"}""");
        Assert.Equal((HttpStatusCode.Conflict, "illegal_move", "running"), (design.Status, design.Code, design.Value("experiment_status")));
    }

    [Theory]
    [InlineData("""{"traffic_allocation": {"control": 50, "variant_a": 49.9}}""", "traffic_allocation")]
    [InlineData("""{"traffic_allocation": {"control": 50, "variant_b": 50}}""", "traffic_allocation")]
    [InlineData("""{"coverage": 100.1}""", "coverage")]
    [InlineData("""{"coverage": 1.234}""", "coverage")]
    [InlineData("""{"primary_metric": "clicks"}""", "primary_metric")]
    [InlineData("""{"secondary_metrics": ["success_rate"]}""", "secondary_metrics")]
    [InlineData("""{"secondary_metrics": ["conversion", "conversion"]}""", "secondary_metrics")]
    [InlineData("""{"guardrail_metrics": [{"metric": "error_rate", "margin": -1}]}""", "guardrail_metrics")]
    [InlineData("""{"guardrail_metrics": [{"metric": "clicks", "margin": 1}]}""", "guardrail_metrics")]
    [InlineData("""{"decision_method": "gut feeling"}""", "decision_method")]
    [InlineData("""{"minimum_sample_size": 0}""", "minimum_sample_size")]
    [InlineData("""{"significance_threshold": 0}""", "significance_threshold")]
    [InlineData("""{"planned_end": "2020-01-01T00:00:00Z"}""", "planned_end")]
    [InlineData("""{"name": " "}""", "name")]
    [InlineData("""{"variant_template_ids": []}""", "variant_template_ids")]
    [InlineData("""{"variant_template_ids": ["01a2008d-7400-7000-8000-00000000ffff"]}""", "variant_template_ids")]
    [InlineData("""{"control_template_id": "01a2008d-7400-7000-8000-00000000ffff"}""", "control_template_id")]
    public async Task Draft_ThatBreaksARule_IsRefused_AndTheMemberNamed(string body, string member)
    {
        var name = "rules " + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(body)))[..8];
        var id = await app.DraftAsync(name, await app.VersionsAsync(name.Replace(' ', '_')));

        var answer = await app.ChangeAsync(id, body);

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "invalid_experiment", member), (answer.Status, answer.Code, answer.Value("member")));
        Assert.Equal("1", (await app.Client.CallAsync(HttpMethod.Get, $"{Experimenting.Root}/{id}")).Value("revision"));
    }

    [Fact]
    public async Task Names_AreUnique_AndTheSecondOfTwoEditorsIsTold()
    {
        var versions = await app.VersionsAsync("names");
        var id = await app.DraftAsync("names", versions);

        var twin = await app.Client.CallAsync(HttpMethod.Post, Experimenting.Root,
            $$"""{"name": "names", "control_template_id": "{{versions[0]}}", "variant_template_ids": ["{{versions[1]}}"], "primary_metric": "conversion"}""");
        Assert.Equal((HttpStatusCode.Conflict, "experiment_exists"), (twin.Status, twin.Code));

        Assert.Equal("2", (await app.ChangeAsync(id, """{"description": "mine"}""", "\"1\"")).Value("revision"));
        var late = await app.ChangeAsync(id, """{"description": "yours"}""", "\"1\"");
        Assert.Equal((HttpStatusCode.Conflict, "edit_conflict", "mine"), (late.Status, late.Code, late.Json.GetProperty("current").Text("description")));
    }

    [Fact]
    public async Task Start_OfVersionsThatCouldNotBeActivated_IsRefused()
    {
        var broken = await app.VersionsAsync("broken_start", text: " {{ text");
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "template_error"), await CodeAsync(app.MoveAsync(await app.DraftAsync("broken start", broken), "start")));

        var unapproved = await app.VersionsAsync("unapproved_start");
        await app.SqlAsync("UPDATE prompts SET requires_approval = true WHERE name = 'unapproved_start'");
        Assert.Equal((HttpStatusCode.Conflict, "approval_required"), await CodeAsync(app.MoveAsync(await app.DraftAsync("unapproved start", unapproved), "start")));

        var isProtected = await app.VersionsAsync("protected_start");
        var id = await app.DraftAsync("protected start", isProtected);
        await app.SqlAsync("UPDATE prompts SET is_protected = true WHERE name = 'protected_start'");
        var editor = await app.Client.CallAsync(HttpMethod.Post, $"{Experimenting.Root}/{id}/start", null, await TestKeys.AddAsync(app, "write"));
        Assert.Equal((HttpStatusCode.Forbidden, "promotion_not_allowed"), (editor.Status, editor.Code));
        Assert.Equal(HttpStatusCode.OK, (await app.MoveAsync(id, "start")).Status);
    }

    [Fact]
    public async Task Key_BoundToOtherPrompts_NeitherSeesNorChanges()
    {
        var (id, _) = await app.RunningAsync("out_of_reach");
        var key = await TestKeys.AddAsync(app, ["read", "write"], boundNames: ["another"]);

        foreach (var (method, path) in new[] { (HttpMethod.Get, ""), (HttpMethod.Get, "/metrics"), (HttpMethod.Post, "/pause"), (HttpMethod.Post, "/recompute") })
        {
            var answer = await app.Client.CallAsync(method, $"{Experimenting.Root}/{id}{path}", null, key);
            Assert.Equal((HttpStatusCode.Forbidden, "prompt_not_allowed"), (answer.Status, answer.Code));
        }
        Assert.Empty((await app.Client.CallAsync(HttpMethod.Get, Experimenting.Root, null, key)).Json.GetProperty("items").EnumerateArray());
    }

    [Theory]
    [InlineData("""{"arms": [{"users": 1000, "successes": 120}, {"users": 1000, "successes": 155}]}""")]
    [InlineData("""{"arms": [{"users": 100, "mean": 10, "standard_deviation": 2}, {"users": 120, "mean": 11, "standard_deviation": 2.5}, {"users": 90, "mean": 10, "standard_deviation": 2}]}""")]
    public async Task Significance_IsCalculated(string question)
    {
        var answer = await app.Client.CallAsync(HttpMethod.Post, $"{Experimenting.Root}/significance", question);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var first = answer.Json.GetProperty("comparisons")[0];
        Assert.True(first.GetProperty("significant").GetBoolean());
        Assert.InRange(first.GetProperty("p").GetDouble(), 0.0001, 0.05);
        Assert.True(first.GetProperty("interval").GetProperty("lower").GetDouble() > 0);
    }

    [Fact]
    public async Task Significance_ThatCannotBeCalculated_SaysWhy()
    {
        var answer = await app.Client.CallAsync(HttpMethod.Post, $"{Experimenting.Root}/significance", """{"arms": [{"users": 0, "successes": 0}, {"users": 10, "successes": 5}]}""");
        Assert.Equal("empty_arm", answer.Json.GetProperty("comparisons")[0].Text("reason"));

        var wrong = await app.Client.CallAsync(HttpMethod.Post, $"{Experimenting.Root}/significance", """{"arms": [{"users": 10, "successes": 11}, {"users": 10, "successes": 5}]}""");
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "invalid_calculation", "arms"), (wrong.Status, wrong.Code, wrong.Value("member")));
    }

    [Fact]
    public async Task SampleSize_IsCalculated_InDaysAtThePromptsTraffic()
    {
        await app.VersionsAsync("traffic");
        for (var user = 0; user < 5; user++)
            await app.AskAsync("traffic", $"u{user % 3}");

        var answer = await app.Client.CallAsync(HttpMethod.Post, $"{Experimenting.Root}/sample-size", """{"baseline_rate": 0.1, "minimum_effect": 0.02, "prompt_name": "traffic"}""");

        Assert.InRange(answer.Json.GetProperty("users_per_group").GetInt64(), 3_800, 3_900);
        Assert.Equal(3, answer.Json.GetProperty("users_per_day").GetDouble());
        Assert.True(answer.Json.GetProperty("days_always_valid").GetDouble() > answer.Json.GetProperty("days").GetDouble());
        var found = await app.Client.CallAsync(HttpMethod.Post, $"{Experimenting.Root}/sample-size", """{"baseline_rate": 0.1, "users_per_group": 3841}""");
        Assert.InRange(found.Json.GetProperty("minimum_effect").GetDouble(), 0.019, 0.021);
    }

    private static async Task<(HttpStatusCode, string?)> CodeAsync(Task<ApiAnswer> call)
    {
        var answer = await call;
        return (answer.Status, answer.Code);
    }

    private async Task<string[]> GroupsAsync(string prompt) =>
        await Task.WhenAll(Enumerable.Range(0, 60).Select(async user => (await app.AskAsync(prompt, $"u{user}")).Value("ab_test_group")));
}
