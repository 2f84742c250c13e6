using Microsoft.AspNetCore.WebUtilities;
using PromptStudio.Access;
using PromptStudio.Prompts;

namespace PromptStudio.Shell;

/// <summary>Every address of the studio is written here, and only here.</summary>
public static class Links
{
    public const string Home = "/";
    public const string PromptsRoute = "/admin/prompts";
    public const string NewPromptRoute = "/admin/prompts/new";
    public const string EditRoute = "/admin/prompts/{id:guid}/edit";
    public const string EditByNameRoute = "/admin/prompts/named/{name}";
    public const string CompareRoute = "/admin/prompts/{id:guid}/compare";
    public const string AbTestsRoute = "/admin/ab-tests";
    public const string NewAbTestRoute = "/admin/ab-tests/new";
    public const string AbTestRoute = "/admin/ab-tests/{id:guid}";
    public const string EditAbTestRoute = "/admin/ab-tests/{id:guid}/edit";
    public const string GuardrailsRoute = "/admin/guardrails";
    public const string NewGuardrailRoute = "/admin/guardrails/new";
    public const string GuardrailRoute = "/admin/guardrails/{id:guid}";
    public const string GuardrailTestRoute = "/admin/guardrails/test";
    public const string ViolationsRoute = "/admin/guardrails/violations";
    public const string ExecutionsRoute = "/admin/executions";
    public const string ExecutionRoute = "/admin/executions/{id:guid}";
    public const string AuditRoute = "/admin/audit";
    public const string SettingsRoute = "/admin/settings";
    public const string AccountRoot = "/account";
    public const string SignInRoute = "/account/sign-in";
    public const string SignOut = "/account/sign-out";
    public const string NoAccess = "/account/no-access";
    public const string UsersRoute = "/admin/users";
    public const string ApiKeysRoute = "/admin/api-keys";
    public const string Account = "/account";
    public const string Password = "/account/password";
    public const string TwoFactor = "/account/two-factor";
    public const string Passkeys = "/account/passkeys";
    public const string TwoFactorSignInRoute = "/account/two-factor-sign-in";
    public const string JoinRoute = "/account/join";
    public const string ResetRoute = "/account/reset";

    /// <summary>Where the browser asks what to sign with a passkey: to make one, and to sign in.</summary>
    public const string PasskeyCreation = "/account/passkeys/creation-options";

    /// <inheritdoc cref="PasskeyCreation"/>
    public const string PasskeyRequest = "/account/passkeys/request-options";
    public const string SetupRoute = "/setup";
    public const string Jobs = "/hangfire";
    public const string Docs = "/docs";
    public const string NotFoundRoute = "/not-found";
    public const string ProblemRoute = "/problem/{status:int}";

    /// <summary>The query parameter with the page to go to after the sign-in.</summary>
    public const string ReturnUrl = "return_url";

    /// <summary>For <c>UseStatusCodePagesWithReExecute</c>.</summary>
    public const string ProblemFormat = "/problem/{0}";

    /// <summary>The dashboard, as a query shows it.</summary>
    /// <param name="query">What is listed.</param>
    /// <param name="prompt">The prompt that is opened beside the list.</param>
    public static string Prompts(PromptQuery? query = null, string? prompt = null)
    {
        query ??= new PromptQuery();
        var parameters = new Dictionary<string, string?>();
        if (query.Search.Length > 0)
            parameters["search"] = query.Search;
        if (query.Category is not null)
            parameters["category"] = query.Category;
        if (query.Status is not null)
            parameters["status"] = query.Status;
        if (query.Sort != PromptQuery.DefaultSort)
            parameters["sort"] = query.Sort;
        if (query.Page > 1)
            parameters["page"] = query.Page.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (prompt is not null)
            parameters["prompt"] = prompt;
        return QueryHelpers.AddQueryString(PromptsRoute, parameters);
    }

    /// <summary>A version in the editor.</summary>
    public static string Edit(Guid id) => $"/admin/prompts/{id}/edit";

    /// <summary>The version that speaks for a prompt, in the editor.</summary>
    public static string EditByName(string name) => "/admin/prompts/named/" + Uri.EscapeDataString(name);

    /// <summary>A version beside another one of its prompt; without one, beside the active version.</summary>
    public static string Compare(Guid id, int? against = null) =>
        against is { } version ? QueryHelpers.AddQueryString($"/admin/prompts/{id}/compare", "against", version.ToString(System.Globalization.CultureInfo.InvariantCulture)) : $"/admin/prompts/{id}/compare";

    /// <summary>A zip archive of prompts.</summary>
    public static string Export(IEnumerable<string> names) =>
        QueryHelpers.AddQueryString("/api/admin/prompts/export", names.Select(name => KeyValuePair.Create<string, string?>("name", name)));

    /// <summary>The sign-in, which leads back.</summary>
    public static string SignIn(string? returnUrl = null) =>
        Local(returnUrl) is var local and not Home ? QueryHelpers.AddQueryString(SignInRoute, ReturnUrl, local) : SignInRoute;

