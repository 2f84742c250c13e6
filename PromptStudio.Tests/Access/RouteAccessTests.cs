using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Extensions.DependencyInjection;
using PromptStudio.Access;
using PromptStudio.Core.Access;
using PromptStudio.Shell;
using PromptStudio.Tests.Studio;
using static PromptStudio.Tests.Access.Caller;

namespace PromptStudio.Tests.Access;

/// <summary>Somebody who asks.</summary>
[Flags]
internal enum Caller
{
    Nobody = 0,
    Anonymous = 1,
    Viewer = 2,
    Editor = 4,
    SuperAdmin = 8,
    RenderKey = 16,
    ReadKey = 32,
    WriteKey = 64,
    AdminKey = 128,
    ExpiredKey = 256,
    RevokedKey = 512,
}

/// <summary>Every route and page of the running app × everybody who may ask: who passes is written here, and nowhere derived from the app.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed partial class RouteAccessTests(JobStudio app) : IClassFixture<JobStudio>
{
    private const Caller Everyone = (Caller)1023;
    private const Caller Render = RenderKey;
    private const Caller Read = Viewer | Caller.Editor | SuperAdmin | ReadKey;
    private const Caller Write = Caller.Editor | SuperAdmin | WriteKey;
    private const Caller Promote = SuperAdmin | AdminKey;
    private const Caller Administer = SuperAdmin | AdminKey;
    private const Caller ViewPage = Viewer | Caller.Editor | SuperAdmin;
    private const Caller EditPage = Caller.Editor | SuperAdmin;
    private const Caller ManagePage = SuperAdmin;

    /// <summary>What all endpoints of static files stand under; they hold nothing of anybody's.</summary>
    private const string StaticFiles = "(static files)";

    /// <summary>A new route needs a line: method, pattern, and who may pass. Others get 401, 403, or the way to the sign-in.</summary>
    private static readonly Dictionary<string, Caller> Table = new(StringComparer.Ordinal)
    {
        // Rendering
        ["POST /api/render/{name}"] = Render,
        ["POST /api/executions/{id}/outcome"] = Render,
        ["POST /api/executions"] = Render,
        ["GET /api/catalogue"] = Read,
        ["GET /api/catalogue/changes"] = Read,

        // The admin API
        ["GET /api/admin/antiforgery"] = Read,
        ["GET /api/admin/prompts"] = Read,
        ["POST /api/admin/prompts"] = Write,
        ["GET /api/admin/prompts/{id:guid}"] = Read,
        ["PUT /api/admin/prompts/{id:guid}"] = Write,
        ["GET /api/admin/prompts/{id:guid}/versions"] = Read,
        ["POST /api/admin/prompts/{id:guid}/versions"] = Write,
        ["GET /api/admin/prompts/{id:guid}/diff"] = Read,
        ["POST /api/admin/prompts/{id:guid}/activate"] = Write,
        ["POST /api/admin/prompts/{id:guid}/deactivate"] = Write,
        ["PUT /api/admin/prompts/{id:guid}/approval"] = Write,
        ["DELETE /api/admin/prompts/{id:guid}/approval"] = Write,
        ["POST /api/admin/prompts/{id:guid}/preview"] = Read,
        ["POST /api/admin/preview"] = Read,
        ["POST /api/admin/prompts/{name}/archive"] = Write,
        ["POST /api/admin/prompts/{name}/restore"] = Write,
        ["POST /api/admin/prompts/{name}/rollback"] = Write,
        ["GET /api/admin/prompts/{name}/labels"] = Read,
        ["PUT /api/admin/prompts/{name}/labels/{label}"] = Write,
        ["DELETE /api/admin/prompts/{name}/labels/{label}"] = Write,
        ["GET /api/admin/prompts/{name}/samples"] = Read,
        ["PUT /api/admin/prompts/{name}/samples/{sample}"] = Write,
        ["DELETE /api/admin/prompts/{name}/samples/{sample}"] = Write,
        ["GET /api/admin/labels"] = Read,
        ["GET /api/admin/ab-tests"] = Read,
        ["POST /api/admin/ab-tests"] = Write,
        ["GET /api/admin/ab-tests/{id:guid}"] = Read,
        ["PUT /api/admin/ab-tests/{id:guid}"] = Write,
        ["POST /api/admin/ab-tests/{id:guid}/start"] = Write,
        ["POST /api/admin/ab-tests/{id:guid}/pause"] = Write,
        ["POST /api/admin/ab-tests/{id:guid}/resume"] = Write,
        ["POST /api/admin/ab-tests/{id:guid}/complete"] = Write,
        ["POST /api/admin/ab-tests/{id:guid}/recompute"] = Write,
        ["GET /api/admin/ab-tests/{id:guid}/metrics"] = Read,
        ["POST /api/admin/ab-tests/{id:guid}/winner"] = Write,
        ["POST /api/admin/ab-tests/significance"] = Read,
        ["POST /api/admin/ab-tests/sample-size"] = Read,
        ["PUT /api/admin/labels/{label}/protection"] = Administer,
        ["DELETE /api/admin/labels/{label}/protection"] = Administer,
        ["GET /api/admin/prompts/export"] = Read,
        ["POST /api/admin/prompts/import"] = Write,
        ["GET /api/admin/audit"] = Administer,
        ["GET /api/admin/audit/{sequence:long}"] = Administer,
        ["GET /api/admin/audit/export"] = Administer,
        ["GET /api/admin/audit/verify"] = Administer,
        ["GET /api/admin/executions"] = Read,
        ["GET /api/admin/executions/{id:guid}"] = Read,
        ["GET /api/admin/guardrails"] = Read,
        ["POST /api/admin/guardrails"] = Promote,
        ["GET /api/admin/guardrails/{id:guid}"] = Read,
        ["PUT /api/admin/guardrails/{id:guid}"] = Promote,
        ["DELETE /api/admin/guardrails/{id:guid}"] = Promote,
        ["POST /api/admin/guardrails/test"] = Read,
        ["GET /api/admin/guardrails/templates"] = Read,
        ["GET /api/admin/guardrails/violations"] = Read,
        ["GET /api/admin/guardrails/violations/by-day"] = Read,
        ["PUT /api/admin/guardrails/violations/{id:guid}/false-positive"] = Write,
        ["DELETE /api/admin/guardrails/violations/{id:guid}/false-positive"] = Write,
        ["GET /api/admin/users"] = Administer,
        ["POST /api/admin/users"] = Administer,
        ["GET /api/admin/users/{id:guid}"] = Administer,
        ["PUT /api/admin/users/{id:guid}"] = Administer,
        ["POST /api/admin/users/{id:guid}/reset-link"] = Administer,
        ["POST /api/admin/users/{id:guid}/sign-out-everywhere"] = Administer,
        ["DELETE /api/admin/users/{id:guid}/two-factor"] = Administer,
        ["GET /api/admin/api-keys"] = Administer,
        ["POST /api/admin/api-keys"] = Administer,
        ["GET /api/admin/api-keys/{id:guid}"] = Administer,
        ["PUT /api/admin/api-keys/{id:guid}"] = Administer,
        ["DELETE /api/admin/api-keys/{id:guid}"] = Administer,
        // Answers 404 to whatever is no route; a sign-in would not help.
        ["* /api/{**path}"] = Everyone,

        // Documentation and health: they hold no data of the studio
        ["GET /openapi/v1.json"] = Everyone,
        ["GET /docs/{documentName?}"] = Everyone,
        ["GET /docs/favicon.svg"] = Everyone,
        ["GET /docs/scalar.js"] = Everyone,
        ["GET /docs/scalar.aspnetcore.js"] = Everyone,
        ["* /health/live"] = Everyone,
        ["* /health/ready"] = Everyone,

        // Pages
        ["GET /"] = ViewPage,
        ["* /admin/prompts"] = ViewPage,
        ["* /admin/ab-tests"] = ViewPage,
        ["* /admin/ab-tests/new"] = EditPage,
        ["* /admin/ab-tests/{id:guid}"] = ViewPage,
        ["* /admin/ab-tests/{id:guid}/edit"] = EditPage,
        ["* /admin/guardrails"] = ViewPage,
        ["* /admin/guardrails/new"] = ViewPage,
        ["* /admin/guardrails/{id:guid}"] = ViewPage,
        ["* /admin/guardrails/test"] = ViewPage,
        ["* /admin/guardrails/violations"] = ViewPage,
        ["* /admin/executions"] = ViewPage,
        ["* /admin/executions/{id:guid}"] = ViewPage,
        ["* /admin/audit"] = ManagePage,
        ["* /admin/settings"] = ManagePage,
        ["* /admin/prompts/new"] = EditPage,
        ["* /admin/prompts/{id:guid}/edit"] = ViewPage,
        ["* /admin/prompts/{id:guid}/compare"] = ViewPage,
        ["* /admin/prompts/named/{name}"] = ViewPage,
        ["* /hangfire/{**path}"] = ManagePage,
        ["* /admin/users"] = ManagePage,
        ["* /admin/api-keys"] = ManagePage,
        ["* /account"] = ViewPage,
        ["* /account/password"] = ViewPage,
        ["* /account/two-factor"] = ViewPage,
        ["* /account/passkeys"] = ViewPage,
        ["POST /account/passkeys/creation-options"] = ViewPage,
        ["POST /account/passkeys/request-options"] = Everyone,
        // Whoever holds the link.
        ["* /account/join"] = Everyone,
        ["* /account/reset"] = Everyone,
        ["* /account/two-factor-sign-in"] = Everyone,
        ["* /account/sign-in"] = Everyone,
        ["POST /account/sign-out"] = Everyone,
        ["* /account/no-access"] = Everyone,
        ["* /setup"] = Everyone,
        ["* /not-found"] = ViewPage,
        ["* /problem/{status:int}"] = Everyone,

        // The framework's own
        [StaticFiles] = Everyone,
        // Static files that came after the build.
        ["* /{**path:file}"] = ViewPage,
        // The circuit; each page asks again for itself.
        ["* /_blazor"] = ViewPage,
        ["GET /_framework/opaque-redirect"] = ViewPage,
        ["* /_blazor/negotiate"] = ViewPage,
        ["* /_blazor/disconnect"] = ViewPage,
        ["* /_blazor/initializers"] = ViewPage,
    };

    private static readonly Caller[] Callers = [.. Enum.GetValues<Caller>().Where(caller => caller != Nobody)];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Table_AndRoutes_AreTheSame()
    {
        var routes = Routes().Select(route => route.Name).Distinct(StringComparer.Ordinal).ToList();

        Assert.True(routes.Count > 10);
        Assert.Equal("", string.Join(" | ", routes.Except(Table.Keys).Order(StringComparer.Ordinal)));
        Assert.Equal("", string.Join(" | ", Table.Keys.Except(routes).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task EveryRoute_LetsThoseInWhoMay_AndNobodyElse()
    {
        await app.WaitForJobsAsync();
        var callers = new Dictionary<Caller, Action<HttpRequestMessage>>();
        foreach (var caller in Callers)
            callers[caller] = await AsAsync(caller);
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
        client.BaseAddress = app.Address;
        var wrong = new List<string>();
        foreach (var (name, method, path) in Routes().DistinctBy(route => (route.Name, route.Method)))
        {
            foreach (var caller in Callers)
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), path);
                if (method is not ("GET" or "HEAD"))
                    request.Content = path.StartsWith("/api/", StringComparison.Ordinal) ? new StringContent("{}", Encoding.UTF8, "application/json") : new FormUrlEncodedContent([]);
                callers[caller](request);
                using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancellation);
                var expected = Expected(path, caller, Table.GetValueOrDefault(name));
                var actual = Outcome(response);
                if (actual != expected || (int)response.StatusCode >= 500)
                    wrong.Add($"{method} {path} ({name}) as {caller}: {(int)response.StatusCode}, {actual} instead of {expected}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong));
    }

    /// <summary>Who is refused by the API reads 401 or 403; on a page they are led to the sign-in, or told that their role does not suffice.</summary>
    private static string Expected(string path, Caller caller, Caller allowed)
    {
        if (allowed.HasFlag(caller))
            return "passes";
        var isPerson = (caller & (Viewer | Caller.Editor | SuperAdmin)) != 0;
        if (!path.StartsWith("/api/", StringComparison.Ordinal))
            return isPerson ? "no access" : "sign-in";
        var isKnown = isPerson ? allowed != Render : (caller & (Anonymous | ExpiredKey | RevokedKey)) == 0;
        return isKnown ? "403" : "401";
    }

    private static string Outcome(HttpResponseMessage response) => response.StatusCode switch
    {
        HttpStatusCode.Unauthorized => "401",
        HttpStatusCode.Forbidden => "403",
        HttpStatusCode.Redirect when LeadsTo(response, $"{Links.SignInRoute}?{Links.ReturnUrl}=") => "sign-in",
        HttpStatusCode.Redirect when LeadsTo(response, Links.NoAccess) => "no access",
        _ => "passes",
    };

    private static bool LeadsTo(HttpResponseMessage response, string path) =>
        (response.Headers.Location is { IsAbsoluteUri: true } location ? location.PathAndQuery : response.Headers.Location?.OriginalString ?? "").StartsWith(path, StringComparison.Ordinal);

    /// <summary>Every route of the app with a method and an address that reaches it.</summary>
    private IEnumerable<(string Name, string Method, string Path)> Routes()
    {
        foreach (var endpoint in app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            var pattern = "/" + (endpoint.RoutePattern.RawText ?? "").Trim('/');
            if (endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is not null)
            {
                yield return (StaticFiles, "GET", pattern);
                continue;
            }
            var methods = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [];
            foreach (var method in methods.Count is 0 or > 1 ? ["GET", "POST"] : methods)
                yield return ($"{(methods.Count == 1 ? method : "*")} {pattern}", method, Parameter().Replace(pattern, parameter => Value(parameter.Groups[1].Value)));
        }
    }

    /// <summary>A value for a route's parameter that finds nothing, and harms nothing.</summary>
    private static string Value(string parameter) =>
        parameter.Contains(":guid", StringComparison.Ordinal) ? "01a2008d-7400-7000-8000-0000000000ff"
        : parameter.Contains(":int", StringComparison.Ordinal) || parameter.Contains(":long", StringComparison.Ordinal) ? "404"
        : parameter.EndsWith('?') ? ""
        : "none";

    /// <summary>How somebody's requests look.</summary>
    private async Task<Action<HttpRequestMessage>> AsAsync(Caller caller)
    {
        switch (caller)
        {
            case Anonymous:
                return _ => { };
            case Viewer or Caller.Editor or SuperAdmin:
                var (cookies, token) = await SignInAsync(caller.ToString());
                return request =>
                {
                    request.Headers.Add("Cookie", cookies);
                    request.Headers.Add("X-CSRF-TOKEN", token);
                };
            default:
                var scope = caller switch { RenderKey => ApiScope.Render, ReadKey => ApiScope.Read, WriteKey => ApiScope.Write, AdminKey => ApiScope.Admin, _ => null };
                // The keys that no longer hold had every scope.
                var key = await TestKeys.AddAsync(app, scope is null ? [.. ApiScope.All] : [scope], caller == ExpiredKey, caller == RevokedKey);
                return request => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    private async Task<(string Cookies, string Token)> SignInAsync(string role)
    {
        var email = $"{role}@example.com";
        using (var scope = app.Services.CreateScope())
        {
            var users = scope.ServiceProvider.GetRequiredService<UserManager<StudioUser>>();
            var user = new StudioUser { UserName = email, Email = email };
            Assert.True((await users.CreateAsync(user, SetUpStudio.Password)).Succeeded);
            var roles = scope.ServiceProvider.GetRequiredService<RoleManager<IdentityRole<Guid>>>();
            if (!await roles.RoleExistsAsync(role))
                await roles.CreateAsync(new IdentityRole<Guid>(role));
            Assert.True((await users.AddToRoleAsync(user, role)).Succeeded);
        }
        var jar = new CookieContainer();
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = jar }) { BaseAddress = app.Address };
        await SignInTests.SignInAsync(client, email, SetUpStudio.Password);
        var token = JsonElement.Parse(await client.GetStringAsync(new Uri("/api/admin/antiforgery", UriKind.Relative), Cancellation)).GetProperty("token").GetString()!;
        return (jar.GetCookieHeader(app.Address), token);
    }

    [GeneratedRegex(@"\{([^}]+)\}")]
    private static partial Regex Parameter();
}
