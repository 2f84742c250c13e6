using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Database;

namespace PromptStudio.Access;

/// <summary>How a sign-in ended.</summary>
public enum SignInOutcome
{
    /// <summary>Not; why is nobody's business.</summary>
    Refused,

    /// <summary>They are in.</summary>
    SignedIn,

    /// <summary>The password was right; now a code is needed.</summary>
    SecondStep,
}

/// <summary>
/// Every way into the studio, each written into the audit log. Whether an address is unknown, the password wrong, the account
/// locked, disabled or not yet joined: the answer is the same, and takes as long.
/// </summary>
public sealed class SignIns(StudioSignInManager signIn, IDbContextFactory<StudioDbContext> contexts, AuditLog audit, TimeProvider clock)
{
    /// <summary>The claim of how somebody proved who they are, as RFC 8176 names it.</summary>
    private const string Method = "amr";

    private UserManager<StudioUser> Users => signIn.UserManager;

    /// <summary>The first step.</summary>
    /// <param name="email">As it was typed.</param>
    /// <param name="password">As it was typed.</param>
    /// <param name="remember">Whether the cookie outlives the browser.</param>
    /// <param name="visitor">Where the request comes from.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<SignInOutcome> WithPasswordAsync(string email, string password, bool remember, Actor visitor, CancellationToken cancellationToken)
    {
        var known = EmailAddress.IsValid(email) && password.Length <= PasswordRule.MaxLength ? await Users.FindByNameAsync(email) : null;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var attempt = known is { PasswordHash: not null, DisabledAt: null } ? await SignInAttempts.TakeAsync(context, known.Id, clock.GetUtcNow(), cancellationToken) : Attempt.Refused;
        if (attempt == Attempt.Refused)
        {
            // As slow as a wrong password, so that the time does not tell who has an account.
            Users.PasswordHasher.HashPassword(new StudioUser(), password[..Math.Min(password.Length, PasswordRule.MaxLength)]);
            return await RefuseAsync(known, email, "password", Attempt.Granted, visitor, cancellationToken);
        }
        if (!await Users.CheckPasswordAsync(known!, password))
            return await RefuseAsync(known, email, "password", attempt, visitor, cancellationToken);
        if (known!.TwoFactorEnabled)
        {
            await SignInAttempts.GiveBackAsync(context, known.Id, attempt, cancellationToken);
            await signIn.AfterPasswordAsync(known, remember);
            return SignInOutcome.SecondStep;
        }
        await WriteSignedInAsync(known, "password", visitor, cancellationToken);
        await signIn.AfterPasswordAsync(known, remember);
        return SignInOutcome.SignedIn;
    }

    /// <summary>Who has passed the first step a moment ago, says their cookie.</summary>
    public Task<StudioUser?> AwaitedAsync() => signIn.GetTwoFactorAuthenticationUserAsync();

    /// <summary>The second step.</summary>
    /// <param name="code">Of the authenticator app, or one of the recovery codes.</param>
    /// <param name="remember">As in the first step.</param>
    /// <param name="visitor">Where the request comes from.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<SignInOutcome> WithCodeAsync(string code, bool remember, Actor visitor, CancellationToken cancellationToken)
    {
        if (await AwaitedAsync() is not { DisabledAt: null } user)
            return SignInOutcome.Refused;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var attempt = await SignInAttempts.TakeAsync(context, user.Id, clock.GetUtcNow(), cancellationToken);
        var plain = code.Replace(" ", "", StringComparison.Ordinal);
        var isTotp = plain.Length == 6 && plain.All(char.IsAsciiDigit);
        var isRight = attempt != Attempt.Refused
            && (isTotp
                ? await Users.VerifyTwoFactorTokenAsync(user, Users.Options.Tokens.AuthenticatorTokenProvider, plain) && await UsedCodes.TakeAsync(context, user.Id, plain, cancellationToken)
                : plain.Length is > 6 and < 40 && (await Users.RedeemTwoFactorRecoveryCodeAsync(user, plain.ToUpperInvariant())).Succeeded);
        if (!isRight)
            return await RefuseAsync(user, user.Email!, isTotp ? "code" : "recovery code", attempt, visitor, cancellationToken);
        await WriteSignedInAsync(user, isTotp ? "password and code" : "password and recovery code", visitor, cancellationToken);
        await signIn.Context.SignOutAsync(IdentityConstants.TwoFactorUserIdScheme);
        await signIn.SignInWithClaimsAsync(user, remember, [new Claim(Method, "mfa")]);
        return SignInOutcome.SignedIn;
    }