    /// <summary>The second step of a sign-in.</summary>
    public static string TwoFactorSignIn(bool remember, string? returnUrl)
    {
        var parameters = new Dictionary<string, string?>();
        if (remember)
            parameters["remember"] = "true";
        if (Local(returnUrl) is var local and not Home)
            parameters[ReturnUrl] = local;
        return QueryHelpers.AddQueryString(TwoFactorSignInRoute, parameters);
    }

    /// <summary>The page on which a one-time link ends.</summary>
    public static string OneTime(OneTimeLink link) =>
        QueryHelpers.AddQueryString(link.Purpose == LinkPurpose.Join ? JoinRoute : ResetRoute, "token", link.Token);

    /// <summary>The sign-in, which says that the password was set.</summary>
    public static string SignInWithNewPassword(string email) =>
        QueryHelpers.AddQueryString(SignInRoute, new Dictionary<string, string?> { ["done"] = "password", ["email"] = email });

    /// <summary>A page, which says what was done on it.</summary>
    public static string WithDone(string page, string done) => QueryHelpers.AddQueryString(page, "done", done);

    /// <summary>A page of a list of the administration, as its query shows it; what is empty is left out.</summary>
    public static string Listing(string route, string? search, string? sort, int page)
    {
        var parameters = new Dictionary<string, string?>();
        if (!string.IsNullOrEmpty(search))
            parameters["search"] = search;
        if (!string.IsNullOrEmpty(sort))
            parameters["sort"] = sort;
        if (page > 1)
            parameters["page"] = page.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return QueryHelpers.AddQueryString(route, parameters);
    }

    /// <summary>The experiments, of one prompt or of all.</summary>
    public static string AbTests(string? prompt = null) => With(AbTestsRoute, ("prompt", prompt));

    /// <summary>The page of an experiment.</summary>
    public static string AbTest(Guid id) => $"{AbTestsRoute}/{id}";

    /// <summary>The form of an experiment that has not started.</summary>
    public static string EditAbTest(Guid id) => $"{AbTestsRoute}/{id}/edit";

    /// <summary>The form of a new experiment on a prompt.</summary>
    public static string NewAbTest(string? prompt = null) => With(NewAbTestRoute, ("prompt", prompt));

    /// <summary>The page of a guardrail.</summary>
    public static string GuardrailPage(Guid id) => $"{GuardrailsRoute}/{id}";

    /// <summary>The form of a new guardrail, filled from a ready-made rule.</summary>
    public static string NewGuardrail(string template) => QueryHelpers.AddQueryString(NewGuardrailRoute, "from", template);

    /// <summary>The violations of a guardrail, a prompt or an execution.</summary>
    public static string Violations(Guid? guardrail = null, string? prompt = null, string? outcome = null) =>
        With(ViolationsRoute, ("rule", guardrail?.ToString()), ("prompt", prompt), ("outcome", outcome));

    /// <summary>The page of an execution.</summary>
    public static string Execution(Guid id) => $"{ExecutionsRoute}/{id}";

    /// <summary>The editor of a version, filled with what an execution was rendered from.</summary>
    public static string EditorWithExecution(Guid version, Guid execution) => $"{PromptsRoute}/{version}/edit?execution={execution}";

    /// <summary>The executions of a prompt, or of one version of it.</summary>
    public static string Executions(string? prompt = null, int? version = null) =>
        With(ExecutionsRoute, ("prompt", prompt), ("version", version?.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    /// <summary>What the audit log says of a subject.</summary>
    public static string Audit(string kind, string id) => With(AuditRoute, ("kind", kind), ("subject", id));

    /// <summary>A page with parameters; what is empty is left out.</summary>
    public static string With(string route, params IEnumerable<(string Name, string? Value)> parameters) =>
        QueryHelpers.AddQueryString(route, parameters.Where(one => !string.IsNullOrEmpty(one.Value)).Select(one => KeyValuePair.Create(one.Name, one.Value)));

    /// <summary>The first-run page.</summary>
    public static string Setup(string token) => QueryHelpers.AddQueryString(SetupRoute, "token", token);

    /// <summary>A version in the admin API.</summary>
    public static string Version(Guid id) => $"/api/admin/prompts/{id}";

    /// <summary>A guardrail in the admin API.</summary>
    public static string Guardrail(Guid id) => $"/api/admin/guardrails/{id}";

    /// <summary>Where callers render a prompt.</summary>
    public static string Render(string name) => "/api/render/" + Uri.EscapeDataString(name);

    /// <summary>An address that a request brought, when it is one of this studio; else the start page.</summary>
    /// <remarks>Browsers read <c>//host</c> and <c>/\host</c> as another host, and drop tabs and line ends first.</remarks>
    public static string Local(string? url) =>
        url is ['/', ..] and not ['/', '/' or '\\', ..] && !url.AsSpan().ContainsAnyInRange('\0', '\x1f') ? url : Home;
}
