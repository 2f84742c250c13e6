using Microsoft.Extensions.DependencyInjection;
using PromptStudio.Core.Guardrails;
using PromptStudio.Executions;
using PromptStudio.Tests.Guardrails;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Executions;

[Trait(Tier.Name, Tier.Api)]
public sealed class ExecutionListTests(StudioApp app) : IClassFixture<StudioApp>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task List_OfAGuardrail_HasWhatItFound()
    {
        await app.PromptAsync("listed_guarded", "{{ q }}");
        var guardrail = await app.GuardAsync("listed_guarded", RuleType.Keyword, """{"words": ["stop"]}""", """{"enforcement_level": "warning"}""");
        var hit = (await app.RenderAsync("listed_guarded", """{"q": "stop"}""")).Json.Id("execution_id");
        await app.RenderAsync("listed_guarded", """{"q": "go"}""");

        Assert.Equal([hit], await IdsAsync(new ExecutionFilter { GuardrailId = guardrail.Id() }));
        Assert.Equal([hit], await IdsAsync(new ExecutionFilter { GuardrailId = guardrail.Id(), Prompt = "listed_guarded" }));
        Assert.Empty(await IdsAsync(new ExecutionFilter { GuardrailId = guardrail.Id(), Prompt = "clarification_questions" }));
    }

    [Fact]
    public async Task List_OfAnId_FindsTheExecution_AndTheRequest()
    {
        await app.PromptAsync("listed_by_id", "{{ q }}");
        var request = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        var id = (await app.RenderAsync("listed_by_id", """{"q": "x"}""", $"\"request_id\": \"{request}\"")).Json.Id("execution_id");

        Assert.Equal([id], await IdsAsync(new ExecutionFilter { AnyId = id }));
        Assert.Equal([id], await IdsAsync(new ExecutionFilter { AnyId = request }));
        Assert.Empty(await IdsAsync(new ExecutionFilter { AnyId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()) }));
        Assert.Empty(await IdsAsync(new ExecutionFilter { AnyId = Guid.Empty }));
    }

    private async Task<List<Guid>> IdsAsync(ExecutionFilter filter)
    {
        var answer = await app.Services.GetRequiredService<ExecutionList>().ListAsync(TestActors.Viewer, filter, Cancellation);
        return [.. answer.Value!.Items.Select(row => row.Id)];
    }
}
