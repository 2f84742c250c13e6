using Microsoft.EntityFrameworkCore;
using PromptStudio.Database;

namespace PromptStudio.Access;

/// <summary>What became of the wish to try a password or a code.</summary>
public enum Attempt
{
    /// <summary>The account is locked: the attempt must not even be looked at.</summary>
    Refused,

    /// <summary>It may be looked at.</summary>
    Granted,

    /// <summary>It may be looked at, and if it is wrong the account stays locked.</summary>
    Last,
}

/// <summary>
/// Lockout. An attempt is counted before it is looked at, in one statement: a hundred guesses that arrive at once cannot all be
/// checked before the first one is counted, as they can when only failures count. Whoever was right gets the attempt back.
/// </summary>
public static class SignInAttempts
{
    /// <summary>Attempts until the account is locked.</summary>
    public const int Most = 5;

    /// <summary>How long it stays locked.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(5);

    public static async Task<Attempt> TakeAsync(StudioDbContext context, Guid user, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var last = await context.Database.SqlQuery<bool>(
            $"""
            UPDATE users
            SET access_failed_count = CASE WHEN access_failed_count + 1 >= {Most} THEN 0 ELSE access_failed_count + 1 END,
                lockout_end = CASE WHEN access_failed_count + 1 >= {Most} THEN {now + Pause} END
            WHERE id = {user} AND (lockout_end IS NULL OR lockout_end <= {now})
            RETURNING lockout_end IS NOT NULL AS "Value"
            """).ToListAsync(cancellationToken);
        return last.Count == 0 ? Attempt.Refused : last[0] ? Attempt.Last : Attempt.Granted;
    }

    /// <summary>The one attempt was right, but another step follows: only this one is forgotten, or its owner could try codes without end.</summary>
    public static Task GiveBackAsync(StudioDbContext context, Guid user, Attempt attempt, CancellationToken cancellationToken) => attempt == Attempt.Last
        ? context.Database.ExecuteSqlAsync($"UPDATE users SET access_failed_count = {Most - 1}, lockout_end = NULL WHERE id = {user}", cancellationToken)
        : context.Database.ExecuteSqlAsync($"UPDATE users SET access_failed_count = greatest(access_failed_count - 1, 0) WHERE id = {user}", cancellationToken);

    /// <summary>Somebody is in: everything is forgotten.</summary>
    public static Task ForgetAsync(StudioDbContext context, Guid user, CancellationToken cancellationToken) =>
        context.Database.ExecuteSqlAsync($"UPDATE users SET access_failed_count = 0, lockout_end = NULL WHERE id = {user}", cancellationToken);
}
