using Microsoft.EntityFrameworkCore;
using PromptStudio.Database;
using PromptStudio.Web;

namespace PromptStudio.Access.Users;

/// <summary>Users with their role, as queries see them.</summary>
internal sealed class UserRow
{
    public required Guid Id { get; init; }
    public required string Email { get; init; }
    public required string? Role { get; init; }
    public required bool HasPassword { get; init; }
    public required bool HasTwoFactor { get; init; }
    public required int Passkeys { get; init; }
    public required DateTimeOffset? LockedUntil { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required string? InvitedBy { get; init; }
    public required DateTimeOffset? DisabledAt { get; init; }
    public required DateTimeOffset? LastSignInAt { get; init; }

    public UserView ToView(DateTimeOffset now) => new(
        Id, Email, Role ?? "",
        DisabledAt is not null ? UserState.Disabled : HasPassword ? UserState.Active : UserState.Invited,
        LockedUntil > now, HasTwoFactor, Passkeys, CreatedAt, InvitedBy, DisabledAt, LastSignInAt);
}

/// <summary>Queries over <see cref="UserRow"/>.</summary>
internal static class UserRows
{
    public static IQueryable<UserRow> Of(StudioDbContext context) => context.Users.AsNoTracking().Select(user => new UserRow
    {
        Id = user.Id,
        Email = user.Email!,
        Role = context.UserRoles.Where(given => given.UserId == user.Id)
            .Join(context.Roles, given => given.RoleId, role => role.Id, (given, role) => role.Name).FirstOrDefault(),
        HasPassword = user.PasswordHash != null,
        HasTwoFactor = user.TwoFactorEnabled,
        Passkeys = context.UserPasskeys.Count(passkey => passkey.UserId == user.Id),
        LockedUntil = user.LockoutEnd,
        CreatedAt = user.CreatedAt,
        InvitedBy = user.InvitedBy,
        DisabledAt = user.DisabledAt,
        LastSignInAt = user.LastSignInAt,
    });

    public static IQueryable<UserRow> Sorted(IQueryable<UserRow> users, PageRequest page) => (page.SortField switch
    {
        "role" => page.Descending ? users.OrderByDescending(user => user.Role) : users.OrderBy(user => user.Role),
        "created_at" => page.Descending ? users.OrderByDescending(user => user.CreatedAt) : users.OrderBy(user => user.CreatedAt),
        // Who was never there comes last either way.
        "last_sign_in_at" => page.Descending
            ? users.OrderBy(user => user.LastSignInAt == null).ThenByDescending(user => user.LastSignInAt)
            : users.OrderBy(user => user.LastSignInAt == null).ThenBy(user => user.LastSignInAt),
        _ => page.Descending ? users.OrderByDescending(user => user.Email) : users.OrderBy(user => user.Email),
    }).ThenBy(user => user.Id);

    /// <summary>A user whom nobody else changes until the transaction ends; null when there is none.</summary>
    public static Task<StudioUser?> LockUserAsync(this StudioDbContext context, Guid id, CancellationToken cancellationToken) =>
        context.Users.FromSql($"SELECT * FROM users WHERE id = {id} FOR UPDATE").SingleOrDefaultAsync(cancellationToken);
}
