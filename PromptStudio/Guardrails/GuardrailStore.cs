using Microsoft.EntityFrameworkCore;
using Npgsql;
using PromptStudio.Access;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Core.Audit;
using PromptStudio.Database;
using PromptStudio.Web;

namespace PromptStudio.Guardrails;

/// <summary>Every query and command about guardrails. They protect all prompts at once, so changing one takes the right to promote, and a key that is bound to prompts sees none.</summary>
public sealed class GuardrailStore(
    IDbContextFactory<StudioDbContext> contexts, GuardrailCatalogue catalogue, GuardrailSecrets secrets, ModelHosts hosts, AuditLog audit, Refusals refusals, TimeProvider clock)
{
    /// <summary>Guardrails that the studio keeps; a render may have a violation of each.</summary>
    public const int Most = 500;

    /// <summary>What the list can be sorted by.</summary>
    public static readonly IReadOnlyList<string> Sortable = ["name", "rule_type", "created_at", "updated_at", "hits"];

    private const string Subject = "guardrail";

    /// <summary>A page of the guardrails, with what they did lately.</summary>
    /// <returns>The page, or 403.</returns>
    public async Task<Answer<ListPage<GuardrailView>>> ListAsync(Actor actor, GuardrailFilter filter, PageRequest page, CancellationToken cancellationToken)
    {
        if (await RefusedAsync(actor, Permissions.Read, "guardrails", cancellationToken) is { } refused)
            return refused;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var guardrails = context.PromptGuardrails.AsNoTracking();
        if (filter.Search is { Length: > 0 } search)
        {
            var pattern = LikePattern.Containing(search);
            guardrails = guardrails.Where(row => EF.Functions.ILike(row.Name, pattern, "\\") || EF.Functions.ILike(row.Description!, pattern, "\\"));
        }
        if (filter.RuleType is { } type)
            guardrails = guardrails.Where(row => row.RuleType == type);
        if (filter.Level is { } level)
            guardrails = guardrails.Where(row => row.EnforcementLevel == level);
        if (filter.IsActive is { } active)
            guardrails = guardrails.Where(row => row.IsActive == active);
        if (filter.Prompt is { } prompt)
        {
            var category = await context.PromptTemplates.Where(version => version.Name == prompt).Select(version => version.Category).FirstOrDefaultAsync(cancellationToken) ?? "";
            guardrails = guardrails.Where(row => row.AppliesTo == null || row.AppliesTo.Length == 0 || row.AppliesTo.Contains(prompt) || row.AppliesTo.Contains(category));
        }
        var total = await guardrails.CountAsync(cancellationToken);
        var since = clock.GetUtcNow() - GuardrailFigures.Window;
        var rows = await Sorted(context, guardrails, page, since).Skip(page.Skip).Take(page.PageSize).ToListAsync(cancellationToken);
        var figures = await FiguresAsync(context, [.. rows.Select(row => row.Id)], since, cancellationToken);
        return new ListPage<GuardrailView>([.. rows.Select(row => GuardrailView.Of(row, catalogue.Compiled(row), figures.GetValueOrDefault(row.Id)))], page.Page, page.PageSize, total);
    }

    /// <summary>A guardrail, with what it did lately.</summary>
    /// <returns>Or 403, 404 <c>guardrail_not_found</c>.</returns>
    public async Task<Answer<GuardrailView>> FindAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        if (await RefusedAsync(actor, Permissions.Read, "guardrails", cancellationToken) is { } refused)
            return refused;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await context.PromptGuardrails.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } row)
            return GuardrailProblem.NotFound(id);
        return await ViewAsync(context, row, cancellationToken);
    }

    /// <summary>Makes a guardrail; renders follow it from now on.</summary>
    /// <returns>Or 403, 409 <c>guardrail_exists</c> or <c>too_many_guardrails</c>, 422 <c>invalid_guardrail</c>.</returns>
    public async Task<Answer<GuardrailView>> CreateAsync(Actor actor, NewGuardrail wanted, CancellationToken cancellationToken)
    {
        if (await RefusedAsync(actor, Permissions.Promote, "make a guardrail", cancellationToken) is { } refused)
            return refused;
        var now = AuditChain.Storable(clock.GetUtcNow());
        var row = new PromptGuardrail { Id = Guid.CreateVersion7(now), Name = "", RuleType = "", RuleConfig = "{}", EnforcementLevel = "", CreatedAt = now };
        if (Take(row, GuardrailEdits.Of(wanted), actor, now) is { } invalid)
            return invalid;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (await context.PromptGuardrails.CountAsync(cancellationToken) >= Most)
            return GuardrailProblem.TooMany;
        context.PromptGuardrails.Add(row);
        return await SaveAsync(context, row, actor, new AuditEvent(AuditAction.GuardrailCreated, Subject, row.Id.ToString(), After: GuardrailEdits.Written(row)), transaction.CommitAsync, cancellationToken);
    }

    /// <summary>Changes a guardrail; renders follow it from now on.</summary>
    /// <param name="actor">Who changes it.</param>
    /// <param name="id">Which one.</param>
    /// <param name="revision">What the actor saw; null: any.</param>
    /// <param name="edit">What is to change; what is the same as before changes nothing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Or 403, 404 <c>guardrail_not_found</c>, 409 <c>edit_conflict</c> or <c>guardrail_exists</c>, 422 <c>invalid_guardrail</c>.</returns>
    public async Task<Answer<GuardrailView>> ChangeAsync(Actor actor, Guid id, int? revision, GuardrailEdit edit, CancellationToken cancellationToken)
    {
        if (await RefusedAsync(actor, Permissions.Promote, "change a guardrail", cancellationToken) is { } refused)
            return refused;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (await LockAsync(context, id, cancellationToken) is not { } row)
            return GuardrailProblem.NotFound(id);
        if (revision is { } seen && seen != row.Revision)
            return GuardrailProblem.Conflict(GuardrailView.Of(row, catalogue.Compiled(row)), edit);
        var before = GuardrailEdits.Written(row);
        if (Take(row, edit, actor, null) is { } invalid)
            return invalid;
        if (!context.ChangeTracker.HasChanges())
            return await ViewAsync(context, row, cancellationToken);
        row.Revision++;
        (row.UpdatedAt, row.UpdatedBy) = (AuditChain.Storable(clock.GetUtcNow()), Who(actor));
        var change = new AuditEvent(AuditAction.GuardrailChanged, Subject, id.ToString(), before, GuardrailEdits.Written(row, secretChanged: edit.Secret is not null));
        return await SaveAsync(context, row, actor, change, transaction.CommitAsync, cancellationToken);
    }

    /// <summary>Deletes a guardrail. Its violations stay, under its name.</summary>
    /// <returns>What it was; or 403, 404 <c>guardrail_not_found</c>.</returns>
    public async Task<Answer<GuardrailView>> DeleteAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        if (await RefusedAsync(actor, Permissions.Promote, "delete a guardrail", cancellationToken) is { } refused)
            return refused;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        if (await LockAsync(context, id, cancellationToken) is not { } row)
            return GuardrailProblem.NotFound(id);
        var view = GuardrailView.Of(row, catalogue.Compiled(row));
        context.PromptGuardrails.Remove(row);
        await context.SaveChangesAsync(cancellationToken);
        await audit.AppendAsync(context, actor, new AuditEvent(AuditAction.GuardrailDeleted, Subject, id.ToString(), GuardrailEdits.Written(row)), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await catalogue.FollowAsync(cancellationToken);
        return view;
    }

    /// <summary>Stored guardrails to try out, also inactive ones; all active ones when none are named.</summary>
    /// <returns>Or 404 <c>guardrail_not_found</c>.</returns>
    internal async Task<Answer<IReadOnlyList<PromptGuardrail>>> RowsAsync(IReadOnlyList<Guid>? ids, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = await context.PromptGuardrails.AsNoTracking().Where(row => ids == null ? row.IsActive : ids.Contains(row.Id)).OrderBy(row => row.Name).ToListAsync(cancellationToken);
        foreach (var id in ids ?? [])
        {
            if (rows.TrueForAll(row => row.Id != id))
                return GuardrailProblem.NotFound(id);
        }
        return rows;
    }

    /// <summary>What the actor may not, written down.</summary>
    internal async Task<Problem?> RefusedAsync(Actor actor, Permissions permission, string what, CancellationToken cancellationToken) =>
        !actor.May(permission) ? await refusals.RecordAsync(actor, what, AccessProblem.Missing(actor, permission), cancellationToken)
        : actor.Binding is not null ? await refusals.RecordAsync(actor, what, AccessProblem.Bound, cancellationToken)
        : null;

    private static Task<PromptGuardrail?> LockAsync(StudioDbContext context, Guid id, CancellationToken cancellationToken) =>
        context.PromptGuardrails.FromSql($"SELECT * FROM prompt_guardrails WHERE id = {id} FOR UPDATE").SingleOrDefaultAsync(cancellationToken);

    private static string Who(Actor actor) => actor.Name.Length <= 255 ? actor.Name : actor.Name[..255];

    private static IQueryable<PromptGuardrail> Sorted(StudioDbContext context, IQueryable<PromptGuardrail> rows, PageRequest page, DateTimeOffset since) => (page.SortField switch
    {
        "rule_type" => page.Descending ? rows.OrderByDescending(row => row.RuleType) : rows.OrderBy(row => row.RuleType),
        "created_at" => page.Descending ? rows.OrderByDescending(row => row.CreatedAt) : rows.OrderBy(row => row.CreatedAt),
        "updated_at" => page.Descending ? rows.OrderByDescending(row => row.UpdatedAt) : rows.OrderBy(row => row.UpdatedAt),
        "hits" => page.Descending
            ? rows.OrderByDescending(row => context.GuardrailViolations.Count(hit => hit.GuardrailId == row.Id && hit.CreatedAt >= since && hit.Hits > 0))
            : rows.OrderBy(row => context.GuardrailViolations.Count(hit => hit.GuardrailId == row.Id && hit.CreatedAt >= since && hit.Hits > 0)),
        _ => page.Descending ? rows.OrderByDescending(row => row.Name) : rows.OrderBy(row => row.Name),
    }).ThenBy(row => row.Id);

    private static async Task<Dictionary<Guid, GuardrailFigures>> FiguresAsync(StudioDbContext context, Guid[] ids, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var counts = await context.GuardrailViolations.AsNoTracking().Where(violation => ids.Contains(violation.GuardrailId) && violation.CreatedAt >= since)
            .GroupBy(violation => new { violation.GuardrailId, violation.Outcome })
            .Select(group => new { group.Key.GuardrailId, group.Key.Outcome, Count = group.Count(), False = group.Count(violation => violation.FalsePositive == true && violation.Outcome != ViolationOutcome.Error) })
            .ToListAsync(cancellationToken);
        return counts.GroupBy(count => count.GuardrailId).ToDictionary(group => group.Key, group =>
        {
            int Of(string outcome) => group.FirstOrDefault(count => count.Outcome == outcome)?.Count ?? 0;
            return new GuardrailFigures
            {
                Blocked = Of(ViolationOutcome.Blocked),
                WouldBlock = Of(ViolationOutcome.WouldBlock),
                Warned = Of(ViolationOutcome.Warned),
                Logged = Of(ViolationOutcome.Logged),
                Error = Of(ViolationOutcome.Error),
                FalsePositives = group.Sum(count => count.False),
            };
        });
    }

    private async Task<GuardrailView> ViewAsync(StudioDbContext context, PromptGuardrail row, CancellationToken cancellationToken)
    {
        var figures = await FiguresAsync(context, [row.Id], clock.GetUtcNow() - GuardrailFigures.Window, cancellationToken);
        return GuardrailView.Of(row, catalogue.Compiled(row), figures.GetValueOrDefault(row.Id));
    }

    /// <summary>Puts an edit into a row, and checks what becomes of it.</summary>
    private Problem? Take(PromptGuardrail row, GuardrailEdit edit, Actor actor, DateTimeOffset? made)
    {
        var sentTo = ModelHosts.SecretGoesTo(row);
        if ((GuardrailInput.CheckSecret(edit.Secret) ?? GuardrailEdits.Apply(row, edit)) is { } invalid)
            return invalid;
        // Nobody may send a secret that they do not know to a place of their own.
        if (edit.Secret is null && row.SecretProtected is not null && ModelHosts.SecretGoesTo(row) is { } now && now != sentTo)
            return GuardrailProblem.Invalid("secret", $"'secret' must be given again: it would go to {now}, where it did not go before.");
        if (edit.Secret is not null)
            row.SecretProtected = edit.Secret.Length == 0 ? null : secrets.Protect(edit.Secret);
        if (made is { } instant)
            (row.UpdatedAt, row.UpdatedBy) = (instant, Who(actor));
        return GuardrailInput.Check(row) ?? hosts.Refused(row);
    }

    private async Task<Answer<GuardrailView>> SaveAsync(
        StudioDbContext context, PromptGuardrail row, Actor actor, AuditEvent change, Func<CancellationToken, Task> commit, CancellationToken cancellationToken)
    {
        try
        {
            await context.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return GuardrailProblem.Exists(row.Name);
        }
        await audit.AppendAsync(context, actor, change, cancellationToken);
        var view = await ViewAsync(context, row, cancellationToken);
        await commit(cancellationToken);
        await catalogue.FollowAsync(cancellationToken);
        return view;
    }
}

/// <summary>Which guardrails are asked for; null: any.</summary>
/// <param name="Search">Part of a name or a description.</param>
/// <param name="RuleType">Only of this rule type.</param>
/// <param name="Level">Only of this enforcement level.</param>
/// <param name="IsActive">Only active ones, or only inactive ones.</param>
/// <param name="Prompt">Only those that look at this prompt.</param>
public sealed record GuardrailFilter(string? Search = null, string? RuleType = null, string? Level = null, bool? IsActive = null, string? Prompt = null);
