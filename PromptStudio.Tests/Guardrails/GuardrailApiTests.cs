using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Guardrails;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Guardrails;

[Trait(Tier.Name, Tier.Api)]
public sealed class GuardrailApiTests(StudioApp app) : IClassFixture<StudioApp>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Guardrail_IsMadeFoundChangedAndDeleted_AndAudited()
    {
        var made = await app.Client.CallAsync(HttpMethod.Post, Guarded.Guardrails, """
            {"name": " Life ", "description": "d", "rule_type": "regex", "rule_config": {"patterns": ["a(?=b)"]}, "scope": "variables", "variables": ["q", "q"], "applies_to": ["life"],
             "allow_list": {"texts": ["a"]}, "secret": "sesame open"}
            """);
        Assert.Equal(HttpStatusCode.Created, made.Status);
        var id = made.Json.Id();
        var found = await app.Client.CallAsync(HttpMethod.Get, $"{Guarded.Guardrails}/{id}");

        Assert.Equal(made.Text, found.Text);
        Assert.DoesNotContain("sesame", made.Text, StringComparison.Ordinal);
        await using (var look = await app.OpenAsync())
        {
            var row = await look.PromptGuardrails.SingleAsync(one => one.Id == id, Cancellation);
            Assert.DoesNotContain("sesame", row.SecretProtected, StringComparison.Ordinal);
            Assert.Equal("sesame open", app.Services.GetRequiredService<GuardrailSecrets>().Read(row));
        }
        Assert.Equal(("Life", "blocking", "100", "allow", "True", "False", "\"1\""), (found.Value("name"), found.Value("enforcement_level"), found.Value("enforcement_percentage"), found.Value("on_error"), found.Value("has_secret"), found.Value("is_linear"), found.Value("etag")));
        Assert.StartsWith("Pattern 1 does not run in linear time", found.Value("not_linear_because"), StringComparison.Ordinal);
        Assert.Equal(("""["q"]""", """["a"]"""), (found.Value("variables"), found.Json.GetProperty("allow_list").Text("texts")));
        Assert.Equal((428, "if_match_required"), await CodeAsync(id, """{"message": "m"}""", null));
        Assert.Equal((400, "invalid_request"), await CodeAsync(id, """{"message": "m"}""", "x"));

        var changed = await PutAsync(id, """{"message": "m", "enforcement_percentage": 12.5, "secret": ""}""", "\"1\"");
        Assert.Equal(("m", "12.5", "False", "2"), (changed.Value("message"), changed.Value("enforcement_percentage"), changed.Value("has_secret"), changed.Value("revision")));
        Assert.Equal("2", (await PutAsync(id, """{"message": "m", "rule_config": {"patterns":["a(?=b)"]}}""", "*")).Value("revision"));
        var conflict = await PutAsync(id, """{"message": "mine", "secret": "sesame two"}""", "\"1\"");
        Assert.Equal(("edit_conflict", "m", "mine"), (conflict.Code, conflict.Json.GetProperty("current").Text("message"), conflict.Json.GetProperty("yours").Text("message")));
        Assert.DoesNotContain("sesame", conflict.Text, StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.OK, (await app.Client.CallAsync(HttpMethod.Delete, $"{Guarded.Guardrails}/{id}")).Status);
        Assert.Equal((404, "guardrail_not_found"), (await app.Client.CallAsync(HttpMethod.Get, $"{Guarded.Guardrails}/{id}")) is var gone ? ((int)gone.Status, gone.Code) : default);
        await using var context = await app.OpenAsync();
        var entries = await context.AuditEntries.AsNoTracking().Where(entry => entry.SubjectId == id.ToString()).OrderBy(entry => entry.Sequence).ToListAsync(Cancellation);
        Assert.Equal([AuditAction.GuardrailCreated, AuditAction.GuardrailChanged, AuditAction.GuardrailDeleted], entries.Select(entry => entry.Action));
        Assert.DoesNotContain(entries, entry => $"{entry.Before}{entry.After}".Contains("sesame", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"name": " "}""", "name")]
    [InlineData("""{"rule_type": "nonsense"}""", "rule_type")]
    [InlineData("""{"rule_config": []}""", "rule_config")]
    [InlineData("""{"rule_config": {}}""", "rule_config.patterns")]
    [InlineData("""{"rule_config": {"patterns": ["("]}}""", "rule_config.patterns[0]")]
    [InlineData("""{"rule_config": {"patterns": ["a"], "odd": 1}}""", "rule_config.odd")]
    [InlineData("""{"enforcement_level": "never"}""", "enforcement_level")]
    [InlineData("""{"enforcement_percentage": 101}""", "enforcement_percentage")]
    [InlineData("""{"scope": "everything"}""", "scope")]
    [InlineData("""{"on_error": "panic"}""", "on_error")]
    [InlineData("""{"variables": ["q"]}""", "variables")]
    [InlineData("""{"scope": "variables", "variables": [null]}""", "variables")]
    [InlineData("""{"applies_to": [""]}""", "applies_to")]
    [InlineData("""{"allow_list": {"patterns": ["(?=a)"]}}""", "allow_list.patterns[0]")]
    [InlineData("""{"allow_list": {"texts": [null]}}""", "allow_list.texts")]
    public async Task Guardrail_ThatCannotWork_IsNotSaved_AndTheMemberIsNamed(string members, string member)
    {
        var body = new Dictionary<string, object?> { ["name"] = "wrong " + Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), ["rule_type"] = "regex", ["rule_config"] = JsonElement.Parse("""{"patterns": ["a"]}""") };
        var sound = (await app.Client.CallAsync(HttpMethod.Post, Guarded.Guardrails, body)).Json.Id();
        body["name"] = body["name"] + " too";
        foreach (var one in JsonElement.Parse(members).EnumerateObject())
            body[one.Name] = one.Value;

        foreach (var answer in new[] { await app.Client.CallAsync(HttpMethod.Post, Guarded.Guardrails, body), await PutAsync(sound, members, "*") })
        {
            Assert.Equal((422, "invalid_guardrail"), ((int)answer.Status, answer.Code));
            Assert.Equal(member, answer.Value("member"));
        }
        await app.Client.CallAsync(HttpMethod.Delete, $"{Guarded.Guardrails}/{sound}");
    }

    [Fact]
    public async Task Names_AreUnique_AlsoWhenTwoAreMadeAtOnce()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ =>
            app.Client.CallAsync(HttpMethod.Post, Guarded.Guardrails, """{"name": "unique", "rule_type": "max_length", "rule_config": {"characters": 9}, "applies_to": ["unique"]}""")));
        var other = await app.GuardAsync("unique", "keyword", """{"words": ["a"]}""");

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created);
        Assert.All(answers.Where(answer => answer.Status != HttpStatusCode.Created), answer => Assert.Equal((409, "guardrail_exists"), ((int)answer.Status, answer.Code)));
        Assert.Equal((409, "guardrail_exists"), await CodeAsync(other.Id(), """{"name": "unique"}""", "*"));
    }

    [Fact]
    public async Task Changes_AtOnce_LoseNothing()
    {
        var id = (await app.GuardAsync("race", "keyword", """{"words": ["a"]}""")).Id();

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => PutAsync(id, $$"""{"message": "{{n}}"}""", "\"1\"")));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.OK);
        Assert.Equal(5, answers.Count(answer => answer.Code == "edit_conflict"));
    }

    [Fact]
    public async Task List_FiltersSortsAndCounts()
    {
        await app.PromptAsync("listed", "{{ text }}", category: "listing");
        await app.GuardAsync("listed", "regex", """{"patterns": ["x"]}""", """{"name": "listed b", "enforcement_level": "warning"}""");
        await app.GuardAsync("listing", "keyword", """{"words": ["x"]}""", """{"name": "listed a", "description": "percent % sign", "enforcement_level": "logging"}""");
        await app.GuardAsync("listed", "keyword", """{"words": ["x"]}""", """{"name": "listed c", "is_active": false}""");
        await app.GuardAsync("elsewhere", "keyword", """{"words": ["x"]}""", """{"name": "listed d"}""");
        await app.RenderAsync("listed", """{"text": "x"}""");
        await app.RenderAsync("listed", """{"text": "y"}""");

        Assert.Equal("listed a listed b listed c listed d", await NamesAsync("search=LISTED"));
        Assert.Equal("listed d listed c listed b listed a", await NamesAsync("search=listed&sort=-name"));
        Assert.Equal("listed a listed b listed c", await NamesAsync("search=listed&prompt=listed"));
        Assert.Equal("listed a", await NamesAsync("search=percent%20%25"));
        Assert.Equal("listed c listed d", await NamesAsync("search=listed&rule_type=keyword&level=blocking"));
        Assert.Equal("listed c", await NamesAsync("search=listed&active=false"));
        Assert.Equal("listed c listed d", string.Join(' ', (await NamesAsync("search=listed&sort=hits")).Split(" listed ").Take(2).Select(name => name.StartsWith("listed", StringComparison.Ordinal) ? name : "listed " + name).Order()));
        var page = await app.Client.CallAsync(HttpMethod.Get, $"{Guarded.Guardrails}?search=listed&page=2&page_size=1");
        Assert.Equal("4", page.Value("total"));
        var figures = page.Json.GetProperty("items")[0].GetProperty("last_seven_days");
        Assert.Equal(("1", "0", "1"), (figures.Text("warned"), figures.Text("blocked"), figures.Text("precision")));
        foreach (var wrong in new[] { "level=loud", "active=perhaps", "sort=secret", "page=0" })
            Assert.Equal("invalid_request", (await app.Client.CallAsync(HttpMethod.Get, $"{Guarded.Guardrails}?{wrong}")).Code);
    }

    [Fact]
    public async Task ChangingTakesTheRightToPromote_AndAKeyThatIsBoundSeesNone()
    {
        var store = app.Services.GetRequiredService<GuardrailStore>();
        var wanted = new NewGuardrail { Name = "rights", RuleType = "keyword", RuleConfig = JsonElement.Parse("""{"words": ["a"]}""") };
        var bound = TestActors.Key(Permissions.Read, names: ["listed"]);

        Assert.Equal("role_missing", (await store.CreateAsync(TestActors.Editor, wanted, Cancellation)).Problem?.Code);
        Assert.Equal("role_missing", (await store.ChangeAsync(TestActors.Editor, Guid.Empty, null, new GuardrailEdit(), Cancellation)).Problem?.Code);
        Assert.Equal("role_missing", (await store.DeleteAsync(TestActors.Editor, Guid.Empty, Cancellation)).Problem?.Code);
        Assert.Equal("scope_missing", (await store.CreateAsync(TestActors.Key(Permissions.Read | Permissions.Write), wanted, Cancellation)).Problem?.Code);
        Assert.Equal("prompt_not_allowed", (await store.FindAsync(bound, Guid.Empty, Cancellation)).Problem?.Code);
        Assert.Equal("prompt_not_allowed", (await app.Services.GetRequiredService<GuardrailTrial>().RunAsync(bound, new GuardrailTest { Text = "a" }, Cancellation)).Problem?.Code);
        Assert.Equal("guardrail_not_found", (await store.FindAsync(TestActors.Viewer, Guid.Empty, Cancellation)).Problem?.Code);
    }

    [Fact]
    public async Task Test_TriesStoredAndUnsavedRules()
    {
        var inactive = await app.GuardAsync("tested", "regex", Guarded.Ssn, """{"is_active": false, "message": "A number.", "scope": "response", "allow_list": {"texts": ["856-45-0000"]}}""");
        await app.GuardAsync("tested", "keyword", """{"words": ["zebra"]}""");

        var stored = await TestAsync($$"""{"text": "💡 856-45-6789, 856-45-0000, 856-45-6780", "guardrail_ids": ["{{inactive.Id()}}"]}""");
        var one = Assert.Single(stored.Json.GetProperty("guardrails").EnumerateArray());
        Assert.Equal(("tested regex", "True", "A number.", "True"), (one.Text("name"), one.Text("hit"), one.Text("message"), one.Text("is_linear")));
        Assert.Equal([(2, 13), (28, 39)], one.GetProperty("spans").EnumerateArray().Select(span => (span.GetProperty("start").GetInt32(), span.GetProperty("end").GetInt32())));
        Assert.True(one.GetProperty("microseconds").GetDouble() > 0);

        var all = await TestAsync("""{"text": "a zebra"}""");
        Assert.Equal(["True"], all.Json.GetProperty("guardrails").EnumerateArray().Where(rule => rule.Text("name") == "tested keyword").Select(rule => rule.Text("hit")));
        Assert.DoesNotContain(all.Json.GetProperty("guardrails").EnumerateArray(), rule => rule.Text("name") == "tested regex");

        var unsaved = (await TestAsync("""{"text": "abc", "variables": {"n": 3}, "rule": {"rule_type": "custom", "rule_config": {"expression": "variables.n == 3"}, "message": "m"}}""")).Json.GetProperty("guardrails")[0];
        Assert.Equal(("", "True", "m", "[]"), (unsaved.Text("id"), unsaved.Text("hit"), unsaved.Text("message"), unsaved.Text("spans")));
        var failing = (await TestAsync("""{"text": "abc", "rule": {"rule_type": "custom", "rule_config": {"expression": "prompt + 1 > 2"}}}""")).Json.GetProperty("guardrails")[0];
        Assert.Equal("False", failing.Text("hit"));
        Assert.StartsWith("The expression failed", failing.Text("error"), StringComparison.Ordinal);
        var backtracking = (await TestAsync("""{"text": "abc", "rule": {"rule_type": "regex", "rule_config": {"patterns": ["a(?!b)"]}}}""")).Json.GetProperty("guardrails")[0];
        Assert.Equal("False", backtracking.Text("is_linear"));
        Assert.NotEmpty(backtracking.Text("not_linear_because")!);

        Assert.Equal((422, "invalid_guardrail", "rule_config.patterns[0]"), (await TestAsync("""{"text": "a", "rule": {"rule_type": "regex", "rule_config": {"patterns": ["("]}}}""")) is var broken ? ((int)broken.Status, broken.Code, broken.Value("member")) : default);
        Assert.Equal("guardrail_not_found", (await TestAsync("""{"text": "a", "guardrail_ids": ["01a2008d-7400-7000-8000-0000000000ff"]}""")).Code);
        Assert.Equal("guardrail_not_found", (await TestAsync("""{"text": "a", "guardrail_ids": ["00000000-0000-0000-0000-000000000000"]}""")).Code);
        Assert.Equal("invalid_request", (await TestAsync("""{"text": "a", "guardrail_ids": [], "rule": {"rule_type": "regex", "rule_config": {"patterns": ["a"]}}}""")).Code);
        Assert.Equal("invalid_request", (await TestAsync("""{"text": "a", "variables": [1]}""")).Code);
    }

    [Fact]
    public async Task Test_DoesNotWearOutTheRuleThatRendersRelyOn()
    {
        await app.PromptAsync("worn", "{{ text }}");
        var id = (await app.GuardAsync("worn", "regex", """{"patterns": ["^(a+)+(?!x)$"]}""", """{"on_error": "block", "enforcement_level": "warning"}""")).Id();
        var hostile = new string('a', 60) + "!";
        for (var attempt = 0; attempt < 6; attempt++)
        {
            await TestAsync(JsonSerializer.Serialize(new { text = hostile, guardrail_ids = new[] { id } }));
            await app.Client.CallAsync(HttpMethod.Post, "/api/admin/preview", JsonSerializer.Serialize(new { template_text = hostile }));
        }

        var answer = await app.RenderAsync("worn", """{"text": "aaa"}""");

        // Not switched off: it found what it looks for.
        Assert.Equal("1", Assert.Single(answer.Found()).Text("hits"));
    }

    private async Task<string> NamesAsync(string query)
    {
        var answer = await app.Client.CallAsync(HttpMethod.Get, $"{Guarded.Guardrails}?{query}");
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Text);
        return string.Join(' ', answer.Json.GetProperty("items").EnumerateArray().Select(item => item.Text("name")));
    }

    private Task<ApiAnswer> TestAsync(string body) => app.Client.CallAsync(HttpMethod.Post, $"{Guarded.Guardrails}/test", body);

    private async Task<(int Status, string? Code)> CodeAsync(Guid id, string body, string? ifMatch) => await PutAsync(id, body, ifMatch) is var answer ? ((int)answer.Status, answer.Code) : default;

    private async Task<ApiAnswer> PutAsync(Guid id, string body, string? ifMatch)
    {
        using var client = app.NewClient();
        client.DefaultRequestHeaders.Authorization = new("Bearer", StudioApp.Key);
        if (ifMatch is not null)
            client.DefaultRequestHeaders.TryAddWithoutValidation("If-Match", ifMatch);
        return await client.CallAsync(HttpMethod.Put, $"{Guarded.Guardrails}/{id}", body);
    }
}
