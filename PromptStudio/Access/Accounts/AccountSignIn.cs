using Microsoft.EntityFrameworkCore;
using PromptStudio.Audit;

namespace PromptStudio.Access.Accounts;

/// <summary>A sign-in, or one that failed, as its owner sees it.</summary>
/// <param name="At">When.</param>
/// <param name="What">In words for people.</param>
/// <param name="Address">From where.</param>
public sealed record AccountSignIn(DateTimeOffset At, string What, string? Address);

public sealed partial class Accounts
{
    private const int ShownSignIns = 10;

    /// <summary>The latest sign-ins of a person, also those that failed, newest first.</summary>
    public async Task<IReadOnlyList<AccountSignIn>> SignInsAsync(Guid id, CancellationToken cancellationToken)
    {
        var subject = id.ToString();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var entries = await context.AuditEntries.AsNoTracking()
            .Where(entry => entry.SubjectKind == Subject && entry.SubjectId == subject
                && (entry.Action == AuditAction.SignedIn || entry.Action == AuditAction.SignInFailed || entry.Action == AuditAction.LockedOut))
            .OrderByDescending(entry => entry.Sequence).Take(ShownSignIns)
            .Select(entry => new { entry.At, entry.Action, entry.Address }).ToListAsync(cancellationToken);
        return [.. entries.Select(entry => new AccountSignIn(entry.At, Words(entry.Action), entry.Address))];
    }

    private static string Words(string action) => action switch
    {
        AuditAction.SignedIn => "Signed in",
        AuditAction.LockedOut => "Locked after wrong attempts",
        _ => "Failed attempt",
    };
}
