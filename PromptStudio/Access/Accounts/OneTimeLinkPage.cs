using Microsoft.AspNetCore.Components;
using PromptStudio.Shell;

namespace PromptStudio.Access.Accounts;

/// <summary>What the pages of one-time links share: whose link it is, and the choice of a password.</summary>
public abstract class OneTimeLinkPage : ComponentBase
{
#pragma warning disable CA1051, SA1401 // Markup reads them.
    private protected StudioUser? _user;
    private protected IReadOnlyList<string> _errors = [];
#pragma warning restore CA1051, SA1401

    [Inject]
    public required Accounts Accounts { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [CascadingParameter]
    public required HttpContext Request { get; set; }

    [SupplyParameterFromQuery]
    public string? Token { get; set; }

    [SupplyParameterFromForm]
    public NewPasswordInput? Input { get; set; }

    /// <summary>What the page's links are for.</summary>
    protected abstract LinkPurpose Purpose { get; }

    protected override async Task OnInitializedAsync()
    {
        Input ??= new NewPasswordInput();
        // The token in the address is nobody else's business. The antiforgery token keeps the page out of caches.
        Request.Response.Headers["Referrer-Policy"] = "no-referrer";
        _user = await Accounts.OfLinkAsync(Token, Purpose, Request.RequestAborted);
    }

    /// <summary>Stores the password, and leads to the sign-in: whoever has a second factor needs it there.</summary>
    protected async Task SetPasswordAsync()
    {
        if (_user is null)
            return;
        _errors = Input!.Problems(_user.Email);
        if (_errors.Count > 0)
            return;
        var set = await Accounts.UseLinkAsync(Token, Purpose, Input.Password, Request.Actor(), Request.RequestAborted);
        if (set.Value is { } user)
            Navigation.NavigateTo(Links.SignInWithNewPassword(user.Email!));
        else if (set.Problem!.Code == AccountProblem.LinkSpent.Code)
            _user = null;
        else
            _errors = [set.Problem.Detail];
    }
}
