using PromptStudio.Core.Access;

namespace PromptStudio.Access;

/// <summary>Roles, as people read them.</summary>
public static class RoleNames
{
    /// <summary>Its name.</summary>
    public static string Of(string role) => role switch
    {
        Role.SuperAdmin => "Super admin",
        "" => "No role",
        _ => role,
    };

    /// <summary>What it allows, in a line.</summary>
    public static string May(string role) => role switch
    {
        Role.SuperAdmin => "everything, users and API keys included",
        Role.Editor => "changes prompts, guardrails and experiments",
        Role.Viewer => "looks, and changes nothing",
        _ => "sees nothing",
    };
}
