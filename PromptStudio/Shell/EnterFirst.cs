using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace PromptStudio.Shell;

/// <summary>Leads those who may not see a page to the sign-in, or says so when they are signed in.</summary>
public sealed class EnterFirst : ComponentBase
{
    [Inject]
    public required NavigationManager Navigation { get; init; }

    [Inject]
    public required CircuitConnection Connection { get; init; }

    [CascadingParameter]
    public required Task<AuthenticationState> Authentication { get; set; }

    protected override async Task OnInitializedAsync()
    {
        var state = await Authentication;
        // The page may be closed already, when its person loses access.
        await Connection.Up;
        var signedIn = state.User.Identity?.IsAuthenticated == true;
        Navigation.NavigateTo(signedIn ? Links.NoAccess : Links.SignIn("/" + Navigation.ToBaseRelativePath(Navigation.Uri)), forceLoad: true);
    }
}
