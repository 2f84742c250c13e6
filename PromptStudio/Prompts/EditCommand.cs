using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using PromptStudio.Access;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Core.Prompts;
using PromptStudio.Web;

namespace PromptStudio.Prompts;

/// <summary>Changes a draft, and what its prompt's versions share, in one go.</summary>
public sealed class EditCommand(PromptChanges changes)
{
    /// <summary>Makes the changes, all or none.</summary>
    /// <param name="actor">Who makes them.</param>
    /// <param name="id">The version.</param>
    /// <param name="revision">What the actor saw; null: any.</param>
    /// <param name="edit">What is to change; what is the same as before changes nothing.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>
    /// The version; or 403, 404, 409 <c>edit_conflict</c> (with both texts), <c>version_frozen</c>, <c>prompt_executed</c>, <c>prompt_exists</c> or
    /// <c>prompt_archived</c>, 422 <c>invalid_prompt</c>.
    /// </returns>
    public Task<Answer<PromptDetail>> RunAsync(Actor actor, Guid id, int? revision, PromptEdit edit, CancellationToken cancellationToken) =>
        changes.OfVersionAsync(actor, "edit version", id, async (change, version) =>
        {
            if (((edit.Name is { } name ? PromptInput.Name(name) : null)
                ?? PromptInput.Texts(edit.TemplateText, edit.TemplateFormat, edit.Message, edit.Description, edit.Category)
                ?? PromptInput.Form(edit.StoreRenderedPrompt)
                ?? PromptInput.Variables(edit.TemplateVariables)) is { } invalid)
            {
                return invalid;
            }
            if (revision is { } seen && seen != version.Revision)
                return PromptProblem.Conflict(version, Yours(edit));
            if (PromptLifecycle.Change(change.Facts) is { } archived)
                return PromptProblem.Of(archived);
            var before = version.Revision;
            var stored = (version.TemplateFormat, version.TemplateText);
            if (await IncludeReach.ProblemAsync(
                change.Context, actor, edit.TemplateFormat ?? version.TemplateFormat, edit.TemplateText ?? version.TemplateText, [stored], cancellationToken) is { } foreign)
            {
                return foreign;
            }
            if (ChangeDraft(change, version, edit) is { } frozen)
                return frozen;
            if (await ChangeSharedAsync(change, version, edit, cancellationToken) is { } refused)
                return refused;
            if (change.Events.Count > 0)
            {
                version.Revision = before + 1;
                (version.UpdatedBy, version.UpdatedAt) = (change.Who, change.Now);
            }
            return edit.Name is not null && edit.Name != version.Name ? await RenameAsync(change, version, edit.Name, cancellationToken) : version;
        }, cancellationToken);

    private static Problem? ChangeDraft(PromptChange change, PromptTemplate version, PromptEdit edit)
    {
        var text = edit.TemplateText ?? version.TemplateText;
        var format = edit.TemplateFormat ?? version.TemplateFormat;
        var variables = edit.TemplateVariables.ValueKind == JsonValueKind.Undefined ? version.TemplateVariables : PromptInput.Json(edit.TemplateVariables);
        var message = edit.Message is null ? version.Message : PromptInput.OrNull(edit.Message);
        var rewritten = text != version.TemplateText || format != version.TemplateFormat || !PromptInput.Same(variables, version.TemplateVariables);
        if (!rewritten && message == version.Message)
            return null;
        if (PromptLifecycle.Edit(change.Facts, PromptChange.FactsOf(version)) is { } obstacle)
            return PromptProblem.Of(obstacle);
        var before = VersionCommands.Written(version);
        (version.TemplateText, version.TemplateFormat, version.TemplateVariables, version.Message) = (text, format, variables, message);
        if (rewritten)
        {
            // Whoever approved it has not seen this.
            (version.ApprovedBy, version.ApprovedAt) = (null, null);
            if (change.Actor.Id is { } author && !version.AuthorIds.Contains(author))
                version.AuthorIds = [.. version.AuthorIds, author];
        }
        change.Record(AuditAction.VersionEdited, before, VersionCommands.Written(version));
        return null;
    }

