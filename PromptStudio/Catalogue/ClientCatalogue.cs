using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptStudio.Core.Access;
using PromptStudio.Core.Prompts;
using PromptStudio.Core.Templating;
using PromptStudio.Database;
using PromptStudio.Guardrails;
using PromptStudio.Prompts;
using PromptStudio.Rendering;

namespace PromptStudio.Catalogue;

/// <summary>What a client keeps to be able to render by itself while the studio is down: every version in service that its key reaches.</summary>
public sealed class ClientCatalogue(IDbContextFactory<StudioDbContext> contexts, StoredIncludes includes, TemplateCache templates)
{
    /// <summary>Stands for everything that the catalogue is made of: another one, and something has changed. Costs one look that reads no texts.</summary>
    public async Task<string> RevisionAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.Database.SqlQuery<string>(
            $"""
            SELECT md5(concat_ws('|',
                (SELECT string_agg(concat_ws(',', id, revision, is_active), ';' ORDER BY id) FROM prompt_templates),
                (SELECT string_agg(name, ';' ORDER BY name) FROM prompts WHERE archived_at IS NOT NULL),
                (SELECT string_agg(concat_ws(',', prompt_name, label, template_id), ';' ORDER BY prompt_name, label) FROM prompt_labels),
                (SELECT string_agg(concat_ws(',', id, revision, is_active), ';' ORDER BY id) FROM prompt_guardrails))) AS "Value"
            """).SingleAsync(cancellationToken);
    }

    /// <summary>The ETag of what an actor gets of a revision: keys that are bound to other prompts get other ones.</summary>
    public static string Tag(string revision, KeyBinding? binding) => binding is null
        ? $"\"{revision}\""
        : $"\"{revision}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', [.. binding.Names, "", .. binding.Categories]))))[..16]}\"";

    /// <summary>Reads the catalogue of an actor.</summary>
    public async Task<CatalogueAnswer> ReadAsync(Actor actor, string revision, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var labels = (await context.PromptLabels.AsNoTracking().ToListAsync(cancellationToken)).ToLookup(label => label.TemplateId, label => label.Label);
        var versions = context.PromptTemplates.AsNoTracking()
            .Where(version => version.IsActive || context.PromptLabels.Any(label => label.TemplateId == version.Id))
            .Where(version => context.Prompts.Any(prompt => prompt.Name == version.Name && prompt.ArchivedAt == null));
        if (actor.Binding is { } within)
            versions = versions.Where(version => within.Names.Contains(version.Name) || within.Categories.Contains(version.Category));
        var guardrails = await context.PromptGuardrails.AsNoTracking()
            .Where(guardrail => guardrail.IsActive && guardrail.EnforcementLevel == GuardrailWords.Blocking && guardrail.Scope != GuardrailWords.Response)
            .Select(guardrail => guardrail.AppliesTo).ToListAsync(cancellationToken);
        List<CatalogueVersion> found = [];
        foreach (var version in await versions.OrderBy(version => version.Name).ThenBy(version => version.Version).ToListAsync(cancellationToken))
        {
            var (texts, obstacle) = await IncludedAsync(actor, version, cancellationToken);
            found.Add(new CatalogueVersion
            {
                TemplateId = version.Id,
                Name = version.Name,
                Version = version.Version,
                Category = version.Category,
                Labels = [.. labels[version.Id].Concat(version.IsActive ? [LabelName.Production] : []).Order(StringComparer.Ordinal)],
                TemplateFormat = version.TemplateFormat,
                TemplateText = obstacle is null ? version.TemplateText : "",
                TemplateVariables = version.TemplateVariables is { } variables ? JsonElement.Parse(variables) : null,
                Includes = texts,
                IsGuarded = guardrails.Exists(appliesTo => appliesTo is null or [] || appliesTo.Contains(version.Name) || appliesTo.Contains(version.Category)),
                NotLocal = obstacle,
            });
        }
        return new CatalogueAnswer(revision, found);
    }

    /// <summary>The texts that a version includes, by the names that it says; or why a client cannot have them.</summary>
    private async Task<(IReadOnlyDictionary<string, string> Texts, string? Obstacle)> IncludedAsync(Actor actor, PromptTemplate version, CancellationToken cancellationToken)
    {
        var none = new Dictionary<string, string>();
        if (TemplateEngines.Find(version.TemplateFormat) is not { } engine)
            return (none, CatalogueObstacle.Broken);
        try
        {
            var all = await includes.TextsAsync(engine, templates.Get(engine, version.TemplateText, TemplateOptions.Studio), templates, IncludeScope.All, cancellationToken);
            if (all.HasComputed)
                return (none, CatalogueObstacle.Computed);
            if (all.Texts.Count == 0 || actor.Binding is null)
                return (all.Texts, null);
            var reached = await includes.TextsAsync(
                engine, templates.Get(engine, version.TemplateText, TemplateOptions.Studio), templates, new IncludeScope(actor.Binding, none), cancellationToken);
            return reached.Texts.Count == all.Texts.Count ? (all.Texts, null) : (none, CatalogueObstacle.OutOfReach);
        }
        catch (TemplateException)
        {
            return (none, CatalogueObstacle.Broken);
        }
    }
}

/// <summary>Why a version can be rendered by the studio only; programs look at these words, so they never change.</summary>
public static class CatalogueObstacle
{
    /// <summary>It includes prompts that the key is bound away from.</summary>
    public const string OutOfReach = "includes_out_of_reach";

    /// <summary>It includes prompts whose names are computed while it is rendered.</summary>
    public const string Computed = "includes_computed";

    /// <summary>Its text cannot be rendered.</summary>
    public const string Broken = "template_broken";

    public static IReadOnlyList<string> All { get; } = [OutOfReach, Computed, Broken];
}

/// <summary>What a client keeps.</summary>
/// <param name="Revision">What <c>GET /api/catalogue/changes</c> tells of.</param>
/// <param name="Versions">Every version that is active or labelled.</param>
public sealed record CatalogueAnswer(string Revision, IReadOnlyList<CatalogueVersion> Versions);

/// <summary>A version that a client can render by itself.</summary>
public sealed record CatalogueVersion
{
    public required Guid TemplateId { get; init; }
    public required string Name { get; init; }
    public required int Version { get; init; }
    public string? Category { get; init; }

    /// <summary>The labels that point to it; <c>production</c>: it is the active one.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary><c>jinja2</c> or <c>scriban</c>.</summary>
    public required string TemplateFormat { get; init; }

    /// <summary>Empty when <c>not_local</c> is given.</summary>
    public required string TemplateText { get; init; }

    public JsonElement? TemplateVariables { get; init; }

    /// <summary>The texts that it includes, by the names that it says.</summary>
    public required IReadOnlyDictionary<string, string> Includes { get; init; }

    /// <summary>Whether a blocking guardrail looks at its renders: a client cannot ask it.</summary>
    public required bool IsGuarded { get; init; }

    /// <summary>Why only the studio can render it: <c>includes_out_of_reach</c>, <c>includes_computed</c> or <c>template_broken</c>.</summary>
    public string? NotLocal { get; init; }
}
