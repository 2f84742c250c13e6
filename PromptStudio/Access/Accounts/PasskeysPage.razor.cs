using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.WebUtilities;
using PromptStudio.Shell;

namespace PromptStudio.Access.Accounts;

/// <summary>One's passkeys: add, rename, remove. studio.js talks to the device.</summary>
public sealed partial class PasskeysPage
{
    private IList<UserPasskeyInfo> _passkeys = [];

    [SupplyParameterFromForm(FormName = "add")]
    public PasskeyInput? Add { get; set; }

    [SupplyParameterFromForm]
    public PasskeyInput? Change { get; set; }

    protected override async Task OnInitializedAsync() => _passkeys = (await Accounts.FactorsAsync(Id))?.Passkeys ?? [];

    private async Task AddAsync()
    {
        var attestation = await AttestAsync(Add?.Credential ?? "");
        if (attestation is not { Succeeded: true } || attestation.UserEntity.Id != Id.ToString())
        {
            Error = "The browser's answer does not fit. Try again; a passkey has to be added within a few minutes.";
            return;
        }
        if (await KeepSessionAsync(await Accounts.AddPasskeyAsync(Id, Add!.Password, attestation.Passkey, Add!.Name, Actor, Request.RequestAborted)))
            Show(Links.Passkeys, "added");
    }

    private async Task ChangeAsync()
    {
        var remove = Change?.Verb == "remove";
        var credential = Credential(Change?.Credential);
        var done = remove
            ? await Accounts.RemovePasskeyAsync(Id, Change?.Password ?? "", credential, Actor, Request.RequestAborted)
            : await Accounts.RenamePasskeyAsync(Id, credential, Change?.Name ?? "", Actor, Request.RequestAborted);
        if (await KeepSessionAsync(done))
            Show(Links.Passkeys, remove ? "removed" : "renamed");
    }

    private async Task<PasskeyAttestationResult?> AttestAsync(string credential)
    {
        try
        {
            return await SignIn.PerformPasskeyAttestationAsync(credential);
        }
        catch (InvalidOperationException)
        {
            // Nobody asked for one, or too long ago.
            return null;
        }
    }

    private static byte[] Credential(string? text)
    {
        try
        {
            return WebEncoders.Base64UrlDecode(text ?? "");
        }
        catch (FormatException)
        {
            return [];
        }
    }
}

/// <summary>The forms of passkeys.</summary>
public sealed class PasskeyInput
{
    public string Name { get; set; } = "";

    /// <summary>To add: what the browser answered, as JSON. To change: the passkey's id.</summary>
    public string Credential { get; set; } = "";

    /// <summary>An open session alone must not be enough.</summary>
    public string Password { get; set; } = "";

    /// <summary><c>rename</c> or <c>remove</c>.</summary>
    public string Verb { get; set; } = "";
}
