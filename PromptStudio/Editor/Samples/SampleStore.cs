using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptStudio.Access;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Core.Executions;
using PromptStudio.Core.Prompts;
using PromptStudio.Database;
using PromptStudio.Prompts;
using PromptStudio.Web;

namespace PromptStudio.Editor.Samples;

/// <summary>A set of values, as people and programs see it.</summary>
public sealed record SampleView(string Name, JsonElement Variables, string? UpdatedBy, DateTimeOffset UpdatedAt);

/// <summary>The samples of a prompt.</summary>
public sealed record SampleList(IReadOnlyList<SampleView> Items);

/// <summary>The values of one execution; what guardrails blacked out stays so.</summary>
public sealed record ExecutedValues(Guid Id, int Version, string Status, bool IsRedacted, DateTimeOffset CreatedAt, JsonElement Variables);

/// <summary>Values to preview with: those that people saved, and those that callers sent.</summary>
public sealed class SampleStore(IDbContextFactory<StudioDbContext> contexts, PromptStore prompts, PromptChanges changes, Refusals refusals)
{
    private const int RecentExecutions = 10;

    /// <summary>The samples of a prompt, by name.</summary>
    /// <returns>Or 403 <c>prompt_not_allowed</c>, 404 <c>prompt_not_found</c>.</returns>
    public async Task<Answer<SampleList>> ListAsync(Actor actor, string name, CancellationToken cancellationToken)
    {
        if (await RefusedAsync(actor, "read samples of prompt", name, cancellationToken) is { } refused)
            return refused;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = await context.PromptSamples.AsNoTracking().Where(sample => sample.PromptName == name).OrderBy(sample => sample.Name).ToListAsync(cancellationToken);
        return new SampleList([.. rows.Select(View)]);
    }

    /// <summary>Saves a sample under a name; one that is there already is replaced.</summary>
    /// <returns>The sample; or 403, 404, 409 <c>prompt_archived</c>, 422 <c>invalid_sample</c>.</returns>
    public async Task<Answer<SampleView>> SaveAsync(Actor actor, string name, string sample, JsonElement variables, CancellationToken cancellationToken)
    {
        PromptSample? saved = null;
        var answer = await changes.OfPromptAsync(actor, "save sample of prompt", name, async change =>
        {
            if (Invalid(sample, variables) is { } invalid)
                return invalid;
            if (PromptLifecycle.Change(change.Facts) is { } archived)
                return PromptProblem.Of(archived);
            var json = variables.GetRawText();
            var known = await change.Context.PromptSamples.SingleOrDefaultAsync(one => one.PromptName == change.Prompt.Name && one.Name == sample, cancellationToken);
            if (known is null)
            {
                if (await change.Context.PromptSamples.CountAsync(one => one.PromptName == change.Prompt.Name, cancellationToken) >= PromptSample.MostSamples)
                    return Invalid("sample", $"A prompt may have {PromptSample.MostSamples} samples. Delete one first.");
                change.Context.PromptSamples.Add(saved = new PromptSample { PromptName = change.Prompt.Name, Name = sample, Variables = json, UpdatedAt = change.Now, UpdatedBy = change.Who });
                change.Record(AuditAction.SampleSaved, null, new { Sample = sample, Variables = variables });
            }
            else
            {
                saved = known;
                if (!PromptInput.Same(known.Variables, json))
                {
                    change.Record(AuditAction.SampleSaved, new { Sample = sample, Variables = JsonElement.Parse(known.Variables) }, new { Sample = sample, Variables = variables });
                    (known.Variables, known.UpdatedAt, known.UpdatedBy) = (json, change.Now, change.Who);
                }
            }
            return (await change.ShownAsync(cancellationToken))!;
        }, cancellationToken);
        return answer.Problem is { } problem ? problem : View(saved!);
    }

