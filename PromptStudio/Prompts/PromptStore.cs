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
    private const string RunningExperiment = "running";

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
        var mark = await MarkAsync(context, cancellationToken);
        var rows = Filtered(context, query, mark);
        var total = await rows.CountAsync(cancellationToken);
        var page = Math.Clamp(query.Page, 1, new PromptPage([], total, 1).Pages);
        var found = await ReadAsync(context, mark, PromptSort.Apply(rows, query).Skip((page - 1) * PromptQuery.PageSize).Take(PromptQuery.PageSize), cancellationToken);
        return new PromptPage(found, total, page) { Daily = await DailyAsync(context, mark, [.. found.Select(row => row.Name)], cancellationToken) };
    }

    /// <summary>
    /// Until when executions were counted a moment ago. A query takes the time from the table again, which may be later by now; that it is not earlier tells PostgreSQL, before it plans,
    /// how few executions are left. Without that it expects a third of all, and starts workers to read them.
    /// </summary>
    private static async Task<DateTimeOffset> MarkAsync(StudioDbContext context, CancellationToken cancellationToken) =>
        (await context.Database.SqlQuery<DateTimeOffset>($"SELECT counted_until AS \"Value\" FROM execution_count_mark").ToListAsync(cancellationToken)).FirstOrDefault(DateTimeOffset.UnixEpoch);

    /// <summary>First which prompts they are, for which the database reads only what they are chosen and sorted by; then all of these few.</summary>
    private async Task<IReadOnlyList<PromptRow>> ReadAsync(StudioDbContext context, DateTimeOffset mark, IQueryable<PromptRow> page, CancellationToken cancellationToken)
    {
        var names = await page.Select(row => row.Name).ToArrayAsync(cancellationToken);
        if (names.Length == 0)
            return [];
        var rows = (await Rows(context, mark, names).ToListAsync(cancellationToken)).ToDictionary(row => row.Name, StringComparer.Ordinal);
        return [.. names.Where(rows.ContainsKey).Select(name => rows[name])];
    }

    /// <summary>How often prompts were rendered on each of the last days, UTC; the last one is today.</summary>
    private async Task<IReadOnlyDictionary<string, IReadOnlyList<long>>> DailyAsync(StudioDbContext context, DateTimeOffset mark, string[] names, CancellationToken cancellationToken)
    {
        var today = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime);
        var first = today.AddDays(1 - PromptPage.Days);
        var since = new DateTimeOffset(first, TimeOnly.MinValue, TimeSpan.Zero);
        var counts = await context.Database.SqlQuery<DailyCount>(
            $"""
            SELECT version.name, counted.day, sum(counted.executions)::bigint AS executions
            FROM (SELECT id, name FROM prompt_templates WHERE name = ANY({names})) version
            JOIN (SELECT template_id, day, executions::bigint FROM execution_days WHERE day >= {first}
                  UNION ALL
                  SELECT prompt_template_id, (created_at AT TIME ZONE 'UTC')::date, count(*) FROM prompt_executions
                  WHERE created_at >= {mark} AND created_at >= greatest({since}, (SELECT counted_until FROM execution_count_mark)) GROUP BY 1, 2) counted ON counted.template_id = version.id
            GROUP BY version.name, counted.day
            """).ToListAsync(cancellationToken);
        return counts.GroupBy(count => count.Name, StringComparer.Ordinal).ToDictionary(prompt => prompt.Key, IReadOnlyList<long> (prompt) =>
        {
            var days = new long[PromptPage.Days];
            foreach (var count in prompt.Where(count => count.Day <= today))
                days[count.Day.DayNumber - first.DayNumber] = count.Executions;
            return days;
        }, StringComparer.Ordinal);
    }

    /// <summary>A page of the prompts that an actor reaches.</summary>
    /// <param name="actor">Who asks.</param>
    /// <param name="query">What is listed; its page and size are of no matter.</param>
    /// <param name="request">Which page.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ListPage<PromptRow>> PageAsync(Actor actor, PromptQuery query, PageRequest request, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var mark = await MarkAsync(context, cancellationToken);
        var rows = Filtered(context, query, mark);
        if (actor.Binding is { } within)
            rows = rows.Where(row => within.Names.Contains(row.Name) || within.Categories.Contains(row.Category));
        var total = await rows.CountAsync(cancellationToken);
        var found = await ReadAsync(context, mark, PromptSort.Apply(rows, query).Skip(request.Skip).Take(request.PageSize), cancellationToken);
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
                Active = all.Count(template => template.IsActive),
                Versions = all.Count(),
                ChangedAt = all.Max(template => template.UpdatedAt),
            })
            .SingleOrDefaultAsync(cancellationToken);
        var mark = await MarkAsync(context, cancellationToken);
        var prompts = await context.Prompts.CountAsync(prompt => prompt.ArchivedAt == null, cancellationToken);
        var day = DateOnly.FromDateTime(midnight.UtcDateTime);
        var today = await context.Database.SqlQuery<ExecutionSums>(
            $"""
            SELECT coalesce(sum(executions), 0)::bigint AS executions, coalesce(sum(failed), 0)::bigint AS failed, coalesce(sum(blocked), 0)::bigint AS blocked
            FROM (SELECT executions, failed, blocked FROM execution_days WHERE day = {day}
                  UNION ALL
                  SELECT count(*), count(*) FILTER (WHERE status IN ({ExecutionStatus.Error}, {ExecutionStatus.Timeout})), count(*) FILTER (WHERE status = {ExecutionStatus.Blocked})
                  FROM prompt_executions
                  WHERE created_at >= {mark} AND created_at >= greatest({midnight}, (SELECT counted_until FROM execution_count_mark))) counted
            """).SingleAsync(cancellationToken);
        var running = await context.AbTestExperiments.CountAsync(experiment => experiment.Status == RunningExperiment, cancellationToken);
        var categories = await templates.Where(template => template.Category != null).Select(template => template.Category!)
            .Distinct().OrderBy(category => category).ToListAsync(cancellationToken);
        return new PromptFigures(prompts, versions?.Active ?? 0, versions?.Versions ?? 0,
            today.Executions, today.Failed, today.Blocked, running, versions?.ChangedAt, categories);
    }

    /// <summary>Names of prompts in service that contain what was typed; for completion, so only the first ones.</summary>
    public async Task<IReadOnlyList<string>> NamesAsync(string typed, int most, CancellationToken cancellationToken)
    {
        var pattern = LikePattern.Containing(PromptQuery.Storable(typed) ?? "");
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Prompts.AsNoTracking().Where(prompt => prompt.ArchivedAt == null && EF.Functions.ILike(prompt.Name, pattern, "\\"))
            .OrderBy(prompt => prompt.Name).Take(most).Select(prompt => prompt.Name).ToListAsync(cancellationToken);
    }

    /// <summary>The version that speaks for a prompt: the active one, else the newest; null without such a prompt.</summary>
    public async Task<PromptTemplate?> FindShownAsync(string name, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.PromptTemplates.AsNoTracking().Where(template => template.Name == name)
            .OrderByDescending(template => template.IsActive).ThenByDescending(template => template.Version)
            .FirstOrDefaultAsync(cancellationToken);
    }

    private IQueryable<PromptRow> Filtered(StudioDbContext context, PromptQuery query, DateTimeOffset mark)
    {
        var rows = Rows(context, mark, []);
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

    /// <summary>Prompts with what a list shows of them. Each has a version, so outer joins find the same as inner ones would; but the database leaves those out that nobody asks for.</summary>
    /// <param name="context">The database.</param>
    /// <param name="mark">See <see cref="MarkAsync"/>.</param>
    /// <param name="names">Only these; none: all.</param>
    private IQueryable<PromptRow> Rows(StudioDbContext context, DateTimeOffset mark, string[] names)
    {
        var first = DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime.AddDays(-6));
        var since = new DateTimeOffset(first, TimeOnly.MinValue, TimeSpan.Zero);
        return context.Database.SqlQuery<PromptRow>(
            $"""
            SELECT shown.id, shared.name, shown.description, shown.category,
                   CASE WHEN shown.is_active THEN shown.version END AS active_version,
                   prompt.versions, prompt.drafts, prompt.changed_at, shared.is_protected, shared.archived_at,
                   coalesce(used.executions, 0) AS executions
            FROM (SELECT name, is_protected, archived_at FROM prompts WHERE cardinality({names}) = 0 OR name = ANY({names})) shared
            LEFT JOIN (SELECT DISTINCT ON (name) id, name, description, category, is_active, version FROM prompt_templates
                       WHERE cardinality({names}) = 0 OR name = ANY({names})
                       ORDER BY name, is_active DESC, version DESC) shown USING (name)
            LEFT JOIN (SELECT name, count(*)::int AS versions, (count(*) FILTER (WHERE frozen_at IS NULL))::int AS drafts, max(updated_at) AS changed_at
                       FROM prompt_templates WHERE cardinality({names}) = 0 OR name = ANY({names}) GROUP BY name) prompt USING (name)
            LEFT JOIN (SELECT version.name, sum(counted.executions)::bigint AS executions
                       FROM (SELECT template_id, sum(executions) AS executions FROM execution_days WHERE day >= {first} GROUP BY template_id
                             UNION ALL
                             SELECT prompt_template_id, count(*) FROM prompt_executions
                             WHERE created_at >= {mark} AND created_at >= greatest({since}, (SELECT counted_until FROM execution_count_mark)) GROUP BY prompt_template_id) counted
                       JOIN prompt_templates version ON version.id = counted.template_id AND (cardinality({names}) = 0 OR version.name = ANY({names}))
                       GROUP BY version.name) used USING (name)
            """);
    }

    private sealed record ExecutionSums
    {
        public long Executions { get; init; }
        public long Failed { get; init; }
        public long Blocked { get; init; }
    }

    private sealed record DailyCount
    {
        public required string Name { get; init; }
        public DateOnly Day { get; init; }
        public long Executions { get; init; }
    }
}
