using PromptStudio.Access.Users;

namespace PromptStudio.Access.Accounts;

/// <summary>Who one is here, and who signed in as oneself.</summary>
public sealed partial class AccountPage
{
    private UserView? _view;
    private IReadOnlyList<AccountSignIn> _signIns = [];

    protected override async Task OnInitializedAsync()
    {
        _view = await Accounts.FindAsync(Id, Request.RequestAborted);
        _signIns = await Accounts.SignInsAsync(Id, Request.RequestAborted);
    }
}
