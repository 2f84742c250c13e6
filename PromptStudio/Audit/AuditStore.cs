using System.Data;
using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using PromptStudio.Access;
using PromptStudio.Core.Access;
using PromptStudio.Core.Audit;
using PromptStudio.Database;
using PromptStudio.Web;

namespace PromptStudio.Audit;

/// <summary>Reads the audit log and checks it; for those who administer the studio.</summary>
public sealed class AuditStore(IDbContextFactory<StudioDbContext> contexts, Refusals refusals, TimeProvider clock)
{
    /// <summary>A page of the log.</summary>
    /// <returns>The page, or 403.</returns>
    public async Task<Answer<ListPage<AuditEntry>>> ListAsync(Actor actor, AuditFilter filter, PageRequest page, CancellationToken cancellationToken)
    {
        if (await RefusedAsync(actor, cancellationToken) is { } problem)
            return problem;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var entries = Filtered(context, filter);
        var total = await entries.LongCountAsync(cancellationToken);
        var items = await (page.Descending ? entries.OrderByDescending(entry => entry.Sequence) : entries.OrderBy(entry => entry.Sequence))
            .Skip(page.Skip).Take(page.PageSize).ToListAsync(cancellationToken);
        return new ListPage<AuditEntry>(items, page.Page, page.PageSize, total);
    }

    /// <summary>One entry.</summary>
    /// <returns>The entry, 403, or 404 <c>audit_entry_not_found</c>.</returns>
    public async Task<Answer<AuditEntry>> FindAsync(Actor actor, long sequence, CancellationToken cancellationToken)
    {
        if (await RefusedAsync(actor, cancellationToken) is { } problem)
            return problem;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.AuditEntries.AsNoTracking().SingleOrDefaultAsync(entry => entry.Sequence == sequence, cancellationToken) is { } found
            ? found
            : new Problem(404, "audit_entry_not_found", $"The audit log has no entry {sequence}.");
    }

    /// <summary>The log from its beginning, an entry at a time: its size does not matter.</summary>
    /// <returns>The entries, or 403.</returns>
    public async Task<Answer<AuditExport>> ExportAsync(Actor actor, AuditFilter filter, CancellationToken cancellationToken) =>
        await RefusedAsync(actor, cancellationToken) is { } problem ? problem : new AuditExport(StreamAsync(filter, cancellationToken));

    /// <summary>Goes through the whole chain, and keeps the result.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="anchor">What somebody noted earlier; the last check that found nothing counts as noted too.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What was found, or 403.</returns>
    public async Task<Answer<AuditVerification>> VerifyAsync(Actor actor, AuditAnchor? anchor, CancellationToken cancellationToken)
    {
        if (await RefusedAsync(actor, cancellationToken) is { } problem)
            return problem;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        // The entries and the head of one moment, whatever is appended meanwhile.
        await using var snapshot = await context.Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        var lastGood = await context.AuditChecks.AsNoTracking().Where(check => check.BrokenSequence == null && check.Entries > 0)
            .OrderByDescending(check => check.At).FirstOrDefaultAsync(cancellationToken);
        AuditAnchor?[] anchors = [anchor, lastGood is null ? null : new AuditAnchor(lastGood.Entries, lastGood.HeadHash)];
        var verifier = new AuditVerifier([.. anchors.OfType<AuditAnchor>()]);
        await ReadAsync(context, verifier, cancellationToken);
        var head = await context.AuditHeads.AsNoTracking().SingleOrDefaultAsync(cancellationToken);
        var found = verifier.Finish(head?.Sequence, head?.Hash);
        await snapshot.CommitAsync(cancellationToken);
        var now = clock.GetUtcNow();
        var check = new AuditCheck
        {
            Id = Guid.CreateVersion7(now),
            At = now,
            Entries = verifier.Entries,
            BrokenSequence = found?.Sequence,
            Reason = found is null ? null : $"{Name(found.Fault)}: {found.Reason}",
            HeadHash = [.. verifier.LastHash],
        };
        context.AuditChecks.Add(check);
        await context.SaveChangesAsync(cancellationToken);
        return new AuditVerification(check, found);
    }

