using Microsoft.EntityFrameworkCore;
using PromptStudio.Access;
using PromptStudio.Core.Access;
using PromptStudio.Core.Prompts;
using PromptStudio.Database;
using PromptStudio.Web;

namespace PromptStudio.Prompts;

/// <summary>A label of a prompt, and where it points.</summary>
public sealed record LabelPointer
{
    public required string Label { get; init; }
    public required int Version { get; init; }

    /// <summary>The version's id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Only who may promote can move it.</summary>
    public required bool IsProtected { get; init; }

    public DateTimeOffset? UpdatedAt { get; init; }
    public string? UpdatedBy { get; init; }
}

/// <summary>The labels of a prompt.</summary>
public sealed record LabelList(IReadOnlyList<LabelPointer> Items);

/// <summary>A label over all prompts.</summary>
public sealed record LabelRow
{
    public required string Label { get; init; }

    /// <summary>Only who may promote can move it.</summary>
    public bool IsProtected { get; init; }

    /// <summary>How many prompts have it.</summary>
    public int Prompts { get; init; }
}

/// <summary>Every query about labels.</summary>
public sealed class LabelStore(IDbContextFactory<StudioDbContext> contexts, Refusals refusals)
{
    /// <summary>The labels of a prompt, <c>production</c> among them when a version is active.</summary>
    /// <returns>Or 403 <c>prompt_not_allowed</c>, 404 <c>prompt_not_found</c>.</returns>
    public async Task<Answer<LabelList>> OfPromptAsync(Actor actor, string name, CancellationToken cancellationToken)
    {
        if (StorableJson.Problem(name) is not null)
            return PromptProblem.NotFound(name);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var shown = await context.PromptTemplates.AsNoTracking().Where(version => version.Name == name)
            .OrderByDescending(version => version.IsActive).ThenByDescending(version => version.Version).FirstOrDefaultAsync(cancellationToken);
        if (shown is null)
            return PromptProblem.NotFound(name);
        if (!actor.Reaches(name, shown.Category))
            return await refusals.RecordAsync(actor, $"read labels of prompt {name}", AccessProblem.OutOfReach(name), cancellationToken);
        var pointers = await context.PromptLabels.Where(label => label.PromptName == name).OrderBy(label => label.Label)
            .Join(context.PromptTemplates, label => label.TemplateId, version => version.Id, (label, version) => new LabelPointer
            {
                Label = label.Label,
                Version = version.Version,
                Id = version.Id,
                IsProtected = context.ProtectedLabels.Any(one => one.Label == label.Label),
                UpdatedAt = label.UpdatedAt,
                UpdatedBy = label.UpdatedBy,
            })
            .ToListAsync(cancellationToken);
        if (shown.IsActive)
        {
            pointers.Insert(0, new LabelPointer
            {
                Label = LabelName.Production,
                Version = shown.Version,
                Id = shown.Id,
                IsProtected = await context.ProtectedLabels.AnyAsync(one => one.Label == LabelName.Production, cancellationToken),
                UpdatedAt = shown.ActivatedAt,
            });
        }
        return new LabelList(pointers);
    }

    /// <summary>Every label that a prompt has or that is protected; of a bound key's prompts only.</summary>
    public async Task<ListPage<LabelRow>> ListAsync(Actor actor, PageRequest request, CancellationToken cancellationToken)
    {
        string[]? names = actor.Binding is { } binding ? [.. binding.Names] : null;
        string[] categories = [.. actor.Binding?.Categories ?? []];
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = context.Database.SqlQuery<LabelRow>(
            $"""
            SELECT label, bool_or(is_protected) AS is_protected, sum(prompts)::int AS prompts
            FROM (SELECT label, true AS is_protected, 0 AS prompts FROM protected_labels
                  UNION ALL
                  SELECT pointer.label, false, 1 FROM prompt_labels pointer JOIN prompt_templates version ON version.id = pointer.template_id
                  WHERE {names}::text[] IS NULL OR version.name = ANY({names}) OR version.category = ANY({categories})
                  UNION ALL
                  SELECT 'production', false, 1 FROM prompt_templates version
                  WHERE is_active AND ({names}::text[] IS NULL OR version.name = ANY({names}) OR version.category = ANY({categories}))) one
            GROUP BY label
            """);
        var total = await rows.CountAsync(cancellationToken);
        var sorted = (request.SortField, request.Descending) switch
        {
            ("prompts", false) => rows.OrderBy(row => row.Prompts).ThenBy(row => row.Label),
            ("prompts", true) => rows.OrderByDescending(row => row.Prompts).ThenBy(row => row.Label),
            (_, false) => rows.OrderBy(row => row.Label),
            (_, true) => rows.OrderByDescending(row => row.Label),
        };
        return new ListPage<LabelRow>(await sorted.Skip(request.Skip).Take(request.PageSize).ToListAsync(cancellationToken), request.Page, request.PageSize, total);
    }
}
