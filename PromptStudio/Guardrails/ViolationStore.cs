using Microsoft.EntityFrameworkCore;
using PromptStudio.Access;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Core.Audit;
using PromptStudio.Core.Executions;
using PromptStudio.Database;
using PromptStudio.Web;

namespace PromptStudio.Guardrails;

/// <summary>Looks at what guardrails found, and marks what they found wrongly. A page goes on from a violation: ids are in the order of time.</summary>
public sealed class ViolationStore(IDbContextFactory<StudioDbContext> contexts, AuditLog audit, Refusals refusals, TimeProvider clock)
{
    /// <summary>How far back a list reaches when nothing is said.</summary>
    public static readonly TimeSpan DefaultWindow = TimeSpan.FromDays(7);

    /// <summary>How far back days are counted when nothing is said.</summary>
    public static readonly TimeSpan DefaultDays = TimeSpan.FromDays(30);

    /// <summary>Days that can be counted at once.</summary>
    public const int MostDays = 366;

    /// <summary>A page of violations, the newest first.</summary>
    /// <returns>The page, or 403.</returns>
    public async Task<Answer<ViolationPage>> ListAsync(Actor actor, ViolationFilter filter, CancellationToken cancellationToken)
    {
        if (await RefusedAsync(actor, Permissions.Read, "violations", cancellationToken) is { } refused)
            return refused;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var end = filter.To ?? clock.GetUtcNow();
        var violations = await ReachableAsync(context, actor, Filtered(context, filter, filter.From ?? Back(end, DefaultWindow)), cancellationToken);
        if (filter.After is { } after)
            violations = violations.Where(violation => violation.Id < after);
        var found = await violations.OrderByDescending(violation => violation.Id).Take(filter.PageSize + 1).ToListAsync(cancellationToken);
        var items = found.Take(filter.PageSize).Select(ViolationRow.Of).ToList();
        return new ViolationPage(items, found.Count > items.Count ? items[^1].Id : null);
    }

    /// <summary>How many violations each day had.</summary>
    /// <returns>The days, or 400 <c>invalid_request</c>, 403.</returns>
    public async Task<Answer<ViolationsByDay>> ByDayAsync(Actor actor, ViolationFilter filter, CancellationToken cancellationToken)
    {
        if (await RefusedAsync(actor, Permissions.Read, "violations", cancellationToken) is { } refused)
            return refused;
        var end = filter.To ?? clock.GetUtcNow();
        var from = filter.From ?? Back(end, DefaultDays);
        if (end - from > TimeSpan.FromDays(MostDays))
            return QueryText.Invalid("from", $"'from' and 'to' may be {MostDays} days apart.");
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var violations = await ReachableAsync(context, actor, Filtered(context, filter, from), cancellationToken);
        var counts = await violations.GroupBy(violation => new { Day = DateOnly.FromDateTime(violation.CreatedAt.UtcDateTime), violation.Outcome })
            .Select(group => new { group.Key.Day, group.Key.Outcome, Count = group.Count() }).ToListAsync(cancellationToken);
        var byDay = counts.ToDictionary(count => (count.Day, count.Outcome), count => count.Count);
        var (first, last) = (DateOnly.FromDateTime(from.UtcDateTime), DateOnly.FromDateTime(end.AddTicks(-1).UtcDateTime));
        return new ViolationsByDay(
        [
            .. Enumerable.Range(0, last.DayNumber - first.DayNumber + 1).Select(first.AddDays).Select(day => new ViolationDay(
                day, Of(day, ViolationOutcome.Blocked), Of(day, ViolationOutcome.WouldBlock), Of(day, ViolationOutcome.Warned), Of(day, ViolationOutcome.Logged), Of(day, ViolationOutcome.Error))),
        ]);

        int Of(DateOnly day, string outcome) => byDay.GetValueOrDefault((day, outcome));
    }

