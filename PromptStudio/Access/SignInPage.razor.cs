using Microsoft.AspNetCore.Components;
using PromptStudio.Core.Access;
using PromptStudio.Shell;

namespace PromptStudio.Access;

/// <summary>E-mail and password, or a passkey; the same answer for everything that is wrong with them.</summary>
public sealed partial class SignInPage
{
    private string? _error;

    [Inject]
    public required SignIns SignIns { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    public required Bootstrap Bootstrap { get; init; }

    [CascadingParameter]
    public required HttpContext Request { get; set; }

    [SupplyParameterFromForm(FormName = "sign-in")]
    public SignInInput? Input { get; set; }

    /// <summary>What the browser answered, as JSON.</summary>
    [SupplyParameterFromForm(FormName = "passkey")]
    public string? Credential { get; set; }

    [SupplyParameterFromQuery(Name = Links.ReturnUrl)]
    public string? ReturnUrl { get; set; }

    /// <summary>What somebody has just done, who is sent here to use it.</summary>
    [SupplyParameterFromQuery]
    public string? Done { get; set; }

    [SupplyParameterFromQuery]
    public string? Email { get; set; }

    protected override void OnInitialized()
    {
        Input ??= new SignInInput { Email = EmailAddress.IsValid(Email) ? Email! : "" };
        if (HttpMethods.IsGet(Request.Request.Method) && Request.User.Identity?.IsAuthenticated == true)
            Navigation.NavigateTo(Links.Local(ReturnUrl));
    }

    private async Task SignInAsync() => Follow(
        await SignIns.WithPasswordAsync(Input!.Email.Trim(), Input.Password, Input.Remember, Request.Actor(), Request.RequestAborted),
        "The e-mail address or the password is wrong. After five wrong attempts, an account rests for five minutes.");

    private async Task SignInWithPasskeyAsync() => Follow(
        await SignIns.WithPasskeyAsync(Credential ?? "", Request.Actor(), Request.RequestAborted),
        "This passkey does not open this studio. Sign in with your password.");

    private void Follow(SignInOutcome outcome, string error)
    {
        if (outcome == SignInOutcome.SignedIn)
            Navigation.NavigateTo(Links.Local(ReturnUrl));
        else if (outcome == SignInOutcome.SecondStep)
            Navigation.NavigateTo(Links.TwoFactorSignIn(Input!.Remember, ReturnUrl));
        else
            _error = error;
    }
}

/// <summary>The form of the sign-in.</summary>
public sealed class SignInInput
{
    public string Email { get; set; } = "";
    public string Password { get; set; } = "";
    public bool Remember { get; set; }
}
