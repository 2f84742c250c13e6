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
}