    /// <summary>Says that a violation was found wrongly, or takes that back. Once more, nothing changes.</summary>
    /// <returns>The violation; or 403, 404 <c>violation_not_found</c>, also for one of a prompt that the key is not bound to.</returns>
    public async Task<Answer<ViolationRow>> MarkAsync(Actor actor, Guid id, bool isFalsePositive, CancellationToken cancellationToken)
    {
        if (await RefusedAsync(actor, Permissions.Write, "mark a violation", cancellationToken) is { } refused)
            return refused;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var createdAt = ExecutionId.Instant(id);
        var row = await context.GuardrailViolations.FromSql($"SELECT * FROM guardrail_violations WHERE id = {id} AND created_at = {createdAt} FOR UPDATE").SingleOrDefaultAsync(cancellationToken);
        if (row is null || !await ReachesAsync(context, actor, row, cancellationToken))
            return GuardrailProblem.NoViolation(id);
        if ((row.FalsePositive == true) == isFalsePositive)
            return ViolationRow.Of(row);
        row.FalsePositive = isFalsePositive ? true : null;
        row.MarkedBy = isFalsePositive ? actor.Name[..Math.Min(actor.Name.Length, 255)] : null;
        row.MarkedAt = isFalsePositive ? AuditChain.Storable(clock.GetUtcNow()) : null;
        await context.SaveChangesAsync(cancellationToken);
        await audit.AppendAsync(context, actor, new AuditEvent(
            isFalsePositive ? AuditAction.ViolationMarked : AuditAction.ViolationUnmarked, "violation", id.ToString(), After: new { row.GuardrailId, row.Name, row.ExecutionId }), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return ViolationRow.Of(row);
    }

    /// <summary>What guardrails found in one execution, in the order in which they said so.</summary>
    internal static async Task<IReadOnlyList<ViolationRow>> OfExecutionAsync(StudioDbContext context, Guid executionId, DateTimeOffset createdAt, CancellationToken cancellationToken) =>
        [.. (await context.GuardrailViolations.AsNoTracking().Where(violation => violation.ExecutionId == executionId && violation.CreatedAt >= createdAt)
            .OrderBy(violation => violation.CreatedAt).ThenBy(violation => violation.Name).ToListAsync(cancellationToken)).Select(ViolationRow.Of)];

    private static DateTimeOffset Back(DateTimeOffset end, TimeSpan window) => end - DateTimeOffset.MinValue > window ? end - window : DateTimeOffset.MinValue;

    private static IQueryable<GuardrailViolation> Filtered(StudioDbContext context, ViolationFilter filter, DateTimeOffset from)
    {
        var violations = context.GuardrailViolations.AsNoTracking().Where(violation => violation.CreatedAt >= from);
        if (filter.To is { } to)
            violations = violations.Where(violation => violation.CreatedAt < to);
        if (filter.GuardrailId is { } guardrail)
            violations = violations.Where(violation => violation.GuardrailId == guardrail);
        if (filter.ExecutionId is { } execution)
            violations = violations.Where(violation => violation.ExecutionId == execution);
        if (filter.Prompt is { } prompt)
            violations = violations.Where(violation => violation.PromptName == prompt);
        if (filter.Level is { } level)
            violations = violations.Where(violation => violation.EnforcementLevel == level);
        if (filter.Outcome is { } outcome)
            violations = violations.Where(violation => violation.Outcome == outcome);
        if (filter.FalsePositive is { } marked)
            violations = violations.Where(violation => (violation.FalsePositive == true) == marked);
        return violations;
    }

    private static async Task<IQueryable<GuardrailViolation>> ReachableAsync(StudioDbContext context, Actor actor, IQueryable<GuardrailViolation> violations, CancellationToken cancellationToken)
    {
        if (actor.Binding is not { } binding)
            return violations;
        var versions = await context.PromptTemplates
            .Where(version => binding.Names.Contains(version.Name) || (version.Category != null && binding.Categories.Contains(version.Category)))
            .Select(version => version.Id).ToArrayAsync(cancellationToken);
        return violations.Where(violation => versions.Contains(violation.TemplateId));
    }

    private static async Task<bool> ReachesAsync(StudioDbContext context, Actor actor, GuardrailViolation violation, CancellationToken cancellationToken) =>
        actor.Binding is null || actor.Reaches(violation.PromptName, await context.PromptTemplates.Where(version => version.Id == violation.TemplateId).Select(version => version.Category).SingleOrDefaultAsync(cancellationToken));

    private async Task<Problem?> RefusedAsync(Actor actor, Permissions permission, string what, CancellationToken cancellationToken) => actor.May(permission)
        ? null
        : await refusals.RecordAsync(actor, what, AccessProblem.Missing(actor, permission), cancellationToken);
}

/// <summary>Which violations are asked for; null: any.</summary>
public sealed record ViolationFilter
{
    public Guid? GuardrailId { get; init; }
    public Guid? ExecutionId { get; init; }
    public string? Prompt { get; init; }
    public string? Level { get; init; }
    public string? Outcome { get; init; }

    /// <summary>Only what was marked as found wrongly, or only what was not.</summary>
    public bool? FalsePositive { get; init; }

    /// <summary>UTC, inclusive.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>UTC, exclusive.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>The page goes on after this violation.</summary>
    public Guid? After { get; init; }

    public int PageSize { get; init; } = PageQuery.DefaultPageSize;
}
