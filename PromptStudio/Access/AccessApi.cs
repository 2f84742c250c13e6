using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using PromptStudio.Shell;

namespace PromptStudio.Access;

/// <summary>What pages of the account cannot do as pages.</summary>
public static class AccessApi
{
    public static void MapAccess(this IEndpointRouteBuilder routes) =>
        routes.MapPost(Links.SignOut, SignOutAsync).AllowAnonymous().ExcludeFromDescription();

    private static async Task<IResult> SignOutAsync([FromForm(Name = Links.ReturnUrl)] string? returnUrl, HttpContext context, SignInManager<StudioUser> signIn)
    {
        // The framework refuses a form without its token by itself, but not a request that is no form.
        if (context.Features.Get<IAntiforgeryValidationFeature>() is not { IsValid: true })
            return TypedResults.StatusCode(StatusCodes.Status400BadRequest);
        await signIn.SignOutAsync();
        return TypedResults.LocalRedirect(Links.SignIn(returnUrl));
    }
}
