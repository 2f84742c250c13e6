using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc;
using PromptStudio.Shell;

namespace PromptStudio.Access;

/// <summary>What pages of the account cannot do as pages.</summary>
public static class AccessApi
{
    public static void MapAccess(this IEndpointRouteBuilder routes) =>
        routes.MapPost(Links.SignOut, SignOutAsync).AllowAnonymous().ExcludeFromDescription();

    // Reading the form is what makes the framework check the antiforgery token.
    private static async Task<RedirectHttpResult> SignOutAsync([FromForm(Name = Links.ReturnUrl)] string? returnUrl, SignInManager<StudioUser> signIn)
    {
        await signIn.SignOutAsync();
        return TypedResults.LocalRedirect(Links.SignIn(returnUrl));
    }
}
