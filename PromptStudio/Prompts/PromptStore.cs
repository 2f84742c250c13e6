using System.Globalization;
using Microsoft.EntityFrameworkCore;
using PromptStudio.Database;
using PromptStudio.Web;

namespace PromptStudio.Prompts;

/// <summary>Every query and command about prompts.</summary>
public sealed class PromptStore(IDbContextFactory<StudioDbContext> contexts)
{
    /// <summary>The label that always points to the active version.</summary>
    private const string Production = "production";

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
            : label is null or Production ? versions.Where(template => template.IsActive)
            : versions.Where(template => context.PromptLabels.Any(l => l.PromptName == name && l.Label == label && l.TemplateId == template.Id));
        if (await asked.SingleOrDefaultAsync(cancellationToken) is { } found)
            return found;
        if (!await versions.AnyAsync(cancellationToken))
            return new Problem(404, "prompt_not_found", $"There is no prompt '{name}'.");
        return new Problem(404, "version_not_found",
            version is not null ? $"'{name}' has no version {version}."
            : label is null or Production ? $"'{name}' has no active version. Activate one in the studio, or ask for a version or a label."
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
}
