using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Database;
using PromptStudio.Web;

namespace PromptStudio.Access.Users;

/// <summary>The people of the studio, as those who administer it see and change them.</summary>
public sealed class UserStore(
    IServiceScopeFactory scopes, IDbContextFactory<StudioDbContext> contexts, OneTimeLinks links, AuditLog audit, Refusals refusals, TimeProvider clock)
{
    /// <summary>The fields that the list can be sorted by; the first is the default.</summary>
    public static readonly IReadOnlyList<string> Sortable = ["email", "role", "created_at", "last_sign_in_at"];

    /// <summary>The advisory lock under which roles are taken away and users disabled: two super admins who demote each other must see each other.</summary>
    private const long Lock = 0x70_73_5f_75_73_65_72_73;

    private const string Subject = "user";

    /// <summary>A page of the users.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="search">Part of an e-mail address; null or empty: all.</param>
    /// <param name="page">Which page.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Answer<ListPage<UserView>>> ListAsync(Actor actor, string? search, PageRequest page, CancellationToken cancellationToken)
    {
        if (await RefusedAsync(actor, "list users", cancellationToken) is { } problem)
            return problem;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var users = UserRows.Of(context);
        if (!string.IsNullOrWhiteSpace(search))
        {
            var pattern = $"%{Like.Escaped(search.Trim())}%";
            users = users.Where(user => EF.Functions.ILike(user.Email, pattern, "\\"));
        }
        var total = await users.LongCountAsync(cancellationToken);
        var rows = await UserRows.Sorted(users, page).Skip(page.Skip).Take(page.PageSize).ToListAsync(cancellationToken);
        var now = clock.GetUtcNow();
        return new ListPage<UserView>([.. rows.Select(row => row.ToView(now))], page.Page, page.PageSize, total);
    }

    /// <summary>One user, or 404.</summary>
    public async Task<Answer<UserView>> FindAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        if (await RefusedAsync(actor, "see a user", cancellationToken) is { } problem)
            return problem;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await ViewAsync(context, id, cancellationToken) is { } view ? view : UserProblem.NotFound;
    }

    /// <summary>Makes an account without a password, and the link with which its owner chooses one.</summary>
    public async Task<Answer<UserLink>> InviteAsync(Actor actor, NewUser user, CancellationToken cancellationToken)
    {
        if (await RefusedAsync(actor, "invite a user", cancellationToken) is { } problem)
            return problem;
        var email = user.Email.Trim();
        if (!EmailAddress.IsValid(email))
            return UserProblem.InvalidEmail;
        if (!Role.All.Contains(user.Role))
            return UserProblem.InvalidRole;
        if (await BeyondAsync(actor, user.Role, cancellationToken) is { } beyond)
            return beyond;
        await using var scope = scopes.CreateAsyncScope();
        var (context, users) = People(scope);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        // Identity looks for the address before it inserts: two at once would both find nothing.
        await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({Lock})", cancellationToken);
        if (await users.FindByNameAsync(email) is not null)
            return UserProblem.EmailTaken;
        var now = clock.GetUtcNow();
        var row = new StudioUser { Id = Guid.CreateVersion7(now), UserName = email, Email = email, EmailConfirmed = true, CreatedAt = now, InvitedBy = actor.Name };
        Check(await users.CreateAsync(row));
        Check(await users.AddToRoleAsync(row, user.Role));
        var link = links.Make(row, LinkPurpose.Join);
        var change = new AuditEvent(AuditAction.UserInvited, Subject, row.Id.ToString(), After: new { row.Email, user.Role, LinkExpiresAt = link.ExpiresAt });
        return await CommitAsync(context, actor, row.Id, [change], cancellationToken) is { } view ? new UserLink(view, link) : UserProblem.NotFound;
    }

    /// <summary>Changes somebody's role, or whether they may sign in; their cookies and open pages end within a minute.</summary>
    public async Task<Answer<UserView>> ChangeAsync(Actor actor, Guid id, UserChange change, CancellationToken cancellationToken)
    {
        if (await RefusedAsync(actor, "change a user", cancellationToken) is { } problem)
            return problem;
        if (change is { Role: null, IsDisabled: null })
            return UserProblem.NothingToChange;
        if (change.Role is not null && !Role.All.Contains(change.Role))
            return UserProblem.InvalidRole;
        await using var scope = scopes.CreateAsyncScope();
        var (context, users) = People(scope);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({Lock})", cancellationToken);
        if (await context.LockUserAsync(id, cancellationToken) is not { } user || await ViewAsync(context, id, cancellationToken) is not { } before)
            return UserProblem.NotFound;
        if ((await BeyondAsync(actor, before.Role, cancellationToken) ?? await BeyondAsync(actor, change.Role ?? before.Role, cancellationToken)) is { } beyond)
            return beyond;
        var role = change.Role ?? before.Role;
        var disabled = change.IsDisabled ?? user.DisabledAt is not null;
        if ((role != Role.SuperAdmin || disabled) && before is { Role: Role.SuperAdmin, State: UserState.Active } && await IsLastSuperAdminAsync(context, id, cancellationToken))
            return UserProblem.LastSuperAdmin;
        var changes = new List<AuditEvent>();
        if (role != before.Role)
        {
            Check(await users.RemoveFromRolesAsync(user, await users.GetRolesAsync(user)));
            Check(await users.AddToRoleAsync(user, role));
            changes.Add(new AuditEvent(AuditAction.UserChanged, Subject, id.ToString(), new { before.Role }, new { Role = role }));
        }
        if (disabled != user.DisabledAt is not null)
        {
            user.DisabledAt = disabled ? clock.GetUtcNow() : null;
            changes.Add(new AuditEvent(disabled ? AuditAction.UserDisabled : AuditAction.UserEnabled, Subject, id.ToString(), After: new { user.Email }));
        }
        // The stamp is what cookies, open pages and links hold; an invitation survives a change of the role that it gives.
        if (changes.Count > 0)
            Check(user.PasswordHash is not null || disabled ? await users.UpdateSecurityStampAsync(user) : await users.UpdateAsync(user));
        return await CommitAsync(context, actor, id, changes, cancellationToken) is { } view ? view : UserProblem.NotFound;
    }

    /// <summary>Makes a link: for who has joined to choose another password, for who was invited a new invitation, which replaces the old one.</summary>
    public async Task<Answer<UserLink>> MakeLinkAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        if (await RefusedAsync(actor, "make a reset link", cancellationToken) is { } problem)
            return problem;
        await using var scope = scopes.CreateAsyncScope();
        var (context, users) = People(scope);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (await context.LockUserAsync(id, cancellationToken) is not { } user || await ViewAsync(context, id, cancellationToken) is not { } before)
            return UserProblem.NotFound;
        // Who can reset somebody's password can become them.
        if (await BeyondAsync(actor, before.Role, cancellationToken) is { } beyond)
            return beyond;
        if (user.DisabledAt is not null)
            return UserProblem.Disabled;
        if (user.PasswordHash is null)
            Check(await users.UpdateSecurityStampAsync(user));
        var link = links.Make(user, user.PasswordHash is null ? LinkPurpose.Join : LinkPurpose.Reset);
        var kind = link.Purpose == LinkPurpose.Join ? "invitation" : "reset";
        var change = new AuditEvent(AuditAction.UserResetLinkMade, Subject, id.ToString(), After: new { user.Email, Kind = kind, LinkExpiresAt = link.ExpiresAt });
        return await CommitAsync(context, actor, id, [change], cancellationToken) is { } view ? new UserLink(view, link) : UserProblem.NotFound;
    }

    /// <summary>Ends every cookie and open page of somebody within a minute.</summary>
    public Task<Answer<UserView>> SignOutEverywhereAsync(Actor actor, Guid id, CancellationToken cancellationToken) =>
        ActOnAsync(actor, id, "sign a user out", async (users, user) =>
        {
            Check(await users.UpdateSecurityStampAsync(user));
            return new AuditEvent(AuditAction.UserChanged, Subject, id.ToString(), After: new { SignedOutEverywhere = true });
        }, cancellationToken);

    /// <summary>Takes the second factor away from who has lost their phone and their recovery codes.</summary>
    public Task<Answer<UserView>> RemoveTwoFactorAsync(Actor actor, Guid id, CancellationToken cancellationToken) =>
        ActOnAsync(actor, id, "remove a second factor", async (users, user) =>
        {
            Check(await users.SetTwoFactorEnabledAsync(user, false));
            Check(await users.ResetAuthenticatorKeyAsync(user));
            return new AuditEvent(AuditAction.TwoFactorDisabled, Subject, id.ToString(), After: new { user.Email });
        }, cancellationToken);

    private async Task<Answer<UserView>> ActOnAsync(
        Actor actor, Guid id, string what, Func<UserManager<StudioUser>, StudioUser, Task<AuditEvent>> act, CancellationToken cancellationToken)
    {
        if (await RefusedAsync(actor, what, cancellationToken) is { } problem)
            return problem;
        await using var scope = scopes.CreateAsyncScope();
        var (context, users) = People(scope);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (await context.LockUserAsync(id, cancellationToken) is not { } user || await ViewAsync(context, id, cancellationToken) is not { } before)
            return UserProblem.NotFound;
        if (await BeyondAsync(actor, before.Role, cancellationToken) is { } beyond)
            return beyond;
        return await CommitAsync(context, actor, id, [await act(users, user)], cancellationToken) is { } view ? view : UserProblem.NotFound;
    }

    private static (StudioDbContext Context, UserManager<StudioUser> Users) People(AsyncServiceScope scope) =>
        (scope.ServiceProvider.GetRequiredService<StudioDbContext>(), scope.ServiceProvider.GetRequiredService<UserManager<StudioUser>>());

    private async Task<UserView?> CommitAsync(StudioDbContext context, Actor actor, Guid id, IReadOnlyList<AuditEvent> changes, CancellationToken cancellationToken)
    {
        var view = await ViewAsync(context, id, cancellationToken);
        foreach (var change in changes)
            await audit.AppendAsync(context, actor, change, cancellationToken);
        await context.Database.CommitTransactionAsync(cancellationToken);
        return view;
    }

    private async Task<UserView?> ViewAsync(StudioDbContext context, Guid id, CancellationToken cancellationToken) =>
        (await UserRows.Of(context).SingleOrDefaultAsync(user => user.Id == id, cancellationToken))?.ToView(clock.GetUtcNow());

    private static async Task<bool> IsLastSuperAdminAsync(StudioDbContext context, Guid id, CancellationToken cancellationToken) =>
        !await UserRows.Of(context).AnyAsync(
            user => user.Id != id && user.Role == Role.SuperAdmin && user.DisabledAt == null && user.HasPassword, cancellationToken);

    private async Task<Problem?> RefusedAsync(Actor actor, string what, CancellationToken cancellationToken) => actor.May(Permissions.Administer)
        ? null
        : await refusals.RecordAsync(actor, what, AccessProblem.Missing(actor, Permissions.Administer), cancellationToken);

    private async Task<Problem?> BeyondAsync(Actor actor, string role, CancellationToken cancellationToken) =>
        actor.Kind == ActorKind.ApiKey && !actor.May(PermissionRules.OfRole(role))
            ? await refusals.RecordAsync(actor, $"manage a {role}", UserProblem.BeyondActor(role), cancellationToken)
            : null;

    /// <summary>What Identity refuses here was checked before, so it is a defect.</summary>
    private static void Check(IdentityResult result)
    {
        if (!result.Succeeded)
            throw new InvalidOperationException("Identity refused a change: " + string.Join(" ", result.Errors.Select(error => error.Code)));
    }
}
