using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Identity;
using PromptStudio.Shell;

namespace PromptStudio.Access;

/// <summary>E-mail and password; the same answer for everything that is wrong with them.</summary>
public sealed partial class SignInPage
{
    private string? _error;

    [Inject]
    public required SignInManager<StudioUser> SignIn { get; init; }

    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    public required Bootstrap Bootstrap { get; init; }

    [CascadingParameter]
    public required HttpContext Request { get; set; }

    [SupplyParameterFromForm]
    public SignInInput? Input { get; set; }

    [SupplyParameterFromQuery(Name = Links.ReturnUrl)]
    public string? ReturnUrl { get; set; }

    protected override void OnInitialized()
    {
        Input ??= new SignInInput();
        if (HttpMethods.IsGet(Request.Request.Method) && Request.User.Identity?.IsAuthenticated == true)
            Navigation.NavigateTo(Links.Local(ReturnUrl));
    }

    private async Task SignInAsync()
    {
        var user = await SignIn.UserManager.FindByNameAsync(Input!.Email.Trim());
        if (user is null)
        {
            // As slow as a wrong password, so that the time does not tell who has an account.
            SignIn.UserManager.PasswordHasher.HashPassword(new StudioUser(), Input.Password);
            _error = Unknown;
            return;
        }
        var result = await SignIn.PasswordSignInAsync(user, Input.Password, Input.Remember, lockoutOnFailure: true);
        if (result.Succeeded)
            Navigation.NavigateTo(Links.Local(ReturnUrl));
        else
            _error = result.IsLockedOut ? LockedOut : Unknown;
    }

    private const string Unknown = "The e-mail address or the password is wrong.";

    private const string LockedOut = "There were too many attempts. Wait five minutes, and try again.";
}

/// <summary>The form of the sign-in.</summary>
public sealed class SignInInput
{
    public string Email { get; set; } = "";
    public string Password { get; set; } = "";
    public bool Remember { get; set; }
}
