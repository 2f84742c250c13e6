using Microsoft.EntityFrameworkCore;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Core.Prompts;
using PromptStudio.Web;

namespace PromptStudio.Prompts;

/// <summary>Makes versions, and decides who approved them.</summary>
public sealed class VersionCommands(PromptChanges changes)
{
    /// <summary>Makes a version from another one of the same prompt: a draft with the next number.</summary>
    /// <param name="actor">Who makes it.</param>
    /// <param name="from">The version that it comes from: any one.</param>
    /// <param name="asked">What is different.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The new version; or 403, 404, 409 <c>prompt_archived</c>, 422 <c>invalid_prompt</c>.</returns>
    public Task<Answer<PromptDetail>> CreateAsync(Actor actor, Guid from, NewVersion asked, CancellationToken cancellationToken) =>
        changes.OfVersionAsync(actor, "create version from", from, async (change, parent) =>
        {
            if ((PromptInput.Texts(asked.TemplateText, asked.TemplateFormat, asked.Message, null, null) ?? PromptInput.Variables(asked.TemplateVariables)) is { } invalid)
                return invalid;
            if (PromptLifecycle.Change(change.Facts) is { } obstacle)
                return PromptProblem.Of(obstacle);
            var (text, format) = (asked.TemplateText ?? parent.TemplateText, asked.TemplateFormat ?? parent.TemplateFormat);
            if (await IncludeReach.ProblemAsync(change.Context, actor, format, text, [(parent.TemplateFormat, parent.TemplateText)], cancellationToken) is { } foreign)
                return foreign;
            var shown = (await change.ShownAsync(cancellationToken))!;
            var latest = await change.Context.PromptTemplates.Where(version => version.Name == change.Prompt.Name).MaxAsync(version => version.Version, cancellationToken);
            var version = new PromptTemplate
            {
                Id = Guid.CreateVersion7(change.Now),
                Name = change.Prompt.Name,
                Version = latest + 1,
                ParentVersionId = parent.Id,
                Description = shown.Description,
                Category = shown.Category,
                StoreRenderedPrompt = shown.StoreRenderedPrompt,
                TemplateText = text,
                TemplateFormat = format,
                TemplateVariables = asked.TemplateVariables.ValueKind == System.Text.Json.JsonValueKind.Undefined
                    ? parent.TemplateVariables : PromptInput.Json(asked.TemplateVariables),
                Message = PromptInput.OrNull(asked.Message),
                AuthorIds = actor.Id is { } author ? [author] : [],
                CreatedBy = change.Who,
                CreatedAt = change.Now,
                UpdatedBy = change.Who,
                UpdatedAt = change.Now,
            };
            change.Context.PromptTemplates.Add(version);
            change.Record(AuditAction.VersionCreated, new { FromVersion = parent.Version }, Written(version));
            return version;
        }, cancellationToken);

    /// <summary>Approves a version as it stands. Approving it again changes nothing.</summary>
    /// <param name="actor">A person who did not write it.</param>
    /// <param name="id">The version.</param>
    /// <param name="revision">What the person read; null: any.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The version; or 403 <c>approval_by_author</c> or <c>approval_by_person</c>, 404, 409 <c>edit_conflict</c> or <c>prompt_archived</c>.</returns>
    public Task<Answer<PromptDetail>> ApproveAsync(Actor actor, Guid id, int? revision, CancellationToken cancellationToken) =>
        changes.OfVersionAsync(actor, "approve version", id, (change, version) =>
        {
            if (PromptLifecycle.Approve(change.Facts, PromptChange.FactsOf(version), actor) is { } obstacle)
                return Answered(PromptProblem.Of(obstacle));
            if (revision is { } seen && seen != version.Revision)
                return Answered(PromptProblem.Conflict(version, null));
            if (version.ApprovedAt is null)
            {
                (version.ApprovedBy, version.ApprovedAt) = (change.Who, change.Now);
                change.Record(AuditAction.VersionApproved, null, new { version.Id, version.Version, version.Revision, version.ApprovedBy });
            }
            return Answered(version);
        }, cancellationToken);

    /// <summary>Takes an approval back. Callers who get the version now go on getting it.</summary>
    /// <returns>The version; or 403, 404, 409 <c>prompt_archived</c>.</returns>
    public Task<Answer<PromptDetail>> WithdrawApprovalAsync(Actor actor, Guid id, CancellationToken cancellationToken) =>
        changes.OfVersionAsync(actor, "withdraw approval of version", id, (change, version) =>
        {
            if (PromptLifecycle.Change(change.Facts) is { } obstacle)
                return Answered(PromptProblem.Of(obstacle));
            if (version.ApprovedAt is not null)
            {
                change.Record(AuditAction.VersionApprovalWithdrawn, new { version.Id, version.Version, version.ApprovedBy, version.ApprovedAt }, null);
                (version.ApprovedBy, version.ApprovedAt) = (null, null);
            }
            return Answered(version);
        }, cancellationToken);

    /// <summary>A version as the audit log keeps it.</summary>
    internal static object Written(PromptTemplate version) => new
    {
        version.Id,
        version.Version,
        version.TemplateText,
        version.TemplateFormat,
        TemplateVariables = PromptDetail.Variables(version.TemplateVariables),
        version.Message,
    };

    private static Task<Answer<PromptTemplate>> Answered(Answer<PromptTemplate> answer) => Task.FromResult(answer);
}