    /// <summary>The last check of the whole chain, by whomever; null: there was none yet.</summary>
    /// <returns>Or 403.</returns>
    public async Task<(AuditCheck? Check, Problem? Problem)> LastCheckAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (await RefusedAsync(actor, cancellationToken) is { } problem)
            return (null, problem);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return (await context.AuditChecks.AsNoTracking().OrderByDescending(check => check.At).FirstOrDefaultAsync(cancellationToken), null);
    }

    /// <summary>How a fault is written.</summary>
    public static string Name(AuditFault fault) => fault switch
    {
        AuditFault.Changed => "changed",
        AuditFault.Missing => "missing",
        AuditFault.Inserted => "inserted",
        _ => "cut_off",
    };

    private static async Task ReadAsync(StudioDbContext context, AuditVerifier verifier, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var entry in context.AuditEntries.AsNoTracking().OrderBy(entry => entry.Sequence).AsAsyncEnumerable().WithCancellation(cancellationToken))
            {
                if (!verifier.Add(new ChainedAuditRecord(entry.ToRecord(), entry.PreviousHash, entry.Hash)))
                    return;
            }
        }
        catch (Exception exception) when (exception is InvalidCastException or OverflowException or ArgumentException)
        {
            // PostgreSQL knows times that .NET does not; nobody but a forger writes them.
            verifier.AddUnreadable();
        }
    }

    private async IAsyncEnumerable<AuditEntry> StreamAsync(AuditFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await foreach (var entry in Filtered(context, filter).OrderBy(entry => entry.Sequence).AsAsyncEnumerable().WithCancellation(cancellationToken))
            yield return entry;
    }

    private async Task<Problem?> RefusedAsync(Actor actor, CancellationToken cancellationToken) =>
        !actor.May(Permissions.Administer) ? await refusals.RecordAsync(actor, "audit", AccessProblem.Missing(actor, Permissions.Administer), cancellationToken)
        : actor.Binding is not null ? await refusals.RecordAsync(actor, "audit", AccessProblem.Bound, cancellationToken)
        : null;

    private static IQueryable<AuditEntry> Filtered(StudioDbContext context, AuditFilter filter)
    {
        var entries = context.AuditEntries.AsNoTracking();
        if (filter.Actor is { } actor)
            entries = entries.Where(entry => entry.ActorId == actor || entry.ActorName == actor);
        if (filter.Action is { } action)
            entries = entries.Where(entry => entry.Action == action);
        if (filter.SubjectKind is { } kind)
            entries = entries.Where(entry => entry.SubjectKind == kind);
        if (filter.SubjectId is { } id)
            entries = entries.Where(entry => entry.SubjectId == id);
        if (filter.From is { } from)
            entries = entries.Where(entry => entry.At >= from);
        if (filter.To is { } to)
            entries = entries.Where(entry => entry.At < to);
        if (filter.Search is { } search)
        {
            var pattern = LikePattern.Containing(search);
            entries = entries.Where(entry => EF.Functions.ILike(entry.ActorName, pattern, "\\") || EF.Functions.ILike(entry.Action, pattern, "\\")
                || EF.Functions.ILike(entry.SubjectId!, pattern, "\\"));
        }
        return entries;
    }
}

/// <summary>Which entries are asked for; null: any.</summary>
public sealed record AuditFilter
{
    /// <summary>An id or a name.</summary>
    public string? Actor { get; init; }

    public string? Action { get; init; }
    public string? SubjectKind { get; init; }
    public string? SubjectId { get; init; }

    /// <summary>UTC, inclusive.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>UTC, exclusive.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>A part of the actor's name, the action or the subject.</summary>
    public string? Search { get; init; }
}

/// <summary>Entries that are read from the database while they are looked at.</summary>
public sealed record AuditExport(IAsyncEnumerable<AuditEntry> Entries);

/// <summary>What a check found.</summary>
public sealed record AuditVerification(AuditCheck Check, AuditBreak? Break);
