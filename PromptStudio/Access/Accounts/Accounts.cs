using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using PromptStudio.Access.Users;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Database;
using PromptStudio.Web;

namespace PromptStudio.Access.Accounts;

/// <summary>What people do with their own account: join, choose a password, set up a second factor and passkeys. Each is written into the audit log.</summary>
public sealed partial class Accounts(IServiceScopeFactory scopes, IDbContextFactory<StudioDbContext> contexts, OneTimeLinks links, AuditLog audit, TimeProvider clock)
{
    private const string Subject = "user";

    /// <summary>Whose one-time link it is; null when it does not work, or no longer.</summary>
    public async Task<StudioUser?> OfLinkAsync(string? token, LinkPurpose purpose, CancellationToken cancellationToken)
    {
        if (links.Read(token, purpose) is not { } id)
            return null;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Users.AsNoTracking().SingleOrDefaultAsync(user => user.Id == id, cancellationToken) is { } user && links.Fits(token, purpose, user) ? user : null;
    }

    /// <summary>Sets the password that a one-time link lets its owner choose; the link is spent then.</summary>
    public async Task<Answer<StudioUser>> UseLinkAsync(string? token, LinkPurpose purpose, string password, Actor visitor, CancellationToken cancellationToken)
    {
        if (links.Read(token, purpose) is not { } id)
            return AccountProblem.LinkSpent;
        return await ChangeAsync(id, visitor, async (users, user) =>
        {
            // Under the lock of the row: of two who use the link at once, the second finds another stamp.
            if (!links.Fits(token, purpose, user))
                return AccountProblem.LinkSpent;
            user.LockoutEnd = null;
            user.AccessFailedCount = 0;
            if (purpose == LinkPurpose.Reset)
                Check(await users.RemovePasswordAsync(user));
            var set = await users.AddPasswordAsync(user, password);
            return set.Succeeded
                ? new AuditEvent(purpose == LinkPurpose.Join ? AuditAction.UserJoined : AuditAction.PasswordChanged, Subject, id.ToString(), After: new { With = "link" })
                : AccountProblem.Password(set.Errors.Select(error => error.Description));
        }, cancellationToken);
    }

    /// <summary>Another password, for who knows the present one; all other sessions end.</summary>
    public async Task<Answer<StudioUser>> ChangePasswordAsync(Guid id, string present, string password, Actor actor, CancellationToken cancellationToken) =>
        await WithPasswordAsync(id, present, actor, async (users, user) =>
        {
            var changed = await users.ChangePasswordAsync(user, present, password);
            return changed.Succeeded
                ? new AuditEvent(AuditAction.PasswordChanged, Subject, id.ToString(), After: new { With = "password" })
                : AccountProblem.Password(changed.Errors.Select(error => error.Description));
        }, cancellationToken);

    /// <summary>A person's account, as it is now; null when it is gone.</summary>
    public async Task<UserView?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return (await UserRows.Of(context).SingleOrDefaultAsync(user => user.Id == id, cancellationToken))?.ToView(clock.GetUtcNow());
    }

    /// <summary>Changes an account after its owner has said the password again: an open session alone must not be enough. Wrong attempts count as those of a sign-in.</summary>
    private async Task<Answer<StudioUser>> WithPasswordAsync(
        Guid id, string password, Actor actor, Func<UserManager<StudioUser>, StudioUser, Task<Answer<AuditEvent>>> change, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<StudioDbContext>();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<StudioUser>>();
        var attempt = await SignInAttempts.TakeAsync(context, id, clock.GetUtcNow(), cancellationToken);
        var known = attempt == Attempt.Refused || password.Length > PasswordRule.MaxLength ? null : await users.FindByIdAsync(id.ToString());
        if (known is null || !await users.CheckPasswordAsync(known, password))
        {
            await audit.AppendAsync(actor, new AuditEvent(AuditAction.SignInFailed, Subject, id.ToString(), After: new { With = "password, while signed in" }), cancellationToken);
            return AccountProblem.WrongPassword;
        }
        await SignInAttempts.GiveBackAsync(context, id, attempt, cancellationToken);
        return await ChangeAsync(id, actor, change, cancellationToken);
    }

    /// <summary>One change of one account, and its entry in the audit log, in one transaction.</summary>
    private async Task<Answer<StudioUser>> ChangeAsync(
        Guid id, Actor actor, Func<UserManager<StudioUser>, StudioUser, Task<Answer<AuditEvent>>> change, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<StudioDbContext>();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<StudioUser>>();
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (await context.LockUserAsync(id, cancellationToken) is not { DisabledAt: null } user)
            return AccountProblem.Gone;
        var done = await change(users, user);
        if (done.Value is not { } entry)
            return done.Problem!;
        await audit.AppendAsync(context, actor.Kind == ActorKind.Anonymous ? user.ToActor(actor) : actor, entry, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return user;
    }

    /// <summary>What Identity refuses here was checked before, so it is a defect.</summary>
    private static void Check(IdentityResult result)
    {
        if (!result.Succeeded)
            throw new InvalidOperationException("Identity refused a change: " + string.Join(" ", result.Errors.Select(error => error.Code)));
    }
}