    /// <summary>With a passkey, which is both steps at once: the device has asked for a finger, a face or a PIN.</summary>
    /// <param name="credential">What the browser answered, as JSON.</param>
    /// <param name="visitor">Where the request comes from.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<SignInOutcome> WithPasskeyAsync(string credential, Actor visitor, CancellationToken cancellationToken)
    {
        var assertion = await AssertAsync(credential);
        if (assertion is not { Succeeded: true, User: { } user, Passkey: { } passkey } || !await signIn.CanSignInAsync(user)
            || !(await Users.AddOrUpdatePasskeyAsync(user, passkey)).Succeeded)
        {
            return await RefuseAsync(assertion?.User, "", "passkey", Attempt.Granted, visitor, cancellationToken);
        }
        await WriteSignedInAsync(user, "passkey", visitor, cancellationToken);
        await signIn.SignInWithClaimsAsync(user, isPersistent: false, [new Claim(Method, "hwk")]);
        return SignInOutcome.SignedIn;
    }

    /// <summary>With the link of the set-up, which has just made them.</summary>
    /// <returns>Who they are.</returns>
    public async Task<Actor> AfterSetUpAsync(string email, Actor visitor, CancellationToken cancellationToken)
    {
        var user = await Users.FindByNameAsync(email) ?? throw new InvalidOperationException("The set-up has made nobody.");
        await WriteSignedInAsync(user, "set-up link", visitor, cancellationToken);
        await signIn.SignInAsync(user, isPersistent: false);
        return user.ToActor(visitor);
    }

    /// <summary>Out.</summary>
    public async Task SignOutAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (actor.Kind == ActorKind.User)
            await audit.AppendAsync(actor, new AuditEvent(AuditAction.SignedOut, "user", actor.Id), cancellationToken);
        await signIn.SignOutAsync();
    }

    private async Task<PasskeyAssertionResult<StudioUser>?> AssertAsync(string credential)
    {
        try
        {
            return await signIn.PerformPasskeyAssertionAsync(credential);
        }
        catch (InvalidOperationException)
        {
            // Nobody asked for a passkey, or too long ago.
            return null;
        }
    }

    private async Task WriteSignedInAsync(StudioUser user, string with, Actor visitor, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await SignInAttempts.ForgetAsync(context, user.Id, cancellationToken);
        await context.Users.Where(row => row.Id == user.Id).ExecuteUpdateAsync(row => row.SetProperty(u => u.LastSignInAt, now), cancellationToken);
        await audit.AppendAsync(context, user.ToActor(visitor), new AuditEvent(AuditAction.SignedIn, "user", user.Id.ToString(), After: new { With = with }), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>Of somebody unknown only what can be an address is kept: people type passwords into the wrong field.</summary>
    private async Task<SignInOutcome> RefuseAsync(StudioUser? user, string typed, string with, Attempt attempt, Actor visitor, CancellationToken cancellationToken)
    {
        var email = user is null && EmailAddress.IsValid(typed) ? typed : null;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var failed = new AuditEvent(AuditAction.SignInFailed, "user", user?.Id.ToString(), After: new { With = with, Email = email });
        await audit.AppendAsync(context, visitor, failed, cancellationToken);
        if (attempt == Attempt.Last)
        {
            var locked = new AuditEvent(AuditAction.LockedOut, "user", user!.Id.ToString(), After: new { Until = clock.GetUtcNow() + SignInAttempts.Pause });
            await audit.AppendAsync(context, visitor, locked, cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
        return SignInOutcome.Refused;
    }
}
