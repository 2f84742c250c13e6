namespace PromptStudio.Core.Access;

/// <summary>What somebody may do; roles and scopes are only names for sets of these.</summary>
[Flags]
public enum Permissions
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Render prompts and report outcomes.</summary>
    Render = 1,

    /// <summary>See prompts, guardrails, experiments and executions.</summary>
    Read = 2,

    /// <summary>Change prompts and experiments, and say what guardrails found wrongly.</summary>
    Write = 4,

    /// <summary>Move what is protected: labels, and the active version of protected prompts. Change guardrails, which protect all of them.</summary>
    Promote = 8,

    /// <summary>Users, keys, protection, and the audit log.</summary>
    Administer = 16,
}

/// <summary>From roles and scopes to permissions.</summary>
public static class PermissionRules
{
    /// <summary>What a role may do; none for an unknown one.</summary>
    public static Permissions OfRole(string role) => role switch
    {
        Role.SuperAdmin => Permissions.Read | Permissions.Write | Permissions.Promote | Permissions.Administer,
        Role.Editor => Permissions.Read | Permissions.Write,
        Role.Viewer => Permissions.Read,
        _ => Permissions.None,
    };

    /// <summary>What a scope of an API key allows; none for an unknown one. Scopes do not include each other.</summary>
    public static Permissions OfScope(string scope) => scope switch
    {
        ApiScope.Render => Permissions.Render,
        ApiScope.Read => Permissions.Read,
        ApiScope.Write => Permissions.Write,
        ApiScope.Admin => Permissions.Promote | Permissions.Administer,
        _ => Permissions.None,
    };
}
