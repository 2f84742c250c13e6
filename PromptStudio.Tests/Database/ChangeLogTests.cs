using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using PromptStudio.Database;
using PromptStudio.Prompts;
using PromptStudio.Rendering;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Database;

/// <summary>What a node keeps in memory follows what any node commits, whatever becomes of PostgreSQL's notifications.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed class ChangeLogTests(StudioApp app) : IClassFixture<StudioApp>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Change_ByThisNode_IsServedByTheVeryNextRequest()
    {
        var first = await AddAsync("own_change", "text 1", 1);
        Assert.Equal("text 1", await RenderAsync("own_change"));
        for (var number = 2; number <= 10; number++)
        {
            var next = await AddAsync("own_change", $"text {number}", number, isActive: false);
            await PostAsync($"/api/admin/prompts/{next}/activate", "{}");

            Assert.Equal($"text {number}", await RenderAsync("own_change"));
        }
        await PostAsync($"/api/admin/prompts/{first}/activate", "{}");
        Assert.Equal("text 1", await RenderAsync("own_change"));
    }

    [Fact]
    public async Task Change_ByAnotherNode_IsFollowed()
    {
        await AddAsync("other_change", "before", 1);
        await AddAsync("other_change", "after", 2, isActive: false);
        Assert.Equal("before", await RenderAsync("other_change"));

        await ElsewhereAsync(Activate("other_change", 2));

        await Eventually.TrueAsync(async () => await RenderAsync("other_change") == "after", "the other node's change");
    }

    [Fact]
    public async Task Change_OfWhatIsIncluded_IsSeenThroughTheInclude()
    {
        await AddAsync("included", "first", 1);
        await AddAsync("included", "second", 2, isActive: false);
        await AddAsync("including", "-> {% include 'included' %}", 1);
        Assert.Equal("-> first", await RenderAsync("including"));

        await ElsewhereAsync(Activate("included", 2));

        await Eventually.TrueAsync(async () => await RenderAsync("including") == "-> second", "the included prompt's change");
    }

    [Fact]
    public async Task Archive_ByAnotherNode_EndsIt()
    {
        await AddAsync("archived_elsewhere", "text", 1);
        Assert.Equal("text", await RenderAsync("archived_elsewhere"));

        await ElsewhereAsync("UPDATE prompts SET archived_at = now() WHERE name = 'archived_elsewhere'");

        await Eventually.TrueAsync(async () => (await SendAsync("archived_elsewhere")).StatusCode == HttpStatusCode.NotFound, "the archive");
    }

    [Fact]
    public async Task Changes_AreNumberedWithoutGapsInTheOrderOfTheirCommits()
    {
        await AddAsync("numbered", "0", 1);
        await using var database = NpgsqlDataSource.Create(app.ConnectionString);
        await Parallel.ForAsync(0, 20, Cancellation, async (number, cancellationToken) =>
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await using var change = new NpgsqlCommand("INSERT INTO prompts (name) VALUES ('numbered_' || $1)", connection, transaction)
            {
                Parameters = { new() { Value = $"{number}" } },
            };
            await change.ExecuteNonQueryAsync(cancellationToken);
            if (number % 3 == 0)
                await transaction.RollbackAsync(cancellationToken);
            else
                await transaction.CommitAsync(cancellationToken);
        });

        await using var count = database.CreateCommand("SELECT (SELECT sequence FROM catalogue_state) = max(sequence) AND max(sequence) - min(sequence) + 1 = count(*) FROM catalogue_changes");
        Assert.Equal(true, await count.ExecuteScalarAsync(Cancellation));
    }

    [Theory]
    [InlineData("DELETE FROM catalogue_changes")]
    [InlineData("UPDATE catalogue_state SET sequence = 0")]
    public async Task Follow_OfALogWithAHole_ReadsEverything(string hole)
    {
        var name = $"behind_a_hole_{hole.Length}";
        await AddAsync(name, "before", 1);
        await AddAsync(name, "after", 2, isActive: false);
        Assert.Equal("before", await RenderAsync(name));

        // In one transaction: nobody sees the change in the log.
        await ElsewhereAsync($"{Activate(name, 2)}; SET CONSTRAINTS ALL IMMEDIATE; {hole}");
        await app.Services.GetRequiredService<ChangeLog>().FollowAsync(Cancellation);

        Assert.Equal("after", app.Services.GetRequiredService<PromptCatalogue>().Recall(name, null, null)?.Row.TemplateText);
        // The numbers begin anew for the other tests too.
        await ElsewhereAsync("DELETE FROM catalogue_changes");
    }

    [Fact]
    public async Task Follow_OfNothingNew_KeepsWhatIsThere()
    {
        await AddAsync("kept", "text", 1);
        var catalogue = app.Services.GetRequiredService<PromptCatalogue>();
        var before = catalogue.Recall("kept", null, null);

        await app.Services.GetRequiredService<ChangeLog>().FollowAsync(Cancellation);

        Assert.NotNull(before);
        Assert.Same(before, catalogue.Recall("kept", null, null));
    }

    [Fact]
    public async Task Follow_OverAConnectionThatBrokeAfterTheCommit_TakesAnother()
    {
        await AddAsync("broken_follow", "before", 1);
        await AddAsync("broken_follow", "after", 2, isActive: false);
        await using var broken = new NpgsqlConnection(app.ConnectionString);
        await broken.OpenAsync(Cancellation);
        await ElsewhereAsync($"SELECT pg_terminate_backend({broken.ProcessID})");
        await ElsewhereAsync(Activate("broken_follow", 2));

        await app.Services.GetRequiredService<ChangeLog>().FollowCommittedAsync(broken);

        Assert.Equal("after", app.Services.GetRequiredService<PromptCatalogue>().Recall("broken_follow", null, null)?.Row.TemplateText);
    }

    private async Task<Guid> AddAsync(string name, string text, int version, bool isActive = true)
    {
        var id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        await using var context = await app.OpenAsync();
        await context.AddVersionAsync(new PromptTemplate { Id = id, Name = name, TemplateText = text, Version = version, IsActive = isActive });
        return id;
    }

    private static string Activate(string name, int version) =>
        $"UPDATE prompt_templates SET is_active = false WHERE name = '{name}' AND is_active; UPDATE prompt_templates SET is_active = true, frozen_at = coalesce(frozen_at, now()) WHERE name = '{name}' AND version = {version}";

    private async Task ElsewhereAsync(string sql)
    {
        await using var database = NpgsqlDataSource.Create(app.ConnectionString);
#pragma warning disable CA2100 // Of this test.
        await using var command = database.CreateCommand(sql);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    private async Task<string> RenderAsync(string name)
    {
        var response = await SendAsync(name);
        var answer = await response.Content.ReadAsStringAsync(Cancellation);
        Assert.True(response.IsSuccessStatusCode, answer);
        return System.Text.Json.JsonElement.Parse(answer).GetProperty("rendered_prompt").GetString()!;
    }

    private async Task<HttpResponseMessage> SendAsync(string name)
    {
        using var body = new StringContent("{}", Encoding.UTF8, "application/json");
        return await app.Client.PostAsync(new Uri($"/api/render/{name}", UriKind.Relative), body, Cancellation);
    }

    private async Task PostAsync(string path, string json)
    {
        using var body = new StringContent(json, Encoding.UTF8, "application/json");
        var response = await app.Client.PostAsync(new Uri(path, UriKind.Relative), body, Cancellation);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancellation));
    }
}
