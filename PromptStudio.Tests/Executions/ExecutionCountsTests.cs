using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PromptStudio.Core.Executions;
using PromptStudio.Database;
using PromptStudio.Executions;
using PromptStudio.Prompts;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Executions;

[Trait(Tier.Name, Tier.Api)]
public sealed class ExecutionCountsTests(StudioApp app) : IClassFixture<StudioApp>
{
    [Fact]
    public async Task Count_OnceAndAgain_CountsEachExecutionOnce_AndListsAddTheRest()
    {
        var now = TimeProvider.System.GetUtcNow();
        var counts = app.Services.GetRequiredService<ExecutionCounts>();
        var prompts = app.Services.GetRequiredService<PromptStore>();
        await using var context = await app.OpenAsync();
        var template = await context.PromptTemplates.FirstAsync(version => version.Name == "nlu_topic_extraction", TestContext.Current.CancellationToken);
        // Half an hour ago may be last month.
        await ExecutionPartitions.EnsureAsync(app.Services.GetRequiredService<StudioDatabase>().DataSource, now.AddHours(-1), TestContext.Current.CancellationToken);
        await AddAsync(template.Id, now.AddMinutes(-30), ExecutionStatus.Success);
        await AddAsync(template.Id, now.AddMinutes(-20), ExecutionStatus.Error);
        await AddAsync(template.Id, now.AddMinutes(-10), ExecutionStatus.Blocked);
        await AddAsync(template.Id, now.AddSeconds(-1), ExecutionStatus.Success);

        Assert.Equal(4, await ListedAsync());
        await counts.CountAsync(TestContext.Current.CancellationToken);
        Assert.Equal(4, await ListedAsync());
        await counts.CountAsync(TestContext.Current.CancellationToken);
        await AddAsync(template.Id, now, ExecutionStatus.Success);
        Assert.Equal(5, await ListedAsync());
        Assert.Equal((3, 1, 1), await KeptAsync());
        await counts.RecountAsync(TestContext.Current.CancellationToken);
        Assert.Equal((3, 1, 1), await KeptAsync());
        Assert.Equal(5, await ListedAsync());

        async Task<long> ListedAsync()
        {
            var page = await prompts.ListAsync(new PromptQuery { Search = "nlu_topic_extraction" }, TestContext.Current.CancellationToken);
            var row = Assert.Single(page.Rows);
            Assert.Equal(row.Executions, page.Daily[row.Name].Sum());
            return row.Executions;
        }

        async Task<(int, int, int)> KeptAsync()
        {
            await using var look = await app.OpenAsync();
            var days = await look.ExecutionDays.AsNoTracking().Where(day => day.TemplateId == template.Id).ToListAsync(TestContext.Current.CancellationToken);
            return (days.Sum(day => day.Executions), days.Sum(day => day.Failed), days.Sum(day => day.Blocked));
        }
    }

    private async Task AddAsync(Guid template, DateTimeOffset at, string status)
    {
        await using var context = await app.OpenAsync();
        var id = ExecutionId.New(at);
        context.PromptExecutions.Add(new PromptExecution
        {
            Id = id,
            CreatedAt = ExecutionId.Instant(id)!.Value,
            PromptTemplateId = template,
            Variables = "{}",
            RenderedPrompt = "",
            Status = status,
        });
        await context.SaveChangesAsync(TestContext.Current.CancellationToken);
    }
}
