using System.Security.Claims;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace PromptStudio.Access;

/// <summary>
/// A page can stay open for longer than an account: looks as often as cookies are looked at whether its person may still be there, in
/// the role that the page was opened with. If not, the page loses access and leads to the sign-in.
/// </summary>
public sealed class SignedInState(ILoggerFactory logger, IServiceScopeFactory scopes, IOptions<SecurityStampValidatorOptions> options)
    : RevalidatingServerAuthenticationStateProvider(logger)
{
    protected override TimeSpan RevalidationInterval => options.Value.ValidationInterval;

    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var signIn = scope.ServiceProvider.GetRequiredService<SignInManager<StudioUser>>();
        return await signIn.ValidateSecurityStampAsync(authenticationState.User) is { } user
            && (await signIn.UserManager.GetRolesAsync(user)).ToHashSet(StringComparer.Ordinal)
                .SetEquals(authenticationState.User.FindAll(ClaimTypes.Role).Select(role => role.Value));
    }
}
