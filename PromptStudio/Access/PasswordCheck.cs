using Microsoft.AspNetCore.Identity;
using PromptStudio.Core.Access;

namespace PromptStudio.Access;

/// <summary>Lets Identity ask <see cref="PasswordRule"/> wherever a password is set: set-up, bootstrap, invitation, reset and change.</summary>
public sealed class PasswordCheck : IPasswordValidator<StudioUser>
{
    public Task<IdentityResult> ValidateAsync(UserManager<StudioUser> manager, StudioUser user, string? password)
    {
        var problems = PasswordRule.Problems(password, user.Email);
        return Task.FromResult(problems.Count == 0
            ? IdentityResult.Success
            : IdentityResult.Failed([.. problems.Select(problem => new IdentityError { Code = "Password", Description = problem })]));
    }
}
