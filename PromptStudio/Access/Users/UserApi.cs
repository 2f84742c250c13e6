using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using PromptStudio.Shell;
using PromptStudio.Web;

namespace PromptStudio.Access.Users;

/// <summary><c>/api/admin/users</c>.</summary>
public static class UserApi
{
    private static readonly UserView Example = new(
        Guid.Parse("01a2008d-7400-7000-8000-0000000000aa"), "ada@example.com", "Editor", UserState.Active, IsLocked: false, HasTwoFactor: true, Passkeys: 1,
        new DateTimeOffset(2026, 11, 20, 9, 30, 0, TimeSpan.Zero), "grace@example.com", null, new DateTimeOffset(2026, 11, 22, 8, 0, 0, TimeSpan.Zero));

    private static readonly HandedLink ExampleLink = new(Example, "https://studio.example.com/account/join?…", new DateTimeOffset(2026, 11, 29, 9, 30, 0, TimeSpan.Zero));

    /// <summary>Maps the routes on the group of the admin API.</summary>
    public static void MapUsers(this IEndpointRouteBuilder admin)
    {
        var users = admin.MapGroup("/users").RequireAuthorization(Policy.Administer).WithTags("Users");
        users.MapGet("", ListAsync)
            .WithName("list_users")
            .WithSummary("List the users")
            .WithDescription("'search' is a part of an e-mail address. Sorted by email, role, created_at or last_sign_in_at.")
            .WithParameter(new ParameterRule("search") { Description = "Part of an e-mail address." })
            .WithSort(UserStore.Sortable)
            .WithAnswer(new ListPage<UserView>([Example], 1, 50, 1));
        users.MapGet("/{id:guid}", FindAsync)
            .WithName("get_user")
            .WithSummary("Get a user")
            .WithDescription("'state' is invited until they have chosen a password, then active; or disabled.")
            .WithParameter(new ParameterRule("id") { Description = "The id of a user.", Example = Example.Id })
            .WithAnswer(Example)
            .WithProblem(404, "user_not_found");
        users.MapPost("", InviteAsync)
            .WithName("invite_user")
            .WithSummary("Invite a user")
            .WithDescription("Makes an account without a password, and a link for its owner to choose one: it works once, for 7 days, and is shown only in this answer.")
            .WithBody(new NewUser("ada@example.com", "Editor"))
            .WithAnswer(ExampleLink, StatusCodes.Status201Created)
            .WithProblem(409, "email_taken")
            .WithProblem(422, "invalid_user");
        users.MapPut("/{id:guid}", ChangeAsync)
            .WithName("change_user")
            .WithSummary("Change a user's role, disable or enable them")
            .WithDescription("What is left out stays. Their cookies and open pages end within a minute. The last super admin cannot be demoted or disabled.")
            .WithParameter(new ParameterRule("id") { Description = "The id of a user.", Example = Example.Id })
            .WithBody(new UserChange("Viewer", false))
            .WithAnswer(Example)
            .WithProblem(404, "user_not_found")
            .WithProblem(409, "last_super_admin")
            .WithProblem(422, "invalid_user");
        users.MapPost("/{id:guid}/reset-link", MakeLinkAsync)
            .WithName("make_reset_link")
            .WithSummary("Make a link to choose another password")
            .WithDescription("It works once, for 24 hours, and is shown only in this answer. For somebody who has not joined yet it is a new invitation, for 7 days, which replaces the old one.")
            .WithParameter(new ParameterRule("id") { Description = "The id of a user.", Example = Example.Id })
            .WithAnswer(ExampleLink)
            .WithProblem(404, "user_not_found")
            .WithProblem(409, "user_disabled");
        users.MapPost("/{id:guid}/sign-out-everywhere", SignOutEverywhereAsync)
            .WithName("sign_out_everywhere")
            .WithSummary("Sign a user out everywhere")
            .WithDescription("Their cookies and open pages end within a minute.")
            .WithParameter(new ParameterRule("id") { Description = "The id of a user.", Example = Example.Id })
            .WithAnswer(Example)
            .WithProblem(404, "user_not_found");
        users.MapDelete("/{id:guid}/two-factor", RemoveTwoFactorAsync)
            .WithName("remove_two_factor")
            .WithSummary("Take a user's second factor away")
            .WithDescription("For somebody who has lost their phone and their recovery codes: they sign in with their password, and can set it up again.")
            .WithParameter(new ParameterRule("id") { Description = "The id of a user.", Example = Example.Id })
            .WithAnswer(Example)
            .WithProblem(404, "user_not_found");
    }

    private static async Task<Results<Ok<ListPage<UserView>>, Problem>> ListAsync(
        HttpContext http, UserStore store, [AsParameters] PageQuery query, [FromQuery] string? search, CancellationToken cancellationToken)
    {
        if (Storable.Problem("search", search) is { } problem)
            return problem;
        var page = query.Check(UserStore.Sortable);
        return page.Problem is { } wrong ? wrong : Ok(await store.ListAsync(http.Actor(), search, page.Value!, cancellationToken));
    }

    private static async Task<Results<Ok<UserView>, Problem>> FindAsync(HttpContext http, Guid id, UserStore store, CancellationToken cancellationToken) =>
        Ok(await store.FindAsync(http.Actor(), id, cancellationToken));

    private static async Task<Results<Created<HandedLink>, Problem>> InviteAsync(HttpContext http, Body<NewUser> body, UserStore store, CancellationToken cancellationToken)
    {
        var answer = await store.InviteAsync(http.Actor(), body.Value, cancellationToken);
        return answer.Value is { } made ? TypedResults.Created($"/api/admin/users/{made.User.Id}", Handed(http, made)) : answer.Problem!;
    }

    private static async Task<Results<Ok<UserView>, Problem>> ChangeAsync(
        HttpContext http, Guid id, Body<UserChange> body, UserStore store, CancellationToken cancellationToken) =>
        Ok(await store.ChangeAsync(http.Actor(), id, body.Value, cancellationToken));

    private static async Task<Results<Ok<HandedLink>, Problem>> MakeLinkAsync(HttpContext http, Guid id, UserStore store, CancellationToken cancellationToken)
    {
        var answer = await store.MakeLinkAsync(http.Actor(), id, cancellationToken);
        return answer.Value is { } made ? TypedResults.Ok(Handed(http, made)) : answer.Problem!;
    }

    private static async Task<Results<Ok<UserView>, Problem>> SignOutEverywhereAsync(HttpContext http, Guid id, UserStore store, CancellationToken cancellationToken) =>
        Ok(await store.SignOutEverywhereAsync(http.Actor(), id, cancellationToken));

    private static async Task<Results<Ok<UserView>, Problem>> RemoveTwoFactorAsync(HttpContext http, Guid id, UserStore store, CancellationToken cancellationToken) =>
        Ok(await store.RemoveTwoFactorAsync(http.Actor(), id, cancellationToken));

    private static HandedLink Handed(HttpContext http, UserLink made)
    {
        // No cache may keep it.
        http.Response.Headers.CacheControl = "no-store";
        return new HandedLink(made.User, $"{http.Request.Scheme}://{http.Request.Host}{http.Request.PathBase}{Links.OneTime(made.Link)}", made.Link.ExpiresAt);
    }

    private static Results<Ok<T>, Problem> Ok<T>(Answer<T> answer)
        where T : class => answer.Value is { } value ? TypedResults.Ok(value) : answer.Problem!;
}
