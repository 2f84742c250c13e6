using Microsoft.EntityFrameworkCore;
using PromptStudio.Access;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Core.Prompts;
using PromptStudio.Database;
using PromptStudio.Web;

namespace PromptStudio.Prompts;

/// <summary>Moves labels, and decides which of them are protected.</summary>
public sealed class LabelCommands(PromptChanges changes, IDbContextFactory<StudioDbContext> contexts, AuditLog audit, Refusals refusals, TimeProvider clock)
{
    /// <summary>Points a label to a version, which never changes from then on. Where it points already, nothing changes.</summary>
    /// <returns>The version; or 403, 404, 409 <c>prompt_archived</c>, 422 <c>label_reserved</c> or <c>invalid_label</c>.</returns>
    public Task<Answer<PromptDetail>> MoveAsync(Actor actor, string name, string label, int version, CancellationToken cancellationToken) =>
        changes.OfPromptAsync(actor, "move label of prompt", name, async change =>
        {
            if (await ObstacleAsync(change, label, cancellationToken) is { } obstacle)
                return PromptProblem.Of(obstacle);
            if (await change.FindAsync(version, cancellationToken) is not { } target)
                return PromptProblem.NoVersion(change.Prompt.Name, version);
            var pointer = await FindAsync(change, label, cancellationToken);
            if (pointer?.TemplateId == target.Id)
                return target;
            int? from = null;
            if (pointer is null)
            {
                change.Context.PromptLabels.Add(new PromptLabel { PromptName = change.Prompt.Name, Label = label, TemplateId = target.Id, UpdatedAt = change.Now, UpdatedBy = change.Who });
            }
            else
            {
                from = await change.Context.PromptTemplates.Where(one => one.Id == pointer.TemplateId).Select(one => one.Version).SingleAsync(cancellationToken);
                (pointer.TemplateId, pointer.UpdatedAt, pointer.UpdatedBy) = (target.Id, change.Now, change.Who);
            }
            target.FrozenAt ??= change.Now;
            change.Record(AuditAction.LabelMoved, from is null ? null : new { Label = label, Version = from }, new { Label = label, target.Version, target.Id });
            return target;
        }, cancellationToken);

    /// <summary>Removes a label from a prompt.</summary>
    /// <returns>The version that it pointed to; or 403, 404 <c>label_not_found</c>, 409, 422.</returns>
    public Task<Answer<PromptDetail>> RemoveAsync(Actor actor, string name, string label, CancellationToken cancellationToken) =>
        changes.OfPromptAsync(actor, "remove label of prompt", name, async change =>
        {
            if (await ObstacleAsync(change, label, cancellationToken) is { } obstacle)
                return PromptProblem.Of(obstacle);
            if (await FindAsync(change, label, cancellationToken) is not { } pointer)
                return new Problem(404, "label_not_found", $"'{change.Prompt.Name}' has no label '{label}'.");
            var target = await change.Context.PromptTemplates.SingleAsync(one => one.Id == pointer.TemplateId, cancellationToken);
            change.Context.PromptLabels.Remove(pointer);
            change.Record(AuditAction.LabelRemoved, new { Label = label, target.Version, target.Id }, null);
            return target;
        }, cancellationToken);

    /// <summary>Protects a label, or takes its protection away; of all prompts at once. What is so already stays so.</summary>
    /// <returns>How the label stands; or 403, 422 <c>invalid_label</c>.</returns>
    public async Task<Answer<LabelProtection>> ProtectAsync(Actor actor, string label, bool protect, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.Administer))
            return await refusals.RecordAsync(actor, "protect label", AccessProblem.Missing(actor, Permissions.Administer), cancellationToken);
        if (!LabelName.IsValid(label))
            return new Problem(422, "invalid_label", LabelName.Rule);
        var now = clock.GetUtcNow();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var changed = protect
            ? await context.Database.ExecuteSqlAsync(
                $"INSERT INTO protected_labels (label, created_by, created_at) VALUES ({label}, left({actor.Name}, 255), {now}) ON CONFLICT (label) DO NOTHING", cancellationToken)
            : await context.ProtectedLabels.Where(one => one.Label == label).ExecuteDeleteAsync(cancellationToken);
        if (changed > 0)
        {
            await audit.AppendAsync(context, actor, new AuditEvent(protect ? AuditAction.LabelProtected : AuditAction.LabelUnprotected, "label", label), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        return new LabelProtection(label, protect);
    }

    private static async Task<Obstacle?> ObstacleAsync(PromptChange change, string label, CancellationToken cancellationToken) =>
        StorableJson.Problem(label) is not null
            ? new Obstacle(ObstacleKind.Invalid, "invalid_label", LabelName.Rule)
            : PromptLifecycle.MoveLabel(change.Facts, label, await change.IsProtectedAsync(label, cancellationToken), change.Actor);

    private static Task<PromptLabel?> FindAsync(PromptChange change, string label, CancellationToken cancellationToken) =>
        change.Context.PromptLabels.SingleOrDefaultAsync(pointer => pointer.PromptName == change.Prompt.Name && pointer.Label == label, cancellationToken);
}

/// <summary>Whether a label is protected.</summary>
public sealed record LabelProtection(string Label, bool IsProtected);
