using PromptStudio.Core.Access;
using PromptStudio.Web;

namespace PromptStudio.Access.Users;

/// <summary>Why something cannot be done with a user.</summary>
public static class UserProblem
{
    public static Problem NotFound { get; } = new(404, "user_not_found", "There is no user with this id.");

    public static Problem EmailTaken { get; } = new(409, "email_taken", "Somebody has this e-mail address already. Change their role, or make them a new link.");

    public static Problem LastSuperAdmin { get; } =
        new(409, "last_super_admin", "This is the last super admin who can sign in. Make somebody else a super admin first.");

    public static Problem Disabled { get; } = new(409, "user_disabled", "This user is disabled. Enable them first, then make a link.");

    public static Problem NothingToChange { get; } = new(400, "invalid_request", "Give 'role', 'is_disabled' or both.");

    public static Problem InvalidEmail { get; } =
        new(422, "invalid_user", EmailAddress.Rule) { Extensions = { ["member"] = "email" } };

    public static Problem InvalidRole { get; } =
        new(422, "invalid_user", $"'role' must be one of {string.Join(", ", Role.All)}.") { Extensions = { ["member"] = "role" } };

    /// <summary>403: a key acts on somebody, or gives a role, beyond its own scopes.</summary>
    public static Problem BeyondActor(string role) =>
        new(403, "scope_missing", $"The role {role} may do what this API key may not. A key can manage only those who may do no more than itself: it needs the scopes read, write and admin for all of them.");
}
