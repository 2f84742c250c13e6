using System.Diagnostics;
using System.Security.Claims;
using PromptStudio.Core.Access;

namespace PromptStudio.Access;

/// <summary>From the claims of a cookie or a key to the <see cref="Actor"/> that commands take.</summary>
public static class ActorClaims
{
    /// <summary>The claim type of a key's scopes.</summary>
    public const string Scope = "scope";

    /// <summary>The claim type of the prompt names that a key is bound to.</summary>
    public const string BoundName = "bound_name";

    /// <summary>The claim type of the categories that a key is bound to.</summary>
    public const string BoundCategory = "bound_category";

    /// <summary>Who a principal is and what they may do.</summary>
    public static Actor ToActor(this ClaimsPrincipal principal)
    {
        if (principal.Identity is not { IsAuthenticated: true } identity)
            return new Actor(ActorKind.Anonymous, null, "anonymous", Permissions.None);
        var isKey = identity.AuthenticationType == ApiKeyAuthentication.SchemeName;
        var permissions = isKey
            ? Values(principal, Scope).Aggregate(Permissions.None, (all, scope) => all | PermissionRules.OfScope(scope))
            : Values(principal, ClaimTypes.Role).Aggregate(Permissions.None, (all, role) => all | PermissionRules.OfRole(role));
        return new Actor(isKey ? ActorKind.ApiKey : ActorKind.User, principal.FindFirstValue(ClaimTypes.NameIdentifier), identity.Name ?? "?", permissions)
        {
            Binding = isKey ? KeyBinding.Of([.. Values(principal, BoundName)], [.. Values(principal, BoundCategory)]) : null,
        };
    }

    /// <summary>Who sends a request, and from where.</summary>
    public static Actor Actor(this HttpContext context) => context.User.ToActor() with
    {
        Address = context.Connection.RemoteIpAddress?.ToString(),
        RequestId = Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier,
    };

    /// <summary>Somebody who acts on their own account before a cookie says who they are: signing in, joining, resetting a password.</summary>
    /// <param name="user">Who.</param>
    /// <param name="visitor">Where the request comes from.</param>
    public static Actor ToActor(this StudioUser user, Actor visitor) =>
        new(ActorKind.User, user.Id.ToString(), user.Email ?? "?", Permissions.None) { Address = visitor.Address, RequestId = visitor.RequestId };

    private static IEnumerable<string> Values(ClaimsPrincipal principal, string type) => principal.FindAll(type).Select(claim => claim.Value);
}
