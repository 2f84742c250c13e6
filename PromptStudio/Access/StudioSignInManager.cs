using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace PromptStudio.Access;

/// <summary>Identity's sign-in, which does not let in who is disabled, whichever way they come.</summary>
public sealed class StudioSignInManager(
    UserManager<StudioUser> userManager, IHttpContextAccessor contextAccessor, IUserClaimsPrincipalFactory<StudioUser> claimsFactory,
    IOptions<IdentityOptions> options, ILogger<SignInManager<StudioUser>> logger, IAuthenticationSchemeProvider schemes, IUserConfirmation<StudioUser> confirmation)
    : SignInManager<StudioUser>(userManager, contextAccessor, claimsFactory, options, logger, schemes, confirmation)
{
    public override async Task<bool> CanSignInAsync(StudioUser user) => user.DisabledAt is null && await base.CanSignInAsync(user);

    /// <summary>For cookies and open pages, each time they are looked at again.</summary>
    public override async Task<StudioUser?> ValidateSecurityStampAsync(ClaimsPrincipal? principal) =>
        await base.ValidateSecurityStampAsync(principal) is { DisabledAt: null } user ? user : null;

    /// <summary>After the password: signs in, or asks for the second factor when there is one.</summary>
    public Task<SignInResult> AfterPasswordAsync(StudioUser user, bool isPersistent) => SignInOrTwoFactorAsync(user, isPersistent);
}
