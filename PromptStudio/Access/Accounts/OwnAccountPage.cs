using System.Security.Claims;
using Microsoft.AspNetCore.Components;
using PromptStudio.Core.Access;
using PromptStudio.Shell;
using PromptStudio.Web;

namespace PromptStudio.Access.Accounts;

/// <summary>What the pages of one's own account share: whose it is, and a cookie that stays right after a change.</summary>
public abstract class OwnAccountPage : ComponentBase
{
    [Inject]
    public required Accounts Accounts { get; init; }

    [Inject]
    public required StudioSignInManager SignIn { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [CascadingParameter]
    public required HttpContext Request { get; set; }

    /// <summary>What was done on the page before, to be said once.</summary>
    [SupplyParameterFromQuery]
    public string? Done { get; set; }

    /// <summary>What is wrong with what was typed.</summary>
    protected string? Error { get; set; }

    /// <summary>Whose account it is.</summary>
    protected Guid Id => Guid.Parse(Request.User.FindFirstValue(ClaimTypes.NameIdentifier)!);

    /// <summary>Their e-mail address.</summary>
    protected string Email => Request.User.Identity?.Name ?? "";

    /// <summary>Them, from where they are.</summary>
    protected Actor Actor => Request.Actor();

    /// <summary>After a change that ends all sessions: keeps this one.</summary>
    /// <returns>Whether the change was made; if not, <see cref="Error"/> says why.</returns>
    protected async Task<bool> KeepSessionAsync(Answer<StudioUser> changed)
    {
        if (changed.Value is not { } user)
        {
            Error = changed.Problem!.Detail;
            return false;
        }
        await SignIn.RefreshSignInAsync(user);
        return true;
    }

    /// <summary>Shows a page anew, so that loading it again repeats nothing.</summary>
    protected void Show(string page, string done) => Navigation.NavigateTo(Links.WithDone(page, done));
}
