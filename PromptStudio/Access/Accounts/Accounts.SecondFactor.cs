using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Web;

namespace PromptStudio.Access.Accounts;

public sealed partial class Accounts
{
    /// <summary>Recovery codes of a set.</summary>
    public const int RecoveryCodes = 10;

    /// <summary>Passkeys of a person at most.</summary>
    public const int MostPasskeys = 20;

    /// <summary>Characters of a passkey's name at most.</summary>
    public const int MaxPasskeyNameLength = 60;

    /// <summary>Where Identity's store keeps the key of the authenticator app.</summary>
    private const string StoreProvider = "[AspNetUserStore]";

    private const string StoreKey = "AuthenticatorKey";

    /// <summary>How many recovery codes are left, and which passkeys there are; null when the account is gone.</summary>
    public async Task<(int RecoveryCodes, IList<UserPasskeyInfo> Passkeys)?> FactorsAsync(Guid id)
    {
        await using var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<StudioUser>>();
        return await users.FindByIdAsync(id.ToString()) is { } user
            ? (await users.CountRecoveryCodesAsync(user), [.. (await users.GetPasskeysAsync(user)).OrderBy(passkey => passkey.CreatedAt)])
            : null;
    }

    /// <summary>A new key for an authenticator app: 160 bits in base 32. It is stored only when <see cref="EnableTwoFactorAsync"/> has seen that the app has it.</summary>
    public string NewAuthenticatorKey()
    {
        const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        return RandomNumberGenerator.GetString(Alphabet, 32);
    }

    /// <summary>Turns the second factor on, for who knows the password, when the app shows the right code for the key.</summary>
    /// <returns>The account, and recovery codes that are shown only this once.</returns>
    public async Task<(Answer<StudioUser> Account, IReadOnlyList<string> RecoveryCodes)> EnableTwoFactorAsync(
        Guid id, string password, string key, string code, Actor actor, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> codes = [];
        var account = await WithPasswordAsync(id, password, actor, async (users, user) =>
        {
            // Nothing of it stays when the code is wrong: the transaction ends with the answer.
            Check(await users.SetAuthenticationTokenAsync(user, StoreProvider, StoreKey, key));
            if (!await users.VerifyTwoFactorTokenAsync(user, users.Options.Tokens.AuthenticatorTokenProvider, code.Replace(" ", "", StringComparison.Ordinal)))
                return AccountProblem.WrongCode;
            Check(await users.SetTwoFactorEnabledAsync(user, true));
            codes = [.. await users.GenerateNewTwoFactorRecoveryCodesAsync(user, RecoveryCodes) ?? []];
            return new AuditEvent(AuditAction.TwoFactorEnabled, Subject, id.ToString());
        }, cancellationToken);
        return (account, codes);
    }

    /// <summary>Turns the second factor off, for who knows the password.</summary>
    public Task<Answer<StudioUser>> DisableTwoFactorAsync(Guid id, string password, Actor actor, CancellationToken cancellationToken) =>
        WithPasswordAsync(id, password, actor, async (users, user) =>
        {
            Check(await users.SetTwoFactorEnabledAsync(user, false));
            Check(await users.RemoveAuthenticationTokenAsync(user, StoreProvider, StoreKey));
            return new AuditEvent(AuditAction.TwoFactorDisabled, Subject, id.ToString());
        }, cancellationToken);

    /// <summary>Another set of recovery codes, which replaces the one before, for who knows the password.</summary>
    /// <returns>The account, and the codes, shown only this once.</returns>
    public async Task<(Answer<StudioUser> Account, IReadOnlyList<string> RecoveryCodes)> MakeRecoveryCodesAsync(
        Guid id, string password, Actor actor, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> codes = [];
        var account = await WithPasswordAsync(id, password, actor, async (users, user) =>
        {
            codes = [.. await users.GenerateNewTwoFactorRecoveryCodesAsync(user, RecoveryCodes) ?? []];
            return new AuditEvent(AuditAction.RecoveryCodesMade, Subject, id.ToString());
        }, cancellationToken);
        return (account, codes);
    }

    /// <summary>Adds a passkey that the browser has proven to have, for who knows the password: it opens the studio from then on.</summary>
    public async Task<Answer<StudioUser>> AddPasskeyAsync(Guid id, string password, UserPasskeyInfo passkey, string name, Actor actor, CancellationToken cancellationToken)
    {
        if (!IsPasskeyName(name))
            return AccountProblem.PasskeyName;
        passkey.Name = name.Trim();
        return await WithPasswordAsync(id, password, actor, async (users, user) =>
        {
            if ((await users.GetPasskeysAsync(user)).Count >= MostPasskeys)
                return AccountProblem.TooManyPasskeys;
            Check(await users.AddOrUpdatePasskeyAsync(user, passkey));
            return new AuditEvent(AuditAction.PasskeyAdded, Subject, id.ToString(), After: new { passkey.Name });
        }, cancellationToken);
    }

    /// <summary>Calls a passkey otherwise.</summary>
    public async Task<Answer<StudioUser>> RenamePasskeyAsync(Guid id, byte[] credential, string name, Actor actor, CancellationToken cancellationToken)
    {
        if (!IsPasskeyName(name))
            return AccountProblem.PasskeyName;
        return await ChangeAsync(id, actor, async (users, user) =>
        {
            if (await users.GetPasskeyAsync(user, credential) is not { } passkey)
                return AccountProblem.PasskeyNotFound;
            var before = passkey.Name;
            passkey.Name = name.Trim();
            Check(await users.AddOrUpdatePasskeyAsync(user, passkey));
            return new AuditEvent(AuditAction.UserChanged, Subject, id.ToString(), new { Passkey = before }, new { Passkey = passkey.Name });
        }, cancellationToken);
    }

    /// <summary>Removes a passkey, for who knows the password: it no longer opens the studio.</summary>
    public Task<Answer<StudioUser>> RemovePasskeyAsync(Guid id, string password, byte[] credential, Actor actor, CancellationToken cancellationToken) =>
        WithPasswordAsync(id, password, actor, async (users, user) =>
        {
            if (await users.GetPasskeyAsync(user, credential) is not { } passkey)
                return AccountProblem.PasskeyNotFound;
            Check(await users.RemovePasskeyAsync(user, credential));
            return new AuditEvent(AuditAction.PasskeyRemoved, Subject, id.ToString(), new { passkey.Name });
        }, cancellationToken);

    private static bool IsPasskeyName(string name) => !string.IsNullOrWhiteSpace(name) && name.Trim().Length <= MaxPasskeyNameLength && !name.Any(char.IsControl);
}
