using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using PromptStudio.Core.Executions;
using PromptStudio.Executions;
using PromptStudio.Prompts;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Executions;

[Trait(Tier.Name, Tier.Api)]
public sealed class ExecutionApiTests(StudioApp app) : IClassFixture<StudioApp>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task List_GoesThroughAllPages_TheNewestFirst_WithoutDoubles()
    {
        var prompt = await AddPromptAsync("paged", "a");
        var now = TimeProvider.System.GetUtcNow();
        var ids = new List<Guid>();
        for (var n = 0; n < 7; n++)
            ids.Add(await AddAsync(prompt, now.AddSeconds(-n)));

        var seen = new List<Guid>();
        string? after = null;
        do
        {
            var page = await GetAsync("?prompt=paged&page_size=3" + (after is null ? "" : $"&after={after}"));
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetGuid()));
            after = page.GetProperty("next").GetString();
        }
        while (after is not null);

        Assert.Equal(ids, seen);
    }

    [Fact]
    public async Task List_KeepsToItsFilters()
    {
        var prompt = await AddPromptAsync("filtered", "a");
        var now = TimeProvider.System.GetUtcNow();
        var ok = await AddAsync(prompt, now, user: "u1", group: "control");
        var blocked = await AddAsync(prompt, now.AddMinutes(-1), status: ExecutionStatus.Blocked, user: "u2");
        var old = await AddAsync(prompt, now.AddDays(-8));

        Assert.Equal([ok, blocked], await IdsAsync("?prompt=filtered"));
        Assert.Equal([ok, blocked], await IdsAsync($"?template_id={prompt.Id}"));
        Assert.Equal([ok, blocked], await IdsAsync("?prompt=filtered&version=1"));
        Assert.Empty(await IdsAsync("?prompt=filtered&version=2"));
        Assert.Equal([blocked], await IdsAsync("?prompt=filtered&status=blocked"));
        Assert.Equal([ok], await IdsAsync("?prompt=filtered&user_id=u1"));
        Assert.Equal([ok], await IdsAsync("?prompt=filtered&ab_test_group=control"));
        Assert.Equal([ok, blocked, old], await IdsAsync($"?prompt=filtered&from={now.AddDays(-9):yyyy-MM-dd}"));
        Assert.Equal([old], await IdsAsync($"?prompt=filtered&to={Uri.EscapeDataString(now.AddDays(-7.5).ToOffset(TimeSpan.FromHours(5)).ToString("O"))}"));
        Assert.Empty(await IdsAsync("?prompt=no_such_prompt"));
    }

    [Fact]
    public async Task Execution_ById_HasEverythingThatIsStored()
    {
        var prompt = await AddPromptAsync("single", "a");
        var id = await AddAsync(prompt, TimeProvider.System.GetUtcNow(), user: "u1");

        var execution = await app.Client.GetFromJsonAsync<JsonElement>($"/api/admin/executions/{id}", Cancellation);

        Assert.Equal(("single", 1, "u1", "rendered"), (execution.GetProperty("prompt_name").GetString(), execution.GetProperty("version").GetInt32(),
            execution.GetProperty("user_id").GetString(), execution.GetProperty("rendered_prompt").GetString()));
        Assert.Equal(7, execution.GetProperty("variables").GetProperty("n").GetInt32());
    }

    [Fact]
    public async Task KeyThatIsBound_SeesItsOwnPromptsOnly()
    {
        var (mine, other) = (await AddPromptAsync("mine", "a"), await AddPromptAsync("other", "b"));
        var now = TimeProvider.System.GetUtcNow();
        var (ofMine, ofOther) = (await AddAsync(mine, now), await AddAsync(other, now));
        using var client = app.NewClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await TestKeys.AddAsync(app, ["read"], boundNames: ["mine"]));

        var page = await client.GetFromJsonAsync<JsonElement>("/api/admin/executions", Cancellation);

        Assert.Equal([ofMine], page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetGuid()));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync($"/api/admin/executions/{ofMine}", Cancellation)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync($"/api/admin/executions/{ofOther}", Cancellation)).StatusCode);
    }

    [Theory]
    [InlineData("?status=done", "status")]
    [InlineData("?page_size=201", "page_size")]
    [InlineData("?page_size=0", "page_size")]
    [InlineData("?version=0", "version")]
    [InlineData("?version=x", "version")]
    [InlineData("?after=7", "after")]
    [InlineData("?from=yesterday", "from")]
    [InlineData("?from=2026-02-01&to=2026-01-01", "from")]
    [InlineData("?prompt=a%00b", "prompt")]
    public async Task List_OfSomethingImpossible_NamesIt(string query, string member)
    {
        using var response = await app.Client.GetAsync("/api/admin/executions" + query, Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);
        Assert.Equal(("invalid_request", member), (problem.GetProperty("code").GetString(), problem.GetProperty("member").GetString()));
    }

    private async Task<List<Guid>> IdsAsync(string query) =>
        [.. (await GetAsync(query)).GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetGuid())];

    private Task<JsonElement> GetAsync(string query) => app.Client.GetFromJsonAsync<JsonElement>("/api/admin/executions" + query, Cancellation);

    private async Task<PromptTemplate> AddPromptAsync(string name, string category)
    {
        var now = TimeProvider.System.GetUtcNow();
        var version = new PromptTemplate { Id = Guid.CreateVersion7(now), Name = name, Category = category, TemplateText = "x", TemplateFormat = "jinja2", Version = 1, CreatedAt = now, UpdatedAt = now };
        await using var context = await app.OpenAsync();
        await context.AddVersionAsync(version);
        return version;
    }

    private async Task<Guid> AddAsync(PromptTemplate version, DateTimeOffset at, string status = ExecutionStatus.Success, string? user = null, string? group = null)
    {
        var id = ExecutionId.New(at);
        var createdAt = ExecutionId.Instant(id)!.Value;
        await PromptStudio.Executions.ExecutionPartitions.EnsureAsync(((PromptStudio.Database.StudioDatabase)app.Services.GetService(typeof(PromptStudio.Database.StudioDatabase))!).DataSource, createdAt, Cancellation);
        await using var context = await app.OpenAsync();
        context.PromptExecutions.Add(new PromptExecution
        {
            Id = id,
            CreatedAt = createdAt,
            PromptTemplateId = version.Id,
            Variables = """{"n":7}""",
            RenderedPrompt = "rendered",
            Status = status,
            UserId = user,
            AbTestGroup = group,
        });
        await context.SaveChangesAsync(Cancellation);
        return id;
    }
}
