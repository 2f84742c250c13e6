using System.Globalization;
using Microsoft.EntityFrameworkCore;
using PromptStudio.Access;
using PromptStudio.Core.Access;
using PromptStudio.Core.Executions;
using PromptStudio.Core.Prompts;
using PromptStudio.Database;
using PromptStudio.Web;

namespace PromptStudio.Prompts;

/// <summary>Every query about prompts.</summary>
public sealed class PromptStore(IDbContextFactory<StudioDbContext> contexts, Refusals refusals, TimeProvider clock)
{
    /// <summary>The version that a render asks for.</summary>
    /// <param name="name">The prompt.</param>
    /// <param name="version">This version; null: see <paramref name="label"/>.</param>
    /// <param name="label">The version that it points to; null: the active one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The version, or 404 <c>prompt_not_found</c> or <c>version_not_found</c>.</returns>
    public async Task<Answer<PromptTemplate>> FindVersionAsync(string name, int? version, string? label, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var versions = context.PromptTemplates.AsNoTracking().Where(template => template.Name == name);
        var asked = version is not null ? versions.Where(template => template.Version == version)
            : label is null or LabelName.Production ? versions.Where(template => template.IsActive)
            : versions.Where(template => context.PromptLabels.Any(l => l.PromptName == name && l.Label == label && l.TemplateId == template.Id));
        var inService = asked.Where(template => context.Prompts.Any(prompt => prompt.Name == name && prompt.ArchivedAt == null));
        if (await inService.SingleOrDefaultAsync(cancellationToken) is { } found)
            return found;
        if (await context.Prompts.AsNoTracking().SingleOrDefaultAsync(prompt => prompt.Name == name, cancellationToken) is not { } existing)
            return PromptProblem.NotFound(name);
        if (existing.ArchivedAt is not null)
            return PromptProblem.Archived(name);
        return new Problem(404, "version_not_found",
            version is not null ? $"'{name}' has no version {version}."
            : label is null or LabelName.Production ? $"'{name}' has no active version. Activate one in the studio, or ask for a version or a label."
            : $"'{name}' has no label '{label}'.");
    }

