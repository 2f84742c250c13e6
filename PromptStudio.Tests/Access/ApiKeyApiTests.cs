using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PromptStudio.Access.Keys;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Tests.Studio;
using PromptStudio.Web;

namespace PromptStudio.Tests.Access;

[Trait(Tier.Name, Tier.Api)]
public sealed class ApiKeyApiTests(SetUpStudio app) : IClassFixture<SetUpStudio>
{
    private const string Keys = "/api/admin/api-keys";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Key_IsShownOnce_Opens_AndClosesAtOnceWhenRevoked()
    {
        var made = await app.Client.CallAsync(HttpMethod.Post, Keys, new { name = " CI ", scopes = new[] { "admin", "read" }, expires_at = "2099-01-01T00:00:00+02:00" });

        Assert.Equal(HttpStatusCode.Created, made.Status);
        var key = made.Value("key");
        var view = made.Json.GetProperty("api_key");
        var id = view.GetProperty("id").GetString();
        Assert.Equal(("CI", "active", key[..8]), (view.GetProperty("name").GetString(), view.GetProperty("state").GetString(), view.GetProperty("prefix").GetString()));
        Assert.Equal(HttpStatusCode.OK, (await app.Anonymous.CallAsync(HttpMethod.Get, Keys, key: key)).Status);
        Assert.DoesNotContain(key, (await app.Client.CallAsync(HttpMethod.Get, $"{Keys}/{id}")).Text, StringComparison.Ordinal);

        var revoked = await app.Client.CallAsync(HttpMethod.Delete, $"{Keys}/{id}");

        Assert.Equal("revoked", revoked.Value("state"));
        Assert.Equal((HttpStatusCode.Unauthorized, "api_key_invalid"), (await app.Anonymous.CallAsync(HttpMethod.Get, Keys, key: key)) is var refused ? (refused.Status, refused.Code) : default);
        Assert.Equal(revoked.Value("revoked_at"), (await app.Client.CallAsync(HttpMethod.Delete, $"{Keys}/{id}")).Value("revoked_at"));
        Assert.Equal("api_key_revoked", (await app.Client.CallAsync(HttpMethod.Put, $"{Keys}/{id}", Change("CI"))).Code);
        await using var context = await app.OpenAsync();
        var entries = await context.AuditEntries.AsNoTracking().ToListAsync(Cancellation);
        Assert.Equal([AuditAction.ApiKeyCreated, AuditAction.ApiKeyRevoked], entries.Where(entry => entry.SubjectId == id).OrderBy(entry => entry.Sequence).Select(entry => entry.Action));
        Assert.DoesNotContain(entries, entry => $"{entry.Before}{entry.After}".Contains(key[3..], StringComparison.Ordinal));
        Assert.NotEmpty(await context.ApiKeys.Where(row => row.Id == Guid.Parse(id!)).ToListAsync(Cancellation));
    }

    [Theory]
    [InlineData("""{"name": "x", "scopes": []}""", 422, "invalid_api_key")]
    [InlineData("""{"name": "x", "scopes": ["god"]}""", 422, "invalid_api_key")]
    [InlineData("""{"name": "x", "scopes": [null]}""", 422, "invalid_api_key")]
    [InlineData("""{"name": "x", "scopes": ["read", "read"]}""", 422, "invalid_api_key")]
    [InlineData("""{"name": " ", "scopes": ["read"]}""", 422, "invalid_api_key")]
    [InlineData("""{"name": "x", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"}""", 422, "invalid_api_key")]
    [InlineData("""{"name": "x", "scopes": ["read"], "bound_names": ["a b"]}""", 422, "invalid_api_key")]
    [InlineData("""{"name": "x", "scopes": ["read"], "bound_names": [null]}""", 422, "invalid_api_key")]
    [InlineData("""{"name": "x", "scopes": ["read"], "bound_categories": [""]}""", 422, "invalid_api_key")]
    [InlineData("""{"name": "x", "scopes": ["read", "admin"], "bound_categories": ["nlu"]}""", 422, "binding_with_admin")]
    [InlineData("""{"name": "x", "scopes": ["read"], "expires_at": "tomorrow"}""", 400, "invalid_request")]
    [InlineData("""{"name": "x\u0000", "scopes": ["read"]}""", 400, "invalid_request")]
    [InlineData("""{"name": "x"}""", 400, "invalid_request")]
    public async Task Create_WithSomethingWrong_IsRefused(string body, int status, string code)
    {
        var answer = await app.Client.CallAsync(HttpMethod.Post, Keys, body);

        Assert.Equal((status, code), ((int)answer.Status, answer.Code));
    }

