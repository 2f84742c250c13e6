using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using PromptStudio.Shell;

namespace PromptStudio.Access;

/// <summary>What pages of the account cannot do as pages.</summary>
public static class AccessApi
{
    public static void MapAccess(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(Links.SignOut, SignOutAsync).AllowAnonymous().ExcludeFromDescription();
        routes.MapPost(Links.PasskeyCreation, PasskeyCreationAsync).RequireAuthorization(Policy.View).ExcludeFromDescription();
        routes.MapPost(Links.PasskeyRequest, PasskeyRequestAsync).AllowAnonymous().ExcludeFromDescription();
    }

    private static async Task<IResult> SignOutAsync([FromForm(Name = Links.ReturnUrl)] string? returnUrl, HttpContext http, SignIns signIns, CancellationToken cancellationToken)
    {
        // The framework refuses a form without its token by itself, but not a request that is no form.
        if (http.Features.Get<IAntiforgeryValidationFeature>() is not { IsValid: true })
            return TypedResults.StatusCode(StatusCodes.Status400BadRequest);
        await signIns.SignOutAsync(http.Actor(), cancellationToken);
        return TypedResults.LocalRedirect(Links.SignIn(returnUrl));
    }

    /// <summary>What the browser signs to make a passkey for who is signed in.</summary>
    private static async Task<Results<ContentHttpResult, BadRequest, UnauthorizedHttpResult>> PasskeyCreationAsync(HttpContext http, IAntiforgery antiforgery, SignInManager<StudioUser> signIn)
    {
        if (!await antiforgery.IsRequestValidAsync(http))
            return TypedResults.BadRequest();
        if (await signIn.UserManager.GetUserAsync(http.User) is not { } user)
            return TypedResults.Unauthorized();
        var entity = new PasskeyUserEntity { Id = user.Id.ToString(), Name = user.Email!, DisplayName = user.Email! };
        return TypedResults.Content(await signIn.MakePasskeyCreationOptionsAsync(entity), "application/json");
    }

    /// <summary>What the browser signs with a passkey to sign in. It is not asked who that will be: the passkey says so.</summary>
    private static async Task<Results<ContentHttpResult, BadRequest>> PasskeyRequestAsync(HttpContext http, IAntiforgery antiforgery, SignInManager<StudioUser> signIn) =>
        await antiforgery.IsRequestValidAsync(http)
            ? TypedResults.Content(await signIn.MakePasskeyRequestOptionsAsync(null), "application/json")
            : TypedResults.BadRequest();
}
