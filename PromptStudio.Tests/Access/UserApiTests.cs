using System.Net;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PromptStudio.Access.Users;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Shell;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Access;

[Trait(Tier.Name, Tier.Api)]
public sealed class UserApiTests(SetUpStudio app) : IClassFixture<SetUpStudio>
{
    private const string Users = "/api/admin/users";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Invite_MakesAUserWithoutAPassword_AndALinkThatWorksOnce()
    {
        var invited = await app.Client.CallAsync(HttpMethod.Post, Users, new { email = " grace@example.com ", role = "Editor" });

        Assert.Equal(HttpStatusCode.Created, invited.Status);
        var user = invited.Json.GetProperty("user");
        Assert.Equal(("grace@example.com", "Editor", "invited"), (user.GetProperty("email").GetString(), user.GetProperty("role").GetString(), user.GetProperty("state").GetString()));
        var link = new Uri(invited.Value("link"));
        Assert.Equal(app.Address.Authority, link.Authority);

        // Nobody signs in without a password, not even with an empty one.
        using var client = app.NewClient();
        Assert.Equal(HttpStatusCode.OK, (await SignInTests.SignInAsync(client, "grace@example.com", "")).StatusCode);

        // What is wrong is said, and does not spend the link.
        Assert.Contains("common passwords", await JoinAsync(link, "password123", "password123"), StringComparison.Ordinal);
        Assert.Contains("are not the same", await JoinAsync(link, "blue kettle morning", "blue kettle evening"), StringComparison.Ordinal);
        Assert.Equal("", await JoinAsync(link, "blue kettle morning", "blue kettle morning"));
        Assert.Contains("does not work any more", await app.Anonymous.GetStringAsync(link, Cancellation), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await SignInTests.SignInAsync(client, "grace@example.com", "blue kettle morning")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(Links.Prompts(), Cancellation)).StatusCode);

