using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Core.Audit;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Audit;

[Trait(Tier.Name, Tier.Api)]
public sealed class AuditApiTests(StudioApp app) : IClassFixture<StudioApp>
{
    private static readonly Actor Ada = new(ActorKind.User, "7", "ada@example.com", Permissions.Administer) { Address = "192.0.2.7", RequestId = "r1" };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task List_IsTheNewestFirst_AndKeepsToItsFilters()
    {
        var subject = await FillAsync(5);

        var page = await GetAsync($"?subject_id={subject}&page_size=2");

        Assert.Equal(5, page.GetProperty("total").GetInt64());
        var items = page.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal([4, 3], items.Select(item => item.GetProperty("after").GetProperty("n").GetInt32()));
        Assert.Equal(5, await TotalAsync($"?subject_id={subject}&actor=7&action=prompt.changed&subject_kind=prompt"));
        Assert.Equal(5, await TotalAsync($"?subject_id={subject}&actor=ada@example.com&search=ADA%40example&from=2020-01-01"));
        Assert.Equal(0, await TotalAsync($"?subject_id={subject}&actor=8"));
        Assert.Equal(0, await TotalAsync($"?subject_id={subject}&action=user.invited"));
        Assert.Equal(0, await TotalAsync($"?subject_id={subject}&to=2020-01-01"));
        Assert.Equal(0, await TotalAsync($"?subject_id={subject}&search=%25_nothing"));
        var one = await app.Client.GetFromJsonAsync<JsonElement>($"/api/admin/audit/{items[0].GetProperty("sequence").GetInt64()}", Cancellation);
        Assert.Equal(items[0].GetRawText(), one.GetRawText());
        Assert.Equal(HttpStatusCode.NotFound, (await app.Client.GetAsync("/api/admin/audit/999999", Cancellation)).StatusCode);
    }

    [Fact]
    public async Task Export_CanBeCheckedWithoutTheStudio()
    {
        await FillAsync(300);

        using var response = await app.Client.GetAsync("/api/admin/audit/export", Cancellation);

        Assert.Equal("application/x-ndjson", response.Content.Headers.ContentType!.MediaType);
        var lines = (await response.Content.ReadAsStringAsync(Cancellation)).TrimEnd('\n').Split('\n');
        Assert.True(lines.Length >= 300);
        var verifier = new AuditVerifier();
        foreach (var entry in lines.Select(line => JsonElement.Parse(line)))
            Assert.True(verifier.Add(Read(entry)));
        Assert.Equal(lines.Length, verifier.Entries);
    }

    [Fact]
    public async Task Verify_TellsTheHead_WhichIsAnAnchorLater()
    {
        await FillAsync(3);

        var first = await VerifyAsync("");
        Assert.True(first.GetProperty("holds").GetBoolean());
        await FillAsync(2);
        var (sequence, hash) = (first.GetProperty("entries").GetInt64(), first.GetProperty("head_hash").GetString()!);

        Assert.True((await VerifyAsync($"?sequence={sequence}&hash={hash}")).GetProperty("holds").GetBoolean());
        var other = await VerifyAsync($"?sequence={sequence}&hash={new string('0', 64)}");
        Assert.Equal((sequence, "changed"), (other.GetProperty("first_broken").GetProperty("sequence").GetInt64(), other.GetProperty("first_broken").GetProperty("fault").GetString()));
        var later = await VerifyAsync($"?sequence=999999&hash={hash}");
        Assert.Equal("cut_off", later.GetProperty("first_broken").GetProperty("fault").GetString());
    }

    [Theory]
    [InlineData("?action=prompt.loved", "action")]
    [InlineData("?page=0", "page")]
    [InlineData("?sort=actor", "sort")]
    [InlineData("/verify?sequence=1", "hash")]
    [InlineData("/verify?sequence=0&hash=00", "sequence")]
    [InlineData("/verify?sequence=1&hash=zz", "hash")]
    public async Task WhatCannotBeAsked_IsNamed(string query, string member)
    {
        using var response = await app.Client.GetAsync("/api/admin/audit" + query, Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(member, (await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("member").GetString());
    }

    [Fact]
    public async Task KeyThatIsBoundToPrompts_DoesNotSeeTheLog_AndIsNotedForTrying()
    {
        using var client = app.NewClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await TestKeys.AddAsync(app, ["admin"], boundNames: ["mine"]));

        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/api/admin/audit/export", Cancellation)).StatusCode);

        Assert.True(await TotalAsync("?action=access.refused&subject_id=audit") > 0);
    }

    private async Task<string> FillAsync(int entries)
    {
        var subject = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString();
        for (var n = 0; n < entries; n++)
            await app.Services.GetRequiredService<AuditLog>().AppendAsync(Ada, new AuditEvent(AuditAction.PromptChanged, "prompt", subject, new { Text = "ä\"\n🎉" }, new { n }), Cancellation);
        return subject;
    }

    private static ChainedAuditRecord Read(JsonElement entry)
    {
        string? Text(string name) => entry.GetProperty(name).GetString();
        string? Json(string name) => entry.GetProperty(name) is { ValueKind: not JsonValueKind.Null } value ? value.GetRawText() : null;
        return new ChainedAuditRecord(
            new AuditRecord
            {
                Sequence = entry.GetProperty("sequence").GetInt64(),
                At = entry.GetProperty("at").GetDateTimeOffset(),
                ActorKind = Text("actor_kind")!,
                ActorId = Text("actor_id"),
                ActorName = Text("actor_name")!,
                Address = Text("address"),
                RequestId = Text("request_id"),
                Action = Text("action")!,
                SubjectKind = Text("subject_kind")!,
                SubjectId = Text("subject_id"),
                Before = Json("before"),
                After = Json("after"),
            },
            Convert.FromHexString(Text("previous_hash")!),
            Convert.FromHexString(Text("hash")!));
    }

    private async Task<long> TotalAsync(string query) => (await GetAsync(query)).GetProperty("total").GetInt64();

    private Task<JsonElement> GetAsync(string query) => app.Client.GetFromJsonAsync<JsonElement>("/api/admin/audit" + query, Cancellation);

    private Task<JsonElement> VerifyAsync(string query) => app.Client.GetFromJsonAsync<JsonElement>("/api/admin/audit/verify" + query, Cancellation);
}
