using Microsoft.AspNetCore.Components;
using PromptStudio.Shell;

namespace PromptStudio.Access.Accounts;

/// <summary>The second step of a sign-in: a code of the authenticator app, or a recovery code.</summary>
public sealed partial class TwoFactorSignInPage
{
    private bool _awaited;
    private string? _error;

    [Inject]
    public required SignIns SignIns { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [CascadingParameter]
    public required HttpContext Request { get; set; }

    [SupplyParameterFromForm]
    public string? Code { get; set; }

    [SupplyParameterFromQuery]
    public bool Remember { get; set; }

    [SupplyParameterFromQuery(Name = Links.ReturnUrl)]
    public string? ReturnUrl { get; set; }

    protected override async Task OnInitializedAsync() => _awaited = await SignIns.AwaitedAsync() is not null;

    private async Task EnterAsync()
    {
        if (await SignIns.WithCodeAsync(Code ?? "", Remember, Request.Actor(), Request.RequestAborted) == SignInOutcome.SignedIn)
            Navigation.NavigateTo(Links.Local(ReturnUrl));
        else
            _error = "This code is wrong or was used already. After five wrong attempts, an account rests for five minutes.";
    }
}
