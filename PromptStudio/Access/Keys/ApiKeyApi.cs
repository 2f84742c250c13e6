using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using PromptStudio.Web;

namespace PromptStudio.Access.Keys;

/// <summary><c>/api/admin/api-keys</c>.</summary>
public static class ApiKeyApi
{
    private static readonly ApiKeyView Example = new(
        Guid.Parse("01a2008d-7400-7000-8000-0000000000cc"), "Support bot", "ps_4fQ1x", ApiKeyState.Active, ["render"], ["nlu_topic_extraction"], [],
        "ada@example.com", new DateTimeOffset(2026, 11, 20, 9, 30, 0, TimeSpan.Zero), new DateTimeOffset(2026, 11, 22, 8, 0, 0, TimeSpan.Zero), null, null, null);

    /// <summary>Maps the routes on the group of the admin API.</summary>
    public static void MapApiKeys(this IEndpointRouteBuilder admin)
    {
        var keys = admin.MapGroup("/api-keys").RequireAuthorization(Policy.Administer).WithTags("API keys");
        keys.MapGet("", ListAsync)
            .WithName("list_api_keys")
            .WithSummary("List the API keys")
            .WithDescription("Revoked and expired ones too. 'search' is a part of a name or of a key's first characters. Sorted by created_at, name, last_used_at or expires_at.")
            .WithParameter(new ParameterRule("search") { Description = "Part of a name, or of a key's first characters." })
            .WithSort(ApiKeyStore.Sortable)
            .WithAnswer(new ListPage<ApiKeyView>([Example], 1, 50, 1));
        keys.MapGet("/{id:guid}", FindAsync)
            .WithName("get_api_key")
            .WithSummary("Get an API key")
            .WithDescription("What it may do, and when it was last used; never the key itself.")
            .WithParameter(new ParameterRule("id") { Description = "The id of an API key.", Example = Example.Id })
            .WithAnswer(Example)
            .WithProblem(404, "api_key_not_found");
        keys.MapPost("", CreateAsync)
            .WithName("create_api_key")
            .WithSummary("Make an API key")
            .WithDescription("The key is shown only in this answer; its SHA-256 is what the studio keeps. A key can make only keys with scopes that it has itself, and none that lives longer.")
            .WithBody(new NewApiKey("Support bot", ["render"], ["nlu_topic_extraction"]))
            .WithAnswer(new MadeApiKey(Example, "ps_…"), StatusCodes.Status201Created)
            .WithProblem(403, "expiry_beyond_maker")
            .WithProblem(422, "invalid_api_key", "binding_with_admin");
        keys.MapPut("/{id:guid}", ChangeAsync)
            .WithName("change_api_key")
            .WithSummary("Change an API key's name, expiry or binding")
            .WithDescription("All of them are given; null as expires_at means that it does not expire. Scopes never change.")
            .WithParameter(new ParameterRule("id") { Description = "The id of an API key.", Example = Example.Id })
            .WithBody(new ApiKeyChange("Support bot", null, ["nlu_topic_extraction"], []))
            .WithAnswer(Example)
            .WithProblem(404, "api_key_not_found")
            .WithProblem(409, "api_key_revoked")
            .WithProblem(403, "expiry_beyond_maker")
            .WithProblem(422, "invalid_api_key", "binding_with_admin");
        keys.MapDelete("/{id:guid}", RevokeAsync)
            .WithName("revoke_api_key")
            .WithSummary("Revoke an API key")
            .WithDescription("For good, and at once on every node. Its entry stays in the list.")
            .WithParameter(new ParameterRule("id") { Description = "The id of an API key.", Example = Example.Id })
            .WithAnswer(Example)
            .WithProblem(404, "api_key_not_found");
    }

    private static async Task<Results<Ok<ListPage<ApiKeyView>>, Problem>> ListAsync(
        HttpContext http, ApiKeyStore store, [AsParameters] PageQuery query, [FromQuery] string? search, CancellationToken cancellationToken)
    {
        if (Storable.Problem("search", search) is { } problem)
            return problem;
        var page = query.Check(ApiKeyStore.Sortable);
        return page.Problem is { } wrong ? wrong : Ok(await store.ListAsync(http.Actor(), search, page.Value!, cancellationToken));
    }

    private static async Task<Results<Ok<ApiKeyView>, Problem>> FindAsync(HttpContext http, Guid id, ApiKeyStore store, CancellationToken cancellationToken) =>
        Ok(await store.FindAsync(http.Actor(), id, cancellationToken));

    private static async Task<Results<Created<MadeApiKey>, Problem>> CreateAsync(HttpContext http, Body<NewApiKey> body, ApiKeyStore store, CancellationToken cancellationToken)
    {
        var answer = await store.CreateAsync(http.Actor(), body.Value, cancellationToken);
        // No cache may keep it.
        http.Response.Headers.CacheControl = "no-store";
        return answer.Value is { } made ? TypedResults.Created($"/api/admin/api-keys/{made.ApiKey.Id}", made) : answer.Problem!;
    }

    private static async Task<Results<Ok<ApiKeyView>, Problem>> ChangeAsync(
        HttpContext http, Guid id, Body<ApiKeyChange> body, ApiKeyStore store, CancellationToken cancellationToken) =>
        Ok(await store.ChangeAsync(http.Actor(), id, body.Value, cancellationToken));

    private static async Task<Results<Ok<ApiKeyView>, Problem>> RevokeAsync(HttpContext http, Guid id, ApiKeyStore store, CancellationToken cancellationToken) =>
        Ok(await store.RevokeAsync(http.Actor(), id, cancellationToken));

    private static Results<Ok<T>, Problem> Ok<T>(Answer<T> answer)
        where T : class => answer.Value is { } value ? TypedResults.Ok(value) : answer.Problem!;
}