    /// <summary>Deletes a sample; one that is not there is deleted already.</summary>
    /// <returns>The prompt; or 403, 404, 409 <c>prompt_archived</c>.</returns>
    public Task<Answer<PromptDetail>> DeleteAsync(Actor actor, string name, string sample, CancellationToken cancellationToken) =>
        changes.OfPromptAsync(actor, "delete sample of prompt", name, async change =>
        {
            if (PromptLifecycle.Change(change.Facts) is { } archived)
                return PromptProblem.Of(archived);
            if (StorableJson.Problem(sample) is null
                && await change.Context.PromptSamples.SingleOrDefaultAsync(one => one.PromptName == change.Prompt.Name && one.Name == sample, cancellationToken) is { } known)
            {
                change.Context.PromptSamples.Remove(known);
                change.Record(AuditAction.SampleDeleted, new { Sample = sample, Variables = JsonElement.Parse(known.Variables) }, null);
            }
            return (await change.ShownAsync(cancellationToken))!;
        }, cancellationToken);

    /// <summary>What callers sent lately, to whichever version; the newest first.</summary>
    public async Task<IReadOnlyList<ExecutedValues>> RecentAsync(Actor actor, string name, CancellationToken cancellationToken)
    {
        if (await RefusedAsync(actor, "read executions of prompt", name, cancellationToken) is not null)
            return [];
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = await context.Database.SqlQuery<RecentRow>(
            $"""
            SELECT execution.id, version.version, execution.status, execution.is_redacted, execution.created_at, execution.variables::text AS variables
            FROM prompt_templates version
            CROSS JOIN LATERAL (
                SELECT * FROM prompt_executions WHERE prompt_template_id = version.id ORDER BY created_at DESC LIMIT {RecentExecutions}) execution
            WHERE version.name = {name}
            ORDER BY execution.created_at DESC LIMIT {RecentExecutions}
            """).ToListAsync(cancellationToken);
        return [.. rows.Select(row => new ExecutedValues(row.Id, row.Version, row.Status, row.IsRedacted, row.CreatedAt, JsonElement.Parse(row.Variables)))];
    }

    private static Problem? Invalid(string sample, JsonElement variables) =>
        sample.Trim() is { Length: 0 } || sample.Length > PromptSample.NameMaxLength || StorableJson.Problem(sample) is not null
            ? Invalid("sample", $"A sample's name has 1 to {PromptSample.NameMaxLength} characters.")
            : variables.ValueKind != JsonValueKind.Object
                ? Invalid("variables", "'variables' must be an object.")
                : variables.GetRawText().Length > PromptSample.VariablesMaxLength
                    ? Invalid("variables", $"'variables' may have {PromptSample.VariablesMaxLength} characters.")
                    : null;

    private static Problem Invalid(string member, string detail) => new(422, "invalid_sample", detail) { Extensions = { ["member"] = member } };

    private static SampleView View(PromptSample row) => new(row.Name, JsonElement.Parse(row.Variables), row.UpdatedBy, row.UpdatedAt);

    private async Task<Problem?> RefusedAsync(Actor actor, string what, string name, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.Read))
            return await refusals.RecordAsync(actor, $"{what} {name}", AccessProblem.Missing(actor, Permissions.Read), cancellationToken);
        if (StorableJson.Problem(name) is not null || await prompts.FindShownAsync(name, cancellationToken) is not { } shown)
            return PromptProblem.NotFound(name);
        return actor.Reaches(shown.Name, shown.Category)
            ? null
            : await refusals.RecordAsync(actor, $"{what} {name}", AccessProblem.OutOfReach(name), cancellationToken);
    }

    private sealed record RecentRow
    {
        public Guid Id { get; init; }
        public int Version { get; init; }
        public string Status { get; init; } = ExecutionStatus.Success;
        public bool IsRedacted { get; init; }
        public DateTimeOffset CreatedAt { get; init; }
        public required string Variables { get; init; }
    }
}
