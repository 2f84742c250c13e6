using System.Security.Claims;
using PromptStudio.Core.Access;

namespace PromptStudio.Shell;

/// <summary>Who is signed in, and the way out.</summary>
public sealed partial class AccountMenu
{
    private static string Initial(string? name) => string.IsNullOrEmpty(name) ? "?" : name[..1].ToUpperInvariant();

    private static string RoleOf(ClaimsPrincipal user) => Role.All.FirstOrDefault(user.IsInRole) switch
    {
        Role.SuperAdmin => "Super admin",
        { } role => role,
        null => "No role",
    };
}
