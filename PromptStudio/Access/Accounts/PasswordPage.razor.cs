using Microsoft.AspNetCore.Components;
using PromptStudio.Shell;

namespace PromptStudio.Access.Accounts;

/// <summary>Another password, for who knows the present one.</summary>
public sealed partial class PasswordPage
{
    private IReadOnlyList<string> _errors = [];

    [SupplyParameterFromForm]
    public NewPasswordInput? Input { get; set; }

    protected override void OnInitialized() => Input ??= new NewPasswordInput();

    private async Task ChangeAsync()
    {
        _errors = Input!.Problems(Email);
        if (_errors.Count == 0 && await KeepSessionAsync(await Accounts.ChangePasswordAsync(Id, Input.Present, Input.Password, Actor, Request.RequestAborted)))
            Show(Links.Password, "changed");
    }
}
