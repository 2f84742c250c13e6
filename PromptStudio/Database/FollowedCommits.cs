using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace PromptStudio.Database;

/// <summary>
/// The node that made a change serves it in the very next request: whatever a context commits is followed before its caller goes on. No command has to remember
/// it, and none can forget it.
/// </summary>
public sealed class FollowedCommits(Func<ChangeLog> log) : DbTransactionInterceptor, ISaveChangesInterceptor, IDbCommandInterceptor
{
    public override Task TransactionCommittedAsync(DbTransaction transaction, TransactionEndEventData eventData, CancellationToken cancellationToken = default) =>
        log().FollowCommittedAsync(eventData.Context?.Database.GetDbConnection());

    /// <summary>Changes that were saved without a transaction, as one statement is.</summary>
    public async ValueTask<int> SavedChangesAsync(SaveChangesCompletedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        if (result > 0 && eventData.Context is { Database.CurrentTransaction: null } context)
            await log().FollowCommittedAsync(context.Database.GetDbConnection());
        return result;
    }

    /// <summary>A statement of its own.</summary>
    public async ValueTask<int> NonQueryExecutedAsync(DbCommand command, CommandExecutedEventData eventData, int result, CancellationToken cancellationToken = default)
    {
        if (result > 0 && command.Transaction is null)
            await log().FollowCommittedAsync(command.Connection);
        return result;
    }
}
