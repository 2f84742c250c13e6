using Microsoft.Extensions.DependencyInjection;
using PromptStudio.Core.Executions;
using PromptStudio.Executions;
using PromptStudio.Prompts;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Prompts;

[Trait(Tier.Name, Tier.Database)]
public sealed class PromptStoreTests(StudioApp app) : IClassFixture<StudioApp>
{
    private PromptStore Store => app.Services.GetRequiredService<PromptStore>();

    [Fact]
    public async Task List_OfAPrompt_IsOneRowForAllItsVersions()
    {
        var old = await AddAsync("rows_one", 1, category: "rows", executions: 2);
        await AddAsync("rows_one", 2, category: "rows", active: true, executions: 3, description: "The active one.");
        await AddAsync("rows_one", 3, category: "rows");
        await AddAsync("rows_two", 1, category: "rows", description: "Old.");
        await AddAsync("rows_two", 2, category: "rows", description: "New.");
        await AddExecutionAsync(old, TimeProvider.System.GetUtcNow().AddDays(-8));

        var page = await Store.ListAsync(new PromptQuery { Category = "rows", Sort = "name" }, TestContext.Current.CancellationToken);

        Assert.Equal(2, page.Total);
        Assert.Equal(("rows_one", "The active one.", 2, 3, 5L), Shape(page.Rows[0]));
        Assert.Equal(("rows_two", "New.", null, 2, 0L), Shape(page.Rows[1]));
    }

    [Theory]
    [InlineData("search_100%", "search_100%_a")]
    [InlineData("SEARCH_A\\B", "search_a\\b")]
    [InlineData("in the description", "search_x")]
    [InlineData("nothing at all like this", null)]
    public async Task List_WithASearch_TakesItLiterally(string search, string? found)
    {
        await SearchableAsync();

        var page = await Store.ListAsync(new PromptQuery { Search = search }, TestContext.Current.CancellationToken);

        Assert.Equal(found is null ? [] : [found], page.Rows.Select(row => row.Name));
    }

    [Fact]
    public async Task List_InEverySort_GivesEachPromptOnceOverItsPages()
    {
        for (var n = 0; n < 60; n++)
            await AddAsync($"pages_{n:00}", 1, category: "pages", executions: n % 3 == 0 ? 1 : 0);
        foreach (var sort in PromptQuery.Columns.SelectMany(column => new[] { column, "-" + column }))
        {
            var names = new List<string>();
            for (var page = 1; page <= 3; page++)
                names.AddRange((await Store.ListAsync(new PromptQuery { Category = "pages", Sort = sort, Page = page }, TestContext.Current.CancellationToken)).Rows.Select(row => row.Name));
            Assert.Equal(60, names.Distinct().Count());
        }

        var behind = await Store.ListAsync(new PromptQuery { Category = "pages", Page = 99 }, TestContext.Current.CancellationToken);
        Assert.Equal((3, 10, 51, 60), (behind.Page, behind.Rows.Count, behind.First, behind.Last));
    }

    [Fact]
    public async Task Count_OfToday_KnowsErrorsFromTheRest()
    {
        var before = await Store.CountAsync(TestContext.Current.CancellationToken);
        var id = await AddAsync("figures", 1, category: "figures", active: true);
        var now = TimeProvider.System.GetUtcNow();
        foreach (var status in ExecutionStatus.All)
            await AddExecutionAsync(id, now, status);
        await AddExecutionAsync(id, now.AddDays(-1));

        var after = await Store.CountAsync(TestContext.Current.CancellationToken);

        Assert.Equal((1, 1, 1, 4L, 2L), (after.Prompts - before.Prompts, after.Active - before.Active, after.Versions - before.Versions,
            after.ExecutionsToday - before.ExecutionsToday, after.FailedToday - before.FailedToday));
        Assert.Contains("figures", after.Categories);
        Assert.Equal(after.Categories.Distinct().Order(StringComparer.Ordinal), after.Categories);
    }

    [Fact]
    public async Task FindShown_OfAPrompt_IsTheActiveVersionElseTheNewest()
    {
        await AddAsync("shown_active", 1, active: true);
        await AddAsync("shown_active", 2);
        await AddAsync("shown_none", 1);
        await AddAsync("shown_none", 2);

        Assert.Equal(1, (await Store.FindShownAsync("shown_active", TestContext.Current.CancellationToken))!.Version);
        Assert.Equal(2, (await Store.FindShownAsync("shown_none", TestContext.Current.CancellationToken))!.Version);
        Assert.Null(await Store.FindShownAsync("shown_never", TestContext.Current.CancellationToken));
    }

    private static (string, string?, int?, int, long) Shape(PromptRow row) => (row.Name, row.Description, row.ActiveVersion, row.Versions, row.Executions);

    private async Task SearchableAsync()
    {
        if (await Store.FindShownAsync("search_x", TestContext.Current.CancellationToken) is not null)
            return;
        foreach (var name in (string[])["search_100%_a", "search_1000_a", "search_a\\b", "search_axb"])
            await AddAsync(name, 1);
        await AddAsync("search_x", 1, description: "Found by a word in the description.");
    }

    private async Task<Guid> AddAsync(string name, int version, string? category = null, bool active = false, int executions = 0, string? description = null)
    {
        var now = TimeProvider.System.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        await using (var context = await app.OpenAsync())
        {
            await context.AddVersionAsync(new PromptTemplate
            {
                Id = id,
                Name = name,
                Version = version,
                Category = category,
                Description = description,
                IsActive = active,
                TemplateText = name,
                CreatedAt = now,
                UpdatedAt = now,
            });
        }
        for (var n = 0; n < executions; n++)
            await AddExecutionAsync(id, now);
        return id;
    }

    private Task<bool> AddExecutionAsync(Guid template, DateTimeOffset at, string status = ExecutionStatus.Success)
    {
        var id = Guid.CreateVersion7(at);
        return app.Services.GetRequiredService<ExecutionStore>().AddAsync(new PromptExecution
        {
            Id = id,
            PromptTemplateId = template,
            Variables = "{}",
            RenderedPrompt = "",
            Status = status,
            CreatedAt = ExecutionId.Instant(id)!.Value,
        }, TestContext.Current.CancellationToken);
    }
}
