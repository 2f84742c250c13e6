using System.Security.Cryptography;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.DataProtection;
using PromptStudio.Shell;
using QRCoder;

namespace PromptStudio.Access.Accounts;

/// <summary>The second factor: on, with a key that an app has proven to have; off; and recovery codes.</summary>
public sealed partial class TwoFactorPage
{
    /// <summary>How long a key waits for its first code.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);

    private IReadOnlyList<string> _codes = [];
    private bool _isNew;
    private bool _isOn;
    private int _left;
    private string _key = "";
    private string _pending = "";

    [Inject]
    public required IDataProtectionProvider Protection { get; init; }

    [SupplyParameterFromForm(FormName = "on")]
    public TwoFactorInput? OnInput { get; set; }

    [SupplyParameterFromForm(FormName = "codes")]
    public string? CodesPassword { get; set; }

    [SupplyParameterFromForm(FormName = "off")]
    public string? OffPassword { get; set; }

    protected override async Task OnInitializedAsync()
    {
        _isOn = await Accounts.FindAsync(Id, Request.RequestAborted) is { HasTwoFactor: true };
        _left = (await Accounts.FactorsAsync(Id))?.RecoveryCodes ?? 0;
        // The key travels in the form, for its owner's eyes only, until an app has proven to have it: looking at the page stores nothing.
        _key = Unprotect(OnInput?.Pending) ?? Accounts.NewAuthenticatorKey();
        _pending = Protector.ToTimeLimitedDataProtector().Protect(_key, Patience);
    }

    private IDataProtector Protector => Protection.CreateProtector("PromptStudio.Access.TwoFactor", Id.ToString());

    private async Task TurnOnAsync()
    {
        if (_isOn)
            return;
        var (account, codes) = await Accounts.EnableTwoFactorAsync(Id, OnInput?.Password ?? "", _key, OnInput?.Code ?? "", Actor, Request.RequestAborted);
        if (await KeepSessionAsync(account))
            (_codes, _isOn, _isNew) = (codes, true, true);
    }

    private async Task TurnOffAsync()
    {
        if (await KeepSessionAsync(await Accounts.DisableTwoFactorAsync(Id, OffPassword ?? "", Actor, Request.RequestAborted)))
            Show(Links.TwoFactor, "off");
    }

    private async Task MakeCodesAsync()
    {
        var (account, codes) = await Accounts.MakeRecoveryCodesAsync(Id, CodesPassword ?? "", Actor, Request.RequestAborted);
        if (await KeepSessionAsync(account))
            _codes = codes;
    }

    private string? Unprotect(string? pending)
    {
        try
        {
            return string.IsNullOrEmpty(pending) ? null : Protector.ToTimeLimitedDataProtector().Unprotect(pending);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>In fours, as people type it.</summary>
    private static string Grouped(string key) => string.Join(' ', key.Chunk(4).Select(four => new string(four)));

    /// <summary>What authenticator apps scan, as an image without a file.</summary>
    private MarkupString QrCode(string key)
    {
        var address = $"otpauth://totp/{Uri.EscapeDataString("Prompt Studio:" + Email)}?secret={key}&issuer={Uri.EscapeDataString("Prompt Studio")}&digits=6";
        using var data = QRCodeGenerator.GenerateQrCode(address, QRCodeGenerator.ECCLevel.M);
        using var code = new SvgQRCode(data);
        // Black on white in both themes: some scanners know nothing else.
        return new MarkupString(code.GetGraphic(4, "#000000", "#ffffff", drawQuietZones: true, SvgQRCode.SizingMode.ViewBoxAttribute));
    }
}

/// <summary>The form that turns the second factor on.</summary>
public sealed class TwoFactorInput
{
    /// <summary>The key, encrypted.</summary>
    public string Pending { get; set; } = "";

    public string Code { get; set; } = "";

    /// <summary>An open session alone must not be enough.</summary>
    public string Password { get; set; } = "";
}
