using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using PromptStudio.Core.Access;
using PromptStudio.Core.Guardrails;
using PromptStudio.Guardrails;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Guardrails;

[Trait(Tier.Name, Tier.Api)]
public sealed class GuardrailLookbackTests(StudioApp app) : IClassFixture<StudioApp>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private GuardrailLookback Lookback => app.Services.GetRequiredService<GuardrailLookback>();

    [Fact]
    public async Task Run_OfAnUnsavedRule_LooksAtTheTextsOfItsScope()
    {
        await app.PromptAsync("looked_back", "The template says secret word. {{ q }}");
        await app.RenderAsync("looked_back", """{"q": "nothing"}""");
        await app.RenderAsync("looked_back", """{"q": "my secret word"}""");
        var rule = new UnsavedRule { RuleType = RuleType.Keyword, RuleConfig = JsonElement.Parse("""{"words": ["secret word"]}""") };

        var prompt = await RunAsync(new LookbackRequest { Rule = rule, AppliesTo = ["looked_back"] });
        var variables = await RunAsync(new LookbackRequest { Rule = rule, AppliesTo = ["looked_back"], Scope = GuardrailWords.Variables });
        var named = await RunAsync(new LookbackRequest { Rule = rule, AppliesTo = ["looked_back"], Scope = GuardrailWords.Variables, Variables = ["other"] });

        Assert.Equal((2, 2), (prompt.Looked, prompt.Guardrails[0].Executions));
        Assert.Equal((2, 1), (variables.Looked, variables.Guardrails[0].Executions));
        var hit = Assert.Single(variables.Guardrails[0].Hits);
        Assert.Equal(("q", "my secret word", 3, 14), (hit.Variable, hit.Text, hit.Spans[0].Start, hit.Spans[0].End));
        Assert.Equal(0, named.Guardrails[0].Executions);
    }

    [Fact]
    public async Task Run_OfStoredOnes_LooksOnlyAtTheirPrompts()
    {
        await app.PromptAsync("back_mine", "{{ q }}");
        await app.PromptAsync("back_other", "{{ q }}");
        await app.RenderAsync("back_mine", """{"q": "findme"}""");
        await app.RenderAsync("back_other", """{"q": "findme"}""");
        var guardrail = await app.GuardAsync("back_mine", RuleType.Keyword, """{"words": ["findme"]}""", """{"enforcement_level": "logging"}""");

        var back = await RunAsync(new LookbackRequest { GuardrailIds = [guardrail.Id()] });

        Assert.All(back.Guardrails[0].Hits, hit => Assert.Equal("back_mine", hit.PromptName));
        Assert.Equal(1, back.Guardrails[0].Executions);
    }

    [Fact]
    public async Task Run_OfAConfigThatCannotWork_NamesTheMember()
    {
        var answer = await Lookback.RunAsync(TestActors.Viewer, new LookbackRequest { Rule = new UnsavedRule { RuleType = RuleType.Regex, RuleConfig = JsonElement.Parse("""{"patterns": ["("]}""") } }, Cancellation);

        Assert.Equal(("invalid_guardrail", "rule_config.patterns[0]"), (answer.Problem!.Code, answer.Problem.Extensions["member"]));
    }

    [Fact]
    public async Task Run_ByWhoMayNotRead_IsRefused() =>
        Assert.Equal(403, (await Lookback.RunAsync(TestActors.Key(Permissions.Render), new LookbackRequest(), Cancellation)).Problem!.Status);

    [Fact]
    public async Task Rollout_CountsWhatEachStepWouldHaveBlocked()
    {
        await app.PromptAsync("rolled_out", "{{ q }}");
        var guardrail = await app.GuardAsync("rolled_out", RuleType.Keyword, """{"words": ["stop"]}""", """{"enforcement_percentage": 0}""");
        var users = Enumerable.Range(0, 12).Select(n => $"user-{n}").ToList();
        foreach (var user in users)
            await app.RenderAsync("rolled_out", """{"q": "stop"}""", $"\"user_id\": \"{user}\"");

        var rollout = (await Lookback.RolloutAsync(TestActors.Viewer, guardrail.Id(), Cancellation)).Value!;

        Assert.Equal((12, 0), (rollout.Hits, rollout.Blocked[0]));
        foreach (var percent in (int[])[10, 35, 70])
        {
            var rule = new Guardrail { Id = guardrail.Id(), Name = "g", RuleType = RuleType.Keyword, RuleConfig = "{}", EnforcementPercentage = percent };
            Assert.Equal(users.Count(rule.BlocksFor), rollout.Blocked[percent]);
        }
    }

    private async Task<Lookback> RunAsync(LookbackRequest request)
    {
        var answer = await Lookback.RunAsync(TestActors.Viewer, request, Cancellation);
        Assert.Null(answer.Problem?.Detail);
        return answer.Value!;
    }
}