    [Fact]
    public async Task Change_OfNameExpiryAndBinding_IsWrittenDown()
    {
        var made = await app.Client.CallAsync(HttpMethod.Post, Keys, new { name = "before", scopes = new[] { "render" } });
        var id = made.Json.GetProperty("api_key").GetProperty("id").GetString();

        var changed = await app.Client.CallAsync(HttpMethod.Put, $"{Keys}/{id}", Change("after", "2099-01-01T00:00:00Z", "nlu_topic_extraction"));

        Assert.Equal(("after", "nlu_topic_extraction"), (changed.Value("name"), changed.Json.GetProperty("bound_names")[0].GetString()));
        await using var context = await app.OpenAsync();
        var entry = await context.AuditEntries.SingleAsync(entry => entry.Action == AuditAction.ApiKeyChanged && entry.SubjectId == id, Cancellation);
        Assert.Contains("before", entry.Before, StringComparison.Ordinal);
        Assert.Contains("nlu_topic_extraction", entry.After, StringComparison.Ordinal);
        // The same once more says nothing; a past expiry, a missing member and a binding of an admin key are refused.
        Assert.Equal(HttpStatusCode.OK, (await app.Client.CallAsync(HttpMethod.Put, $"{Keys}/{id}", Change("after", "2099-01-01T00:00:00Z", "nlu_topic_extraction"))).Status);
        Assert.Equal(1, await context.AuditEntries.CountAsync(entry => entry.Action == AuditAction.ApiKeyChanged && entry.SubjectId == id, Cancellation));
        Assert.Equal("invalid_api_key", (await app.Client.CallAsync(HttpMethod.Put, $"{Keys}/{id}", Change("after", "2020-01-01T00:00:00Z"))).Code);
        Assert.Equal("invalid_request", (await app.Client.CallAsync(HttpMethod.Put, $"{Keys}/{id}", new { name = "after" })).Code);
        var admin = await app.Client.CallAsync(HttpMethod.Post, Keys, new { name = "admin", scopes = new[] { "admin" } });
        Assert.Equal("binding_with_admin", (await app.Client.CallAsync(HttpMethod.Put, $"{Keys}/{admin.Json.GetProperty("api_key").GetProperty("id").GetString()}", Change("x", null, "p"))).Code);
        Assert.Equal("api_key_not_found", (await app.Client.CallAsync(HttpMethod.Put, $"{Keys}/{Guid.Empty}", Change("x"))).Code);
    }

    [Fact]
    public async Task Key_MakesNoKeyThatMayDoMore_OrLivesLonger()
    {
        var made = await app.Client.CallAsync(HttpMethod.Post, Keys, new { name = "maker", scopes = new[] { "admin", "read" }, expires_at = "2098-01-01T00:00:00Z" });
        var maker = made.Value("key");

        var more = await app.Anonymous.CallAsync(HttpMethod.Post, Keys, new { name = "x", scopes = new[] { "read", "write" }, expires_at = "2097-01-01T00:00:00Z" }, maker);
        var forever = await app.Anonymous.CallAsync(HttpMethod.Post, Keys, new { name = "x", scopes = new[] { "read" } }, maker);
        var longer = await app.Anonymous.CallAsync(HttpMethod.Post, Keys, new { name = "x", scopes = new[] { "read" }, expires_at = "2098-01-01T00:00:01Z" }, maker);
        var itself = await app.Anonymous.CallAsync(HttpMethod.Put, $"{Keys}/{made.Json.GetProperty("api_key").GetProperty("id").GetString()}", Change("maker"), maker);
        var right = await app.Anonymous.CallAsync(HttpMethod.Post, Keys, new { name = "x", scopes = new[] { "read" }, expires_at = "2098-01-01T00:00:00Z" }, maker);

        Assert.Equal((HttpStatusCode.Forbidden, "scope_missing"), (more.Status, more.Code));
        Assert.All([forever, longer, itself], answer => Assert.Equal((HttpStatusCode.Forbidden, "expiry_beyond_maker"), (answer.Status, answer.Code)));
        Assert.Equal(HttpStatusCode.Created, right.Status);
    }

    [Fact]
    public async Task ExpiredKey_IsRefused_AndListedAsExpired()
    {
        var key = await TestKeys.AddAsync(app, ApiScope.Read, expired: true);

        Assert.Equal("api_key_invalid", (await app.Anonymous.CallAsync(HttpMethod.Get, Keys, key: key)).Code);
        var list = await app.Client.CallAsync(HttpMethod.Get, $"{Keys}?search={key[..8]}");
        Assert.Equal("expired", Assert.Single(list.Json.GetProperty("items").EnumerateArray()).GetProperty("state").GetString());
    }

    [Fact]
    public async Task LastUse_IsNoted_AtMostOnceAMinute()
    {
        var key = await TestKeys.AddAsync(app, ApiScope.Admin);
        var prefix = ApiKey.Prefix(key);
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => app.Anonymous.CallAsync(HttpMethod.Get, Keys, key: key)));

        await using var context = await app.OpenAsync();
        DateTimeOffset? used = null;
        while (used is null)
        {
            Cancellation.ThrowIfCancellationRequested();
            await Task.Delay(20, Cancellation);
            used = await context.ApiKeys.Where(row => row.Prefix == prefix).Select(row => row.LastUsedAt).SingleAsync(Cancellation);
        }
        await app.Anonymous.CallAsync(HttpMethod.Get, Keys, key: key);
        await Task.Delay(200, Cancellation);

        Assert.Equal(used, await context.ApiKeys.Where(row => row.Prefix == prefix).Select(row => row.LastUsedAt).SingleAsync(Cancellation));
    }

    [Theory]
    [InlineData(Permissions.Read | Permissions.Write | Permissions.Promote | Permissions.Render)]
    [InlineData(Permissions.None)]
    public async Task Store_AsksEveryActor(Permissions permissions)
    {
        var store = app.Services.GetRequiredService<ApiKeyStore>();
        var actor = new Actor(ActorKind.User, "1", "eve@example.com", permissions);

        Assert.Equal(403, (await store.ListAsync(actor, null, new PageRequest(1, 10, "name", false), Cancellation)).Problem?.Status);
        Assert.Equal(403, (await store.FindAsync(actor, Guid.Empty, Cancellation)).Problem?.Status);
        Assert.Equal(403, (await store.CreateAsync(actor, new NewApiKey("x", [ApiScope.Read]), Cancellation)).Problem?.Status);
        Assert.Equal(403, (await store.ChangeAsync(actor, Guid.Empty, new ApiKeyChange("x", null, [], []), Cancellation)).Problem?.Status);
        Assert.Equal(403, (await store.RevokeAsync(actor, Guid.Empty, Cancellation)).Problem?.Status);
    }

    private static object Change(string name, string? expires = null, params string[] names) =>
        new { name, expires_at = expires, bound_names = names, bound_categories = Array.Empty<string>() };
}
