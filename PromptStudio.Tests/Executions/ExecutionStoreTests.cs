using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PromptStudio.Core.Executions;
using PromptStudio.Executions;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Executions;

[Trait(Tier.Name, Tier.Api)]
public sealed class ExecutionStoreTests(StudioApp app) : IClassFixture<StudioApp>
{
    [Theory]
    [InlineData(2041)]
    [InlineData(2042)]
    public async Task Add_BeyondTheMonthsThatWereMade_MakesTheMonth(int year)
    {
        var id = ExecutionId.New(new DateTimeOffset(year, 7, 1, 0, 0, 0, TimeSpan.Zero));
        var execution = new PromptExecution
        {
            Id = id,
            CreatedAt = ExecutionId.Instant(id)!.Value,
            PromptTemplateId = Guid.Empty,
            Variables = "{}",
            RenderedPrompt = "later",
            Status = ExecutionStatus.Success,
            RequestId = year == 2041 ? null : id,
        };
        var store = app.Services.GetRequiredService<ExecutionStore>();

        if (execution.RequestId is null)
            await store.AddAsync(execution, TestContext.Current.CancellationToken);
        else
            Assert.Equal((true, null), await store.AddOnceAsync(execution, new byte[32], TestContext.Current.CancellationToken));

        await using var context = await app.OpenAsync();
        Assert.Equal("later", (await context.PromptExecutions.SingleAsync(e => e.Id == id, TestContext.Current.CancellationToken)).RenderedPrompt);
    }
}
