using Microsoft.AspNetCore.WebUtilities;
using PromptStudio.Prompts;

namespace PromptStudio.Shell;

/// <summary>Every address of the studio is written here, and only here.</summary>
public static class Links
{
    public const string Home = "/";
    public const string PromptsRoute = "/admin/prompts";
    public const string AccountRoot = "/account";
    public const string SignInRoute = "/account/sign-in";
    public const string SignOut = "/account/sign-out";
    public const string NoAccess = "/account/no-access";
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

    /// <summary>The sign-in, which leads back.</summary>
    public static string SignIn(string? returnUrl = null) =>
        Local(returnUrl) is var local and not Home ? QueryHelpers.AddQueryString(SignInRoute, ReturnUrl, local) : SignInRoute;

    /// <summary>The first-run page.</summary>
    public static string Setup(string token) => QueryHelpers.AddQueryString(SetupRoute, "token", token);

    /// <summary>A version in the admin API.</summary>
    public static string Version(Guid id) => $"/api/admin/prompts/{id}";

    /// <summary>Where callers render a prompt.</summary>
    public static string Render(string name) => "/api/render/" + Uri.EscapeDataString(name);

    /// <summary>An address that a request brought, when it is one of this studio; else the start page.</summary>
    /// <remarks>Browsers read <c>//host</c> and <c>/\host</c> as another host, and drop tabs and line ends first.</remarks>
    public static string Local(string? url) =>
        url is ['/', ..] and not ['/', '/' or '\\', ..] && !url.AsSpan().ContainsAnyInRange('\0', '\x1f') ? url : Home;
}