        var found = await app.Client.CallAsync(HttpMethod.Get, $"{Users}/{user.GetProperty("id").GetString()}");
        Assert.Equal("active", found.Value("state"));
        Assert.NotEqual("", found.Value("last_sign_in_at"));
        // The token and the password are nowhere.
        await using var context = await app.OpenAsync();
        var entries = await context.AuditEntries.AsNoTracking().ToListAsync(Cancellation);
        Assert.Contains(entries, entry => entry.Action == AuditAction.UserInvited && entry.SubjectId == user.GetProperty("id").GetString());
        Assert.Contains(entries, entry => entry.Action == AuditAction.UserJoined && entry.ActorName == "grace@example.com" && entry.Address is not null);
        var token = link.Query["?token=".Length..];
        Assert.DoesNotContain(entries, entry => $"{entry.Before}{entry.After}" is var text && (text.Contains(token, StringComparison.Ordinal) || text.Contains("kettle", StringComparison.Ordinal)));
        Assert.Empty(app.Errors);
    }

    [Theory]
    [InlineData("""{"email": "ada", "role": "Editor"}""", 422, "invalid_user")]
    [InlineData("""{"email": "x@example.com", "role": "editor"}""", 422, "invalid_user")]
    [InlineData("""{"email": "ADA@example.com", "role": "Editor"}""", 409, "email_taken")]
    [InlineData("""{"email": "x\u0000@example.com", "role": "Editor"}""", 400, "invalid_request")]
    [InlineData("""{"email": "x@example.com"}""", 400, "invalid_request")]
    [InlineData("""{"email": null, "role": "Editor"}""", 400, "invalid_request")]
    [InlineData("""{"email": "x@example.com", "role": "Editor", "password": "x"}""", 400, "invalid_request")]
    public async Task Invite_WithSomethingWrong_IsRefused(string body, int status, string code)
    {
        var answer = await app.Client.CallAsync(HttpMethod.Post, Users, body);

        Assert.Equal((status, code), ((int)answer.Status, answer.Code));
    }

    [Fact]
    public async Task Invite_OfOneAddressAtOnce_MakesOneUser()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => app.Client.CallAsync(HttpMethod.Post, Users, new { email = "twice@example.com", role = "Viewer" })));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created);
        Assert.Equal(7, answers.Count(answer => answer.Code == "email_taken"));
    }

    [Fact]
    public async Task List_Searches_Sorts_AndPages()
    {
        foreach (var name in (string[])["list_c", "list_a", "list_b"])
            await app.Client.CallAsync(HttpMethod.Post, Users, new { email = $"{name}@example.com", role = "Viewer" });

        var first = await app.Client.CallAsync(HttpMethod.Get, $"{Users}?search=LIST_&sort=-email&page_size=2");
        var second = await app.Client.CallAsync(HttpMethod.Get, $"{Users}?search=LIST_&sort=-email&page_size=2&page=2");

        Assert.Equal("3", first.Value("total"));
        Assert.Equal(["list_c@example.com", "list_b@example.com"], first.Json.GetProperty("items").EnumerateArray().Select(user => user.GetProperty("email").GetString()));
        Assert.Equal(["list_a@example.com"], second.Json.GetProperty("items").EnumerateArray().Select(user => user.GetProperty("email").GetString()));
        Assert.Equal("0", (await app.Client.CallAsync(HttpMethod.Get, $"{Users}?search=list%25")).Value("total"));
    }

    [Theory]
    [InlineData("?sort=password_hash", "sort")]
    [InlineData("?page=0", "page")]
    [InlineData("?page_size=201", "page_size")]
    [InlineData("?search=%00", "search")]
    public async Task List_WithSomethingWrong_Names(string query, string member)
    {
        var answer = await app.Client.CallAsync(HttpMethod.Get, Users + query);

        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request", member), (answer.Status, answer.Code, answer.Value("member")));
    }

    [Fact]
    public async Task Everything_OfAUserThatIsNot_Is404()
    {
        var address = $"{Users}/{Guid.Empty}";
        foreach (var (method, path, body) in ((HttpMethod, string, object?)[])
            [(HttpMethod.Get, "", null), (HttpMethod.Put, "", new { role = "Viewer" }), (HttpMethod.Post, "/reset-link", null),
             (HttpMethod.Post, "/sign-out-everywhere", null), (HttpMethod.Delete, "/two-factor", null)])
        {
            Assert.Equal((HttpStatusCode.NotFound, "user_not_found"), ((await app.Client.CallAsync(method, address + path, body)) is var answer ? answer.Status : default, answer.Code));
        }
    }

    [Fact]
    public async Task Change_OfTheRole_EndsSessions_AndIsWrittenDown()
    {
        var (id, client) = await JoinedAsync("role@example.com", Role.Editor);
        using var _ = client;

        var changed = await app.Client.CallAsync(HttpMethod.Put, $"{Users}/{id}", new { role = "Viewer" });

        Assert.Equal("Viewer", changed.Value("role"));
        await using var context = await app.OpenAsync();
        var entry = await context.AuditEntries.SingleAsync(entry => entry.Action == AuditAction.UserChanged && entry.SubjectId == id, Cancellation);
        Assert.Equal(("""{"role":"Editor"}""", """{"role":"Viewer"}"""), (entry.Before, entry.After));
        // The same once more changes nothing, and says nothing.
        await app.Client.CallAsync(HttpMethod.Put, $"{Users}/{id}", new { role = "Viewer", is_disabled = false });
        Assert.Equal(1, await context.AuditEntries.CountAsync(entry => entry.Action == AuditAction.UserChanged && entry.SubjectId == id, Cancellation));
        Assert.Equal("invalid_request", (await app.Client.CallAsync(HttpMethod.Put, $"{Users}/{id}", "{}")).Code);
        Assert.Equal("invalid_user", (await app.Client.CallAsync(HttpMethod.Put, $"{Users}/{id}", new { role = "God" })).Code);
    }

    [Fact]
    public async Task Disabled_CannotSignIn_NorUseALink_UntilEnabled()
    {
        var (id, client) = await JoinedAsync("disabled@example.com", Role.Editor);
        using var _ = client;
        var reset = new Uri((await app.Client.CallAsync(HttpMethod.Post, $"{Users}/{id}/reset-link")).Value("link"));

        Assert.Equal("disabled", (await app.Client.CallAsync(HttpMethod.Put, $"{Users}/{id}", new { is_disabled = true })).Value("state"));

        using var again = app.NewClient();
        Assert.Equal(HttpStatusCode.OK, (await SignInTests.SignInAsync(again, "disabled@example.com", Joined)).StatusCode);
        Assert.Contains("does not work any more", await app.Anonymous.GetStringAsync(reset, Cancellation), StringComparison.Ordinal);
        Assert.Equal("user_disabled", (await app.Client.CallAsync(HttpMethod.Post, $"{Users}/{id}/reset-link")).Code);
        Assert.Equal("active", (await app.Client.CallAsync(HttpMethod.Put, $"{Users}/{id}", new { is_disabled = false })).Value("state"));
        Assert.Equal(HttpStatusCode.Redirect, (await SignInTests.SignInAsync(again, "disabled@example.com", Joined)).StatusCode);
    }

    [Fact]
    public async Task ResetLink_SetsAnotherPassword_Once_EvenWhenUsedTwiceAtOnce()
    {
        var (id, client) = await JoinedAsync("reset@example.com", Role.Viewer);
        using var _ = client;
        var made = await app.Client.CallAsync(HttpMethod.Post, $"{Users}/{id}/reset-link");
        var link = new Uri(made.Value("link"));
        Assert.StartsWith(Links.ResetRoute, link.AbsolutePath, StringComparison.Ordinal);

        var answers = await Task.WhenAll(JoinAsync(link, "green kettle morning", null, "reset"), JoinAsync(link, "black kettle morning", null, "reset"));

        Assert.Single(answers, answer => answer.Length == 0);
        Assert.Single(answers, answer => answer.Contains("does not work any more", StringComparison.Ordinal));
        using var again = app.NewClient();
        Assert.Equal(HttpStatusCode.OK, (await SignInTests.SignInAsync(again, "reset@example.com", Joined)).StatusCode);
        var now = answers[0].Length == 0 ? "green kettle morning" : "black kettle morning";
        Assert.Equal(HttpStatusCode.Redirect, (await SignInTests.SignInAsync(again, "reset@example.com", now)).StatusCode);
    }

    [Fact]
    public async Task ResetLink_ForWhoHasNotJoined_ReplacesTheInvitation()
    {
        var invited = await app.Client.CallAsync(HttpMethod.Post, Users, new { email = "late@example.com", role = "Viewer" });
        var id = invited.Json.GetProperty("user").GetProperty("id").GetString();
        // A change of the role does not spend it.
        await app.Client.CallAsync(HttpMethod.Put, $"{Users}/{id}", new { role = "Editor" });
        Assert.Contains("Join Prompt Studio", await app.Anonymous.GetStringAsync(invited.Value("link"), Cancellation), StringComparison.Ordinal);

        var again = await app.Client.CallAsync(HttpMethod.Post, $"{Users}/{id}/reset-link");

        Assert.StartsWith(Links.JoinRoute, new Uri(again.Value("link")).AbsolutePath, StringComparison.Ordinal);
        Assert.Contains("does not work any more", await app.Anonymous.GetStringAsync(invited.Value("link"), Cancellation), StringComparison.Ordinal);
        Assert.Contains("Join Prompt Studio", await app.Anonymous.GetStringAsync(again.Value("link"), Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_ManagesNobodyWhoMayDoMoreThanItself()
    {
        var admin = await TestKeys.AddAsync(app, ApiScope.Admin);
        var (id, client) = await JoinedAsync("more@example.com", Role.Editor);
        using var _ = client;

        foreach (var answer in (ApiAnswer[])
            [
                await app.Anonymous.CallAsync(HttpMethod.Post, Users, new { email = "puppet@example.com", role = "SuperAdmin" }, admin),
                await app.Anonymous.CallAsync(HttpMethod.Put, $"{Users}/{id}", new { role = "Viewer" }, admin),
                await app.Anonymous.CallAsync(HttpMethod.Post, $"{Users}/{id}/reset-link", key: admin),
                await app.Anonymous.CallAsync(HttpMethod.Delete, $"{Users}/{id}/two-factor", key: admin),
            ])
        {
            Assert.Equal((HttpStatusCode.Forbidden, "scope_missing"), (answer.Status, answer.Code));
        }
        Assert.Equal(HttpStatusCode.OK, (await app.Anonymous.CallAsync(HttpMethod.Get, Users, key: admin)).Status);
    }

    [Theory]
    [InlineData(Permissions.Read | Permissions.Write | Permissions.Promote | Permissions.Render)]
    [InlineData(Permissions.None)]
    public async Task Store_AsksEveryActor(Permissions permissions)
    {
        var store = app.Services.GetRequiredService<UserStore>();
        var actor = new Actor(ActorKind.User, "1", "eve@example.com", permissions);

        Assert.Equal(403, (await store.ListAsync(actor, null, new PromptStudio.Web.PageRequest(1, 10, "email", false), Cancellation)).Problem?.Status);
        Assert.Equal(403, (await store.FindAsync(actor, Guid.Empty, Cancellation)).Problem?.Status);
        Assert.Equal(403, (await store.InviteAsync(actor, new NewUser("eve2@example.com", Role.SuperAdmin), Cancellation)).Problem?.Status);
        Assert.Equal(403, (await store.ChangeAsync(actor, Guid.Empty, new UserChange(Role.SuperAdmin), Cancellation)).Problem?.Status);
        Assert.Equal(403, (await store.MakeLinkAsync(actor, Guid.Empty, Cancellation)).Problem?.Status);
        Assert.Equal(403, (await store.SignOutEverywhereAsync(actor, Guid.Empty, Cancellation)).Problem?.Status);
        Assert.Equal(403, (await store.RemoveTwoFactorAsync(actor, Guid.Empty, Cancellation)).Problem?.Status);
    }

    private const string Joined = "blue kettle morning rain";

    /// <summary>Somebody who has joined, and is signed in.</summary>
    private Task<(string Id, HttpClient Client)> JoinedAsync(string email, string role) => TestUsers.JoinAsync(app, email, role, Joined);

    private async Task<string> JoinAsync(Uri link, string password, string? repeat, string form = "join") =>
        await TestUsers.UseLinkAsync(app, link, form, password, repeat ?? password);
}

/// <summary>The last super admin, on an app of its own for each test.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed class LastSuperAdminTests(PostgresServer server)
{
    private const string Users = "/api/admin/users";

    [Theory]
    [InlineData("""{"role": "Editor"}""")]
    [InlineData("""{"is_disabled": true}""")]
    public async Task LastSuperAdmin_CannotBeDemotedOrDisabled(string change)
    {
        await using var app = await StartAsync();
        var ada = await app.Client.CallAsync(HttpMethod.Get, Users + "?search=ada");
        var id = ada.Json.GetProperty("items")[0].GetProperty("id").GetString();
        // Who was invited only, or is disabled, does not count.
        await app.Client.CallAsync(HttpMethod.Post, Users, new { email = "invited@example.com", role = "SuperAdmin" });
        var (disabled, client) = await TestUsers.JoinAsync(app, "disabled@example.com", Role.SuperAdmin, "blue kettle morning rain");
        using var _ = client;
        Assert.Equal("disabled", (await app.Client.CallAsync(HttpMethod.Put, $"{Users}/{disabled}", new { is_disabled = true })).Value("state"));

        var answer = await app.Client.CallAsync(HttpMethod.Put, $"{Users}/{id}", change);

        Assert.Equal((HttpStatusCode.Conflict, "last_super_admin"), (answer.Status, answer.Code));
        await app.Client.CallAsync(HttpMethod.Put, $"{Users}/{disabled}", new { is_disabled = false });
        Assert.Equal(HttpStatusCode.OK, (await app.Client.CallAsync(HttpMethod.Put, $"{Users}/{id}", change)).Status);
    }

    [Fact]
    public async Task SuperAdmins_WhoDemoteAndDisableEachOtherAtOnce_LeaveOne()
    {
        await using var app = await StartAsync();
        var ids = new List<string>();
        for (var n = 0; n < 3; n++)
        {
            var (id, client) = await TestUsers.JoinAsync(app, $"admin{n}@example.com", Role.SuperAdmin, "blue kettle morning rain");
            client.Dispose();
            ids.Add(id);
        }
        ids.Add((await app.Client.CallAsync(HttpMethod.Get, Users + "?search=ada")).Json.GetProperty("items")[0].GetProperty("id").GetString()!);

        var answers = await Task.WhenAll(ids.Select((id, n) =>
            app.Client.CallAsync(HttpMethod.Put, $"{Users}/{id}", n % 2 == 0 ? new { role = "Viewer" } : new { is_disabled = true })));

        Assert.Equal(3, answers.Count(answer => answer.Status == HttpStatusCode.OK));
        Assert.Single(answers, answer => answer.Code == "last_super_admin");
        var left = await app.Client.CallAsync(HttpMethod.Get, Users + "?page_size=200");
        Assert.Single(left.Json.GetProperty("items").EnumerateArray(), user => user.GetProperty("role").GetString() == "SuperAdmin" && user.GetProperty("state").GetString() == "active");
    }

    private async Task<SetUpStudio> StartAsync()
    {
        var app = new SetUpStudio(server);
        await app.InitializeAsync();
        return app;
    }
}
