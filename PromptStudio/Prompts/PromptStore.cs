using System.Globalization;
using Microsoft.EntityFrameworkCore;
using PromptStudio.Core.Executions;
using PromptStudio.Core.Prompts;
using PromptStudio.Database;
using PromptStudio.Web;

namespace PromptStudio.Prompts;

/// <summary>Every query and command about prompts.</summary>
public sealed class PromptStore(IDbContextFactory<StudioDbContext> contexts, TimeProvider clock)
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
        if (await asked.SingleOrDefaultAsync(cancellationToken) is { } found)
            return found;
        if (!await versions.AnyAsync(cancellationToken))
            return new Problem(404, "prompt_not_found", $"There is no prompt '{name}'.");
        return new Problem(404, "version_not_found",
            version is not null ? $"'{name}' has no version {version}."
            : label is null or LabelName.Production ? $"'{name}' has no active version. Activate one in the studio, or ask for a version or a label."
            : $"'{name}' has no label '{label}'.");
    }

    /// <summary>The texts of prompts that a template refers to.</summary>
    /// <param name="format">Only prompts of this format.</param>
    /// <param name="references"><c>name</c> (its active version) or <c>name@version</c>; null: one that is computed while rendering, so every active prompt may be it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The text by reference; what does not exist is left out.</returns>
    public async Task<IReadOnlyDictionary<string, string>> FindTextsAsync(string format, IReadOnlyCollection<string?> references, CancellationToken cancellationToken)
    {
        var any = references.Contains(null);
        var names = references.OfType<string>().Select(reference => reference.Split('@')[0]).Distinct(StringComparer.Ordinal).ToArray();
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var versions = await context.PromptTemplates
            .Where(template => template.TemplateFormat == format && (names.Contains(template.Name) || (any && template.IsActive)))
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
        var rows = Rows(context, clock.GetUtcNow().AddDays(-7));
        if (query.Category is { } category)
            rows = rows.Where(row => row.Category == category);
        if (query.Search.Length > 0)
        {
            var pattern = LikePattern.Containing(query.Search);
            rows = rows.Where(row => EF.Functions.ILike(row.Name, pattern, "\\") || EF.Functions.ILike(row.Description!, pattern, "\\"));
        }
        var total = await rows.CountAsync(cancellationToken);
        var page = Math.Clamp(query.Page, 1, new PromptPage([], total, 1).Pages);
        var found = await PromptSort.Apply(rows, query)
            .Skip((page - 1) * PromptQuery.PageSize).Take(PromptQuery.PageSize).ToListAsync(cancellationToken);
        return new PromptPage(found, total, page);
    }

    /// <summary>The figures above the list, over all prompts.</summary>
    public async Task<PromptFigures> CountAsync(CancellationToken cancellationToken)
    {
        var midnight = new DateTimeOffset(clock.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var templates = context.PromptTemplates.AsNoTracking();
        var versions = await templates.GroupBy(_ => 1)
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

    private static IQueryable<PromptRow> Rows(StudioDbContext context, DateTimeOffset since) => context.Database.SqlQuery<PromptRow>(
        $"""
        SELECT shown.name, shown.description, shown.category,
               CASE WHEN shown.is_active THEN shown.version END AS active_version,
               prompt.versions, prompt.changed_at,
               (SELECT count(*) FROM prompt_executions execution
                WHERE execution.created_at >= {since}
                  AND execution.prompt_template_id IN (SELECT id FROM prompt_templates WHERE name = shown.name)) AS executions
        FROM (SELECT DISTINCT ON (name) * FROM prompt_templates ORDER BY name, is_active DESC, version DESC) shown
        JOIN (SELECT name, count(*)::int AS versions, max(updated_at) AS changed_at FROM prompt_templates GROUP BY name) prompt USING (name)
        """);
}
