using Microsoft.EntityFrameworkCore;
using PromptStudio.Access;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Core.Prompts;
using PromptStudio.Web;

namespace PromptStudio.Prompts;

/// <summary>Makes prompts, takes them out of service, and takes them back.</summary>
public sealed class PromptCommands(PromptChanges changes)
{
    /// <summary>Makes a prompt with version 1, a draft: callers get it once it is activated.</summary>
    /// <returns>The version; or 403, 409 <c>prompt_exists</c>, 422 <c>invalid_prompt</c>.</returns>
    public Task<Answer<PromptDetail>> CreateAsync(Actor actor, NewPrompt asked, CancellationToken cancellationToken) =>
        changes.OfNoneAsync(actor, "create prompt", asked.Name, async change =>
        {
            if ((PromptInput.Name(asked.Name)
                ?? PromptInput.Texts(asked.TemplateText, asked.TemplateFormat, asked.Message, asked.Description, asked.Category)
                ?? PromptInput.Variables(asked.TemplateVariables)) is { } invalid)
            {
                return invalid;
            }
            var category = PromptInput.OrNull(asked.Category);
            if (!actor.Reaches(asked.Name, category))
                return AccessProblem.OutOfReach(asked.Name);
            if (await IncludeReach.ProblemAsync(change.Context, actor, asked.TemplateFormat, asked.TemplateText, [], cancellationToken) is { } foreign)
                return foreign;
            if ((asked.IsProtected || asked.RequiresApproval) && !actor.May(Permissions.Administer))
                return AccessProblem.Missing(actor, Permissions.Administer);
            var added = await change.Context.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO prompts (name, is_protected, requires_approval, created_by, created_at)
                VALUES ({asked.Name}, {asked.IsProtected}, {asked.RequiresApproval}, {change.Who}, {change.Now})
                ON CONFLICT (name) DO NOTHING
                """,
                cancellationToken);
            if (added == 0)
                return PromptProblem.Exists(asked.Name);
            change.Take(new Prompt { Name = asked.Name }, category);
            var version = new PromptTemplate
            {
                Id = Guid.CreateVersion7(change.Now),
                Name = asked.Name,
                Description = PromptInput.OrNull(asked.Description),
                Category = category,
                TemplateText = asked.TemplateText,
                TemplateFormat = asked.TemplateFormat,
                TemplateVariables = PromptInput.Json(asked.TemplateVariables),
                Message = PromptInput.OrNull(asked.Message),
                AuthorIds = actor.Id is { } author ? [author] : [],
                CreatedBy = change.Who,
                CreatedAt = change.Now,
                UpdatedBy = change.Who,
                UpdatedAt = change.Now,
            };
            change.Context.PromptTemplates.Add(version);
            change.Record(AuditAction.PromptCreated, null, new { version.Description, version.Category, asked.IsProtected, asked.RequiresApproval, Version = VersionCommands.Written(version) });
            return version;
        }, cancellationToken);

    /// <summary>Takes a prompt out of service, with its active version. Archiving it again changes nothing.</summary>
    /// <returns>The version that was active, else the newest; or 403, 404.</returns>
    public Task<Answer<PromptDetail>> ArchiveAsync(Actor actor, string name, CancellationToken cancellationToken) =>
        changes.OfPromptAsync(actor, "archive prompt", name, async change =>
        {
            var shown = (await change.ShownAsync(cancellationToken))!;
            if (change.Prompt.ArchivedAt is not null)
                return shown;
            if (PromptLifecycle.Archive(change.Facts, await change.ProtectedLabelsAsync(cancellationToken), actor) is { } obstacle)
                return PromptProblem.Of(obstacle);
            await ActivationCommands.DeactivateAsync(change, cancellationToken);
            change.Prompt.ArchivedAt = change.Now;
            change.Record(AuditAction.PromptArchived, new { ActiveVersion = shown.IsActive ? shown.Version : (int?)null }, new { ArchivedAt = change.Now });
            return shown;
        }, cancellationToken);

    /// <summary>Takes a prompt back; it has no active version until one is activated.</summary>
    /// <returns>The newest version; or 403, 404.</returns>
    public Task<Answer<PromptDetail>> RestoreAsync(Actor actor, string name, CancellationToken cancellationToken) =>
        changes.OfPromptAsync(actor, "restore prompt", name, async change =>
        {
            var shown = (await change.ShownAsync(cancellationToken))!;
            if (change.Prompt.ArchivedAt is not { } archivedAt)
                return shown;
            if (PromptLifecycle.Restore(change.Facts, await change.ProtectedLabelsAsync(cancellationToken), actor) is { } obstacle)
                return PromptProblem.Of(obstacle);
            change.Prompt.ArchivedAt = null;
            change.Record(AuditAction.PromptRestored, new { ArchivedAt = archivedAt }, null);
            return shown;
        }, cancellationToken);
}
