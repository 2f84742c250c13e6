using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Identity;
using PromptStudio.Core.Access;

namespace PromptStudio.Access;

/// <summary>The policies that routes and pages state; what is not stated asks for a signed-in person.</summary>
public static class Policy
{
    /// <summary>API: a key with the scope <c>render</c>.</summary>
    public const string Render = nameof(Render);

    /// <summary>API: a person of any role, or a key with the scope <c>read</c>.</summary>
    public const string Read = nameof(Read);

    /// <summary>API: an Editor or SuperAdmin, or a key with the scope <c>write</c>.</summary>
    public const string Write = nameof(Write);

    /// <summary>API: who may move what is protected and change guardrails: a SuperAdmin, or a key with the scope <c>admin</c>.</summary>
    public const string Promote = nameof(Promote);

    /// <summary>API: a SuperAdmin, or a key with the scope <c>admin</c>.</summary>
    public const string Administer = nameof(Administer);

    /// <summary>Pages: a person of any role.</summary>
    public const string View = nameof(View);

    /// <summary>Pages: an Editor or SuperAdmin.</summary>
    public const string Edit = nameof(Edit);

    /// <summary>Pages: a SuperAdmin.</summary>
    public const string Manage = nameof(Manage);

    /// <summary>The scheme of the admin API: a key when one is sent, else the studio's cookie.</summary>
    public const string ApiScheme = "Api";

    internal static void AddPolicies(this IServiceCollection services) =>
        services.AddAuthorizationBuilder()
            .AddPolicy(Render, policy => Asks(policy, ApiKeyAuthentication.SchemeName, Permissions.Render))
            .AddPolicy(Read, policy => Asks(policy, ApiScheme, Permissions.Read))
            .AddPolicy(Write, policy => Asks(policy, ApiScheme, Permissions.Write))
            .AddPolicy(Promote, policy => Asks(policy, ApiScheme, Permissions.Promote))
            .AddPolicy(Administer, policy => Asks(policy, ApiScheme, Permissions.Administer))
            .AddPolicy(View, policy => Asks(policy, IdentityConstants.ApplicationScheme, Permissions.Read))
            .AddPolicy(Edit, policy => Asks(policy, IdentityConstants.ApplicationScheme, Permissions.Write))
            .AddPolicy(Manage, policy => Asks(policy, IdentityConstants.ApplicationScheme, Permissions.Administer))
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build());

    private static void Asks(AuthorizationPolicyBuilder policy, string scheme, Permissions permissions) =>
        policy.AddAuthenticationSchemes(scheme).RequireAuthenticatedUser().RequireAssertion(context => context.User.ToActor().May(permissions));
}
