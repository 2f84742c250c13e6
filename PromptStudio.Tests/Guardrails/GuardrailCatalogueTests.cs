using System.Net;
using Microsoft.Extensions.DependencyInjection;
using PromptStudio.Guardrails;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Guardrails;

/// <summary>Changes reach every node, whoever makes them; what somebody broke in the table follows its on_error.</summary>
[Trait(Tier.Name, Tier.Database)]
public sealed class GuardrailCatalogueTests(StudioApp app) : IClassFixture<StudioApp>
{
    private GuardrailCatalogue Catalogue => app.Services.GetRequiredService<GuardrailCatalogue>();

    [Fact]
    public async Task Change_ThroughTheApi_HoldsFromItsAnswerOn()
    {
        await app.PromptAsync("at_once", "{{ text }}");
        for (var turn = 0; turn < 5; turn++)
        {
            var id = (await app.GuardAsync("at_once", "keyword", """{"words": ["bad"]}""")).Id();
            Assert.Equal("guardrail_blocked", (await app.RenderAsync("at_once", """{"text": "bad"}""")).Code);
            await app.Client.CallAsync(HttpMethod.Delete, $"{Guarded.Guardrails}/{id}");
            Assert.Equal(HttpStatusCode.OK, (await app.RenderAsync("at_once", """{"text": "bad"}""")).Status);
        }
    }

    [Fact]
    public async Task Change_OfAnotherNode_IsHeardOf_LongBeforeTheSlowLook()
    {
        var started = TimeProvider.System.GetTimestamp();
        await app.SqlAsync("""
            INSERT INTO prompt_guardrails (id, name, rule_type, rule_config, enforcement_level, applies_to)
            VALUES (gen_random_uuid(), 'by SQL', 'keyword', '{"words": ["bad"]}', 'blocking', '{heard}')
            """);

        await Eventually.TrueAsync(() => Task.FromResult(Catalogue.For("heard", null) is not null), "the catalogue to hear of it");

        // The slow look comes after 30 seconds.
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(20));
        Assert.Null(Catalogue.For("another", null));
    }

    [Fact]
    public async Task Listener_WhoseConnectionIsCut_ListensAgain()
    {
        await app.SqlAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'");
        await app.SqlAsync("""
            INSERT INTO prompt_guardrails (id, name, rule_type, rule_config, enforcement_level, applies_to)
            VALUES (gen_random_uuid(), 'after a cut', 'keyword', '{"words": ["bad"]}', 'blocking', '{cut}')
            """);

        await Eventually.TrueAsync(() => Task.FromResult(Catalogue.For("cut", null) is not null), "the catalogue after a cut");
    }

    [Fact]
    public async Task Rules_AreBuiltOnce_AndKeptWhileOthersChange()
    {
        await app.GuardAsync("kept", "keyword", """{"words": ["bad"]}""");
        var before = Catalogue.For("kept", "x")!.Prompt!.Guardrails[0];

        await app.GuardAsync("kept", "max_length", """{"characters": 9}""");

        Assert.Same(before, Catalogue.For("kept", "x")!.Prompt!.Guardrails[0]);
        Assert.Same(Catalogue.For("kept", "x"), Catalogue.For("kept", "x"));
        Assert.NotSame(before, Catalogue.ForTrial("kept", "x")!.Prompt!.Guardrails[0]);
    }

    [Theory]
    [InlineData("regex", """{"patterns": ["("]}""", "NULL", "allow", 200, "error")]
    [InlineData("regex", """{"patterns": ["("]}""", "NULL", "block", 422, "blocked")]
    [InlineData("no_such_type", "[1]", "NULL", "block", 422, "blocked")]
    [InlineData("model_check", "{}", "NULL", "allow", 200, "error")]
    [InlineData("keyword", """{"words": ["x"]}""", """'{"patterns": ["(?=x)"]}'""", "allow", 200, "error")]
    [InlineData("keyword", """{"words": ["x"]}""", """'{"texts": 3}'""", "allow", 200, "error")]
    public async Task Guardrail_ThatSomebodyBrokeInTheTable_FollowsItsOnError_AndIsReported(string type, string config, string allowList, string onError, int status, string outcome)
    {
        var name = "broken_" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(type + config + allowList + onError)))[..8];
        await app.PromptAsync(name, "{{ text }}");
        var id = (await app.GuardAsync(name, "keyword", """{"words": ["zebra"]}""", $$"""{"on_error": "{{onError}}"}""")).Id();
        await app.SqlAsync($"UPDATE prompt_guardrails SET rule_type = '{type}', rule_config = '{config}', allow_list = {allowList} WHERE id = '{id}'");
        await Eventually.TrueAsync(() => Task.FromResult(Catalogue.Broken.Any(broken => broken.Guardrail.Id == id)), "the broken guardrail");

        var answer = await app.RenderAsync(name, """{"text": "nothing bad"}""");

        Assert.Equal((status, outcome), ((int)answer.Status, Assert.Single(answer.Found()).Text("outcome")));
        var view = await app.Client.CallAsync(HttpMethod.Get, $"{Guarded.Guardrails}/{id}");
        Assert.NotEmpty(view.Value("broken"));
        Assert.Contains((await app.Client.CallAsync(HttpMethod.Get, $"{Guarded.Guardrails}?search={name}")).Json.GetProperty("items").EnumerateArray(), one => one.Text("broken")!.Length > 0);
        Assert.Equal("Degraded", (await app.Client.CallAsync(HttpMethod.Get, "/health/ready")).Text);
        Assert.NotEmpty((await app.Client.CallAsync(HttpMethod.Post, $"{Guarded.Guardrails}/test", $$"""{"text": "x", "guardrail_ids": ["{{id}}"]}""")).Json.GetProperty("guardrails")[0].Text("error")!);
        Assert.Equal(HttpStatusCode.OK, (await app.Client.CallAsync(HttpMethod.Delete, $"{Guarded.Guardrails}/{id}")).Status);
    }
}
