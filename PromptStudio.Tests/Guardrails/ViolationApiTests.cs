using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Guardrails;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Guardrails;

/// <summary>What guardrails found can be looked at, counted, and marked as found wrongly.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed class ViolationApiTests(StudioApp app) : IClassFixture<StudioApp>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task List_FiltersAndPages_AndOutlivesTheGuardrail()
    {
        await app.PromptAsync("seen", "{{ text }}");
        var warns = await app.GuardAsync("seen", "keyword", """{"words": ["x"]}""", """{"enforcement_level": "warning"}""");
        await app.GuardAsync("seen", "max_length", """{"characters": 3}""");
        for (var render = 0; render < 3; render++)
            await app.RenderAsync("seen", """{"text": "x"}""");
        await app.RenderAsync("seen", """{"text": "long x"}""");
        await app.Client.CallAsync(HttpMethod.Delete, $"{Guarded.Guardrails}/{warns.Id()}");

        var all = await ListAsync("prompt=seen");
        Assert.Equal(5, all.Count);
        Assert.Equal(all.Select(one => one.Id().ToString()).OrderDescending(StringComparer.Ordinal), all.Select(one => one.Id().ToString()));
        Assert.Equal(4, (await ListAsync($"guardrail={warns.Id()}")).Count);
        Assert.Single(await ListAsync("prompt=seen&outcome=blocked"));
        Assert.Single(await ListAsync("prompt=seen&level=blocking"));
        Assert.Equal(2, (await ListAsync($"execution_id={all[0].Text("execution_id")}")).Count);
        Assert.Empty(await ListAsync("prompt=seen&to=2020-01-01T00:00:00Z"));
        Assert.Empty(await ListAsync("prompt=seen&false_positive=true"));
        Assert.Equal(5, (await ListAsync("prompt=seen&false_positive=false")).Count);
        var first = await app.Client.CallAsync(HttpMethod.Get, $"{Guarded.Violations}?prompt=seen&page_size=3");
        var second = await app.Client.CallAsync(HttpMethod.Get, $"{Guarded.Violations}?prompt=seen&page_size=3&after={first.Value("next")}");
        Assert.Equal((3, 2, ""), (first.Json.GetProperty("items").GetArrayLength(), second.Json.GetProperty("items").GetArrayLength(), second.Value("next")));
        foreach (var wrong in new[] { "outcome=odd", "level=odd", "page_size=0", "from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z", "false_positive=perhaps" })
            Assert.Equal("invalid_request", (await app.Client.CallAsync(HttpMethod.Get, $"{Guarded.Violations}?{wrong}")).Code);
    }

    [Fact]
    public async Task ByDay_CountsEachOutcome_AlsoDaysWithout()
    {
        await app.PromptAsync("daily", "{{ text }}");
        await app.GuardAsync("daily", "keyword", """{"words": ["x"]}""", """{"enforcement_level": "warning"}""");
        await app.GuardAsync("daily", "max_length", """{"characters": 3}""");
        await app.RenderAsync("daily", """{"text": "x"}""");
        await app.RenderAsync("daily", """{"text": "long"}""");
        await app.RenderAsync("daily", """{"text": "long"}""");

        var days = (await app.Client.CallAsync(HttpMethod.Get, $"{Guarded.Violations}/by-day?prompt=daily")).Json.GetProperty("days").EnumerateArray().ToList();

        // Midnight may pass while this runs.
        Assert.InRange(days.Count, 30, 32);
        Assert.Equal((2, 1, 0), (days.Sum(day => day.GetProperty("blocked").GetInt32()), days.Sum(day => day.GetProperty("warned").GetInt32()), days.Sum(day => day.GetProperty("error").GetInt32())));
        Assert.Equal(0, days[0].GetProperty("blocked").GetInt32());
        Assert.Equal("invalid_request", (await app.Client.CallAsync(HttpMethod.Get, $"{Guarded.Violations}/by-day?from=2020-01-01T00:00:00Z")).Code);
        Assert.Single((await app.Client.CallAsync(HttpMethod.Get, $"{Guarded.Violations}/by-day?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z")).Json.GetProperty("days").EnumerateArray());
    }

    [Fact]
    public async Task FalsePositive_CountsAgainstThePrecision_AndCanBeTakenBack()
    {
        await app.PromptAsync("precise", "{{ text }}");
        var guardrail = await app.GuardAsync("precise", "keyword", """{"words": ["x"]}""", """{"enforcement_level": "warning"}""");
        for (var render = 0; render < 4; render++)
            await app.RenderAsync("precise", """{"text": "x"}""");
        var id = (await ListAsync("prompt=precise"))[1].Id();

        var marked = await app.Client.CallAsync(HttpMethod.Put, $"{Guarded.Violations}/{id}/false-positive");
        var again = await app.Client.CallAsync(HttpMethod.Put, $"{Guarded.Violations}/{id}/false-positive");

        Assert.Equal((HttpStatusCode.OK, "True"), (marked.Status, marked.Value("false_positive")));
        Assert.Equal(marked.Value("marked_by"), again.Value("marked_by"));
        Assert.Equal(("1", "0.75"), await FiguresAsync(guardrail.Id()));
        Assert.Equal(id, Assert.Single(await ListAsync("prompt=precise&false_positive=true")).Id());

        Assert.Equal("", (await app.Client.CallAsync(HttpMethod.Delete, $"{Guarded.Violations}/{id}/false-positive")).Value("false_positive"));
        Assert.Equal(("0", "1"), await FiguresAsync(guardrail.Id()));
        Assert.Equal("violation_not_found", (await app.Client.CallAsync(HttpMethod.Put, $"{Guarded.Violations}/01a2008d-7400-7000-8000-0000000000ff/false-positive")).Code);
        Assert.Equal("violation_not_found", (await app.Client.CallAsync(HttpMethod.Put, $"{Guarded.Violations}/{Guid.Empty}/false-positive")).Code);
        await using var context = await app.OpenAsync();
        Assert.Equal([AuditAction.ViolationMarked, AuditAction.ViolationUnmarked], await context.AuditEntries.Where(entry => entry.SubjectId == id.ToString()).OrderBy(entry => entry.Sequence).Select(entry => entry.Action).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task Violations_OfOtherPrompts_AreOutOfABoundKeysReach()
    {
        await app.PromptAsync("mine", "{{ text }}", category: "ours");
        await app.PromptAsync("theirs", "{{ text }}");
        foreach (var prompt in new[] { "mine", "theirs" })
        {
            await app.GuardAsync(prompt, "keyword", """{"words": ["x"]}""", """{"enforcement_level": "warning"}""");
            await app.RenderAsync(prompt, """{"text": "x"}""");
        }
        var store = app.Services.GetRequiredService<ViolationStore>();
        var theirs = (await ListAsync("prompt=theirs"))[0].Id();
        var mine = (await ListAsync("prompt=mine"))[0].Id();

        foreach (var key in new[] { TestActors.Key(Permissions.Read | Permissions.Write, names: ["mine"]), TestActors.Key(Permissions.Read | Permissions.Write, categories: ["ours"]) })
        {
            Assert.Equal([mine], (await store.ListAsync(key, new ViolationFilter(), Cancellation)).Value!.Items.Select(one => one.Id));
            Assert.Equal(1, (await store.ByDayAsync(key, new ViolationFilter(), Cancellation)).Value!.Days.Sum(day => day.Warned));
            Assert.Equal("violation_not_found", (await store.MarkAsync(key, theirs, true, Cancellation)).Problem?.Code);
            Assert.NotNull((await store.MarkAsync(key, mine, true, Cancellation)).Value);
        }
        Assert.Equal("role_missing", (await store.MarkAsync(TestActors.Viewer, mine, false, Cancellation)).Problem?.Code);
        Assert.Equal("scope_missing", (await store.ListAsync(TestActors.Key(Permissions.Render), new ViolationFilter(), Cancellation)).Problem?.Code);
    }

    private async Task<List<JsonElement>> ListAsync(string query)
    {
        var answer = await app.Client.CallAsync(HttpMethod.Get, $"{Guarded.Violations}?{query}");
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        return [.. answer.Json.GetProperty("items").EnumerateArray()];
    }

    private async Task<(string? FalsePositives, string? Precision)> FiguresAsync(Guid id)
    {
        var figures = (await app.Client.CallAsync(HttpMethod.Get, $"{Guarded.Guardrails}/{id}")).Json.GetProperty("last_seven_days");
        return (figures.Text("false_positives"), figures.Text("precision"));
    }
}