    /// <summary>The texts of prompts that a template refers to.</summary>
    /// <param name="format">Only prompts of this format.</param>
    /// <param name="references"><c>name</c> (its active version) or <c>name@version</c>; null: one that is computed while rendering, so every active prompt may be it.</param>
    /// <param name="within">Only prompts that a key is bound to; null: all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The text by reference; what does not exist, or is archived, is left out.</returns>
    public async Task<IReadOnlyDictionary<string, string>> FindTextsAsync(
        string format, IReadOnlyCollection<string?> references, KeyBinding? within, CancellationToken cancellationToken)
    {
        var any = references.Contains(null);
        var names = references.OfType<string>().Select(reference => reference.Split('@')[0]).Distinct(StringComparer.Ordinal).ToArray();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var inService = context.PromptTemplates.Where(template => template.TemplateFormat == format && (names.Contains(template.Name) || (any && template.IsActive)))
            .Where(template => context.Prompts.Any(prompt => prompt.Name == template.Name && prompt.ArchivedAt == null));
        var versions = await (within is null ? inService : inService.Where(template => within.Names.Contains(template.Name) || within.Categories.Contains(template.Category)))
            .Select(template => new { template.Name, template.Version, template.IsActive, template.TemplateText })
            .ToListAsync(cancellationToken);
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var version in versions)
        {
            if (version.IsActive && (any || references.Contains(version.Name)))
                texts[version.Name] = version.TemplateText;
            var pinned = string.Create(CultureInfo.InvariantCulture, $"{version.Name}@{version.Version}");
            if (references.Contains(pinned))
                texts[pinned] = version.TemplateText;
        }
        return texts;
    }

    /// <summary>A page of the prompts, one row for all versions of a name.</summary>
    public async Task<PromptPage> ListAsync(PromptQuery query, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = Filtered(context, query);
        var total = await rows.CountAsync(cancellationToken);
        var page = Math.Clamp(query.Page, 1, new PromptPage([], total, 1).Pages);
        var found = await PromptSort.Apply(rows, query)
            .Skip((page - 1) * PromptQuery.PageSize).Take(PromptQuery.PageSize).ToListAsync(cancellationToken);
        return new PromptPage(found, total, page);
    }

    /// <summary>A page of the prompts that an actor reaches.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="query">What is listed; its page and size are of no matter.</param>
    /// <param name="request">Which page.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ListPage<PromptRow>> PageAsync(Actor actor, PromptQuery query, PageRequest request, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = Filtered(context, query);
        if (actor.Binding is { } within)
            rows = rows.Where(row => within.Names.Contains(row.Name) || within.Categories.Contains(row.Category));
        var total = await rows.CountAsync(cancellationToken);
        var found = await PromptSort.Apply(rows, query).Skip(request.Skip).Take(request.PageSize).ToListAsync(cancellationToken);
        return new ListPage<PromptRow>(found, request.Page, request.PageSize, total);
    }

    /// <summary>A version with everything that a page about it needs.</summary>
    /// <returns>Or 403 <c>prompt_not_allowed</c>, 404 <c>version_not_found</c>.</returns>
    public async Task<Answer<PromptDetail>> FindAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        if (await PromptDetail.ReadAsync(context, id, cancellationToken) is not { } found)
            return PromptProblem.NoVersion(id);
        return actor.Reaches(found.Name, found.Category)
            ? found
            : await refusals.RecordAsync(actor, $"read prompt {found.Name}", AccessProblem.OutOfReach(found.Name), cancellationToken);
    }

    /// <summary>The timeline of the prompt that a version belongs to.</summary>
    /// <returns>Or 403 <c>prompt_not_allowed</c>, 404 <c>version_not_found</c>.</returns>
    public async Task<Answer<ListPage<VersionSummary>>> VersionsAsync(Actor actor, Guid id, PageRequest request, CancellationToken cancellationToken)
    {
        var found = await FindAsync(actor, id, cancellationToken);
        if (found.Value is not { } prompt)
            return found.Problem!;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var versions = context.PromptTemplates.AsNoTracking().Where(version => version.Name == prompt.Name);
        var total = await versions.CountAsync(cancellationToken);
        var sorted = request.Descending ? versions.OrderByDescending(version => version.Version) : versions.OrderBy(version => version.Version);
        var page = await sorted.Skip(request.Skip).Take(request.PageSize).ToListAsync(cancellationToken);
        var labels = await context.PromptLabels.AsNoTracking().Where(label => label.PromptName == prompt.Name).OrderBy(label => label.Label).ToListAsync(cancellationToken);
        return new ListPage<VersionSummary>(
            [.. page.Select(version => VersionSummary.Of(version, [.. labels.Where(label => label.TemplateId == version.Id).Select(label => label.Label)]))],
            request.Page, request.PageSize, total);
    }

    /// <summary>What changed between two versions.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="id">The later one.</param>
    /// <param name="against">The earlier one: an id, or a number of the same prompt; null: the active version.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Or 400 <c>invalid_request</c>, 403 <c>prompt_not_allowed</c>, 404 <c>version_not_found</c>.</returns>
    public async Task<Answer<VersionDiff>> CompareAsync(Actor actor, Guid id, string? against, CancellationToken cancellationToken)
    {
        var found = await FindAsync(actor, id, cancellationToken);
        if (found.Value is not { } after)
            return found.Problem!;
        if (!Guid.TryParse(against, out var other))
        {
            int? number = int.TryParse(against, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : null;
            if (against is not null && number is null)
                return new Problem(400, "invalid_request", "'against' must be the id of a version, or its number.") { Extensions = { ["member"] = "against" } };
            if ((number ?? after.ActiveVersion) is not { } version)
                return new Problem(400, "invalid_request", $"'{after.Name}' has no active version: say with 'against' what to compare with.") { Extensions = { ["member"] = "against" } };
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            other = await context.PromptTemplates.Where(one => one.Name == after.Name && one.Version == version).Select(one => one.Id).SingleOrDefaultAsync(cancellationToken);
            if (other == Guid.Empty)
                return PromptProblem.NoVersion(after.Name, version);
        }
        var before = await FindAsync(actor, other, cancellationToken);
        return before.Value is { } earlier ? VersionDiff.Of(earlier, after) : before.Problem!;
    }

    /// <summary>The labels that point to a version.</summary>
    public async Task<IReadOnlyList<string>> LabelsAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.PromptLabels.Where(label => label.TemplateId == id).OrderBy(label => label.Label).Select(label => label.Label).ToListAsync(cancellationToken);
    }

    /// <summary>The figures above the list, over all prompts.</summary>
    public async Task<PromptFigures> CountAsync(CancellationToken cancellationToken)
    {
        var midnight = new DateTimeOffset(clock.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var templates = context.PromptTemplates.AsNoTracking();
        var versions = await templates.Where(template => context.Prompts.Any(prompt => prompt.Name == template.Name && prompt.ArchivedAt == null)).GroupBy(_ => 1)
            .Select(all => new
            {
                Prompts = all.Select(template => template.Name).Distinct().Count(),
                Active = all.Count(template => template.IsActive),
                Versions = all.Count(),
                ChangedAt = all.Max(template => template.UpdatedAt),
            })
            .SingleOrDefaultAsync(cancellationToken);
        var today = await context.PromptExecutions.AsNoTracking().Where(execution => execution.CreatedAt >= midnight).GroupBy(_ => 1)
            .Select(all => new
            {
                Count = all.LongCount(),
                Failed = all.LongCount(execution => execution.Status == ExecutionStatus.Error || execution.Status == ExecutionStatus.Timeout),
            })
            .SingleOrDefaultAsync(cancellationToken);
        var categories = await templates.Where(template => template.Category != null).Select(template => template.Category!)
            .Distinct().OrderBy(category => category).ToListAsync(cancellationToken);
        return new PromptFigures(versions?.Prompts ?? 0, versions?.Active ?? 0, versions?.Versions ?? 0,
            today?.Count ?? 0, today?.Failed ?? 0, versions?.ChangedAt, categories);
    }

    /// <summary>The version that speaks for a prompt: the active one, else the newest; null without such a prompt.</summary>
    public async Task<PromptTemplate?> FindShownAsync(string name, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.PromptTemplates.AsNoTracking().Where(template => template.Name == name)
            .OrderByDescending(template => template.IsActive).ThenByDescending(template => template.Version)
            .FirstOrDefaultAsync(cancellationToken);
    }

    private IQueryable<PromptRow> Filtered(StudioDbContext context, PromptQuery query)
    {
        var rows = Rows(context, clock.GetUtcNow().AddDays(-7));
        rows = query.Status switch
        {
            PromptStatus.Active => rows.Where(row => row.ActiveVersion != null),
            PromptStatus.Inactive => rows.Where(row => row.ActiveVersion == null && row.ArchivedAt == null),
            PromptStatus.Draft => rows.Where(row => row.Drafts > 0 && row.ArchivedAt == null),
            PromptStatus.Archived => rows.Where(row => row.ArchivedAt != null),
            _ => rows.Where(row => row.ArchivedAt == null),
        };
        if (query.Category is { } category)
            rows = rows.Where(row => row.Category == category);
        if (query.Search.Length == 0)
            return rows;
        var pattern = LikePattern.Containing(query.Search);
        return rows.Where(row => EF.Functions.ILike(row.Name, pattern, "\\") || EF.Functions.ILike(row.Description!, pattern, "\\"));
    }

    private static IQueryable<PromptRow> Rows(StudioDbContext context, DateTimeOffset since) => context.Database.SqlQuery<PromptRow>(
        $"""
        SELECT shown.id, shown.name, shown.description, shown.category,
               CASE WHEN shown.is_active THEN shown.version END AS active_version,
               prompt.versions, prompt.drafts, prompt.changed_at, shared.is_protected, shared.archived_at,
               (SELECT count(*) FROM prompt_executions execution
                WHERE execution.created_at >= {since}
                  AND execution.prompt_template_id IN (SELECT id FROM prompt_templates WHERE name = shown.name)) AS executions
        FROM (SELECT DISTINCT ON (name) * FROM prompt_templates ORDER BY name, is_active DESC, version DESC) shown
        JOIN (SELECT name, count(*)::int AS versions, (count(*) FILTER (WHERE frozen_at IS NULL))::int AS drafts, max(updated_at) AS changed_at
              FROM prompt_templates GROUP BY name) prompt USING (name)
        JOIN prompts shared USING (name)
        """);
}