    private static async Task<Problem?> ChangeSharedAsync(PromptChange change, PromptTemplate version, PromptEdit edit, CancellationToken cancellationToken)
    {
        var prompt = change.Prompt;
        var before = new { version.Description, version.Category, prompt.IsProtected, prompt.RequiresApproval, version.StoreRenderedPrompt };
        var after = new
        {
            Description = edit.Description is null ? version.Description : PromptInput.OrNull(edit.Description),
            Category = edit.Category is null ? version.Category : PromptInput.OrNull(edit.Category),
            IsProtected = edit.IsProtected ?? prompt.IsProtected,
            RequiresApproval = edit.RequiresApproval ?? prompt.RequiresApproval,
            StoreRenderedPrompt = edit.StoreRenderedPrompt ?? version.StoreRenderedPrompt,
        };
        if (before.Equals(after))
            return null;
        var isGoverned = (after.IsProtected, after.RequiresApproval, after.StoreRenderedPrompt) != (before.IsProtected, before.RequiresApproval, before.StoreRenderedPrompt);
        if (isGoverned && !change.Actor.May(Permissions.Administer))
            return AccessProblem.Missing(change.Actor, Permissions.Administer);
        if (!change.Actor.Reaches(edit.Name ?? version.Name, after.Category))
            return AccessProblem.OutOfReach(version.Name);
        (prompt.IsProtected, prompt.RequiresApproval) = (after.IsProtected, after.RequiresApproval);
        (version.Description, version.Category, version.StoreRenderedPrompt) = (after.Description, after.Category, after.StoreRenderedPrompt);
        // Each version shows it, so who has opened another one must learn of it before they write.
        await change.Context.PromptTemplates.Where(other => other.Name == version.Name && other.Id != version.Id).ExecuteUpdateAsync(
            other => other.SetProperty(one => one.Description, after.Description).SetProperty(one => one.Category, after.Category)
                .SetProperty(one => one.StoreRenderedPrompt, after.StoreRenderedPrompt)
                .SetProperty(one => one.Revision, one => one.Revision + 1), cancellationToken);
        change.Record(AuditAction.PromptChanged, before, after);
        return null;
    }

    private static async Task<Answer<PromptTemplate>> RenameAsync(PromptChange change, PromptTemplate version, string name, CancellationToken cancellationToken)
    {
        var old = version.Name;
        var context = change.Context;
        var executed = await context.PromptExecutions.AnyAsync(
            execution => context.PromptTemplates.Any(one => one.Name == old && one.Id == execution.PromptTemplateId), cancellationToken);
        if (PromptLifecycle.Rename(change.Facts, executed, await change.ProtectedLabelsAsync(cancellationToken), change.Actor) is { } obstacle)
            return PromptProblem.Of(obstacle);
        if (!change.Actor.Reaches(name, version.Category))
            return AccessProblem.OutOfReach(name);
        version.Revision += change.Events.Count > 0 ? 0 : 1;
        (version.UpdatedBy, version.UpdatedAt) = (change.Who, change.Now);
        await context.SaveChangesAsync(cancellationToken);
        try
        {
            // Takes the versions and the labels along.
            await context.Database.ExecuteSqlAsync($"UPDATE prompts SET name = {name} WHERE name = {old}", cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return PromptProblem.Exists(name);
        }
        await change.RelockAsync(name, cancellationToken);
        change.Record(AuditAction.PromptRenamed, new { Name = old }, new { Name = name });
        return await context.PromptTemplates.SingleAsync(one => one.Id == version.Id, cancellationToken);
    }

    /// <summary>What a refused writer sent, to be shown beside what is stored.</summary>
    private static object Yours(PromptEdit edit) => new
    {
        edit.TemplateText,
        edit.TemplateFormat,
        TemplateVariables = PromptDetail.Variables(PromptInput.Json(edit.TemplateVariables)),
        edit.Message,
        edit.Description,
        edit.Category,
        edit.Name,
    };
}
