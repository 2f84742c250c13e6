using Microsoft.EntityFrameworkCore;
using PromptStudio.Core.Executions;
using PromptStudio.Core.Prompts.Files;
using PromptStudio.Database;

namespace PromptStudio.Prompts;

/// <summary>Prompts as their files would be, with what an import must know beyond them.</summary>
internal static class StoredPrompts
{
    /// <summary>Reads prompts with all their versions and labels.</summary>
    /// <param name="context">May have a transaction.</param>
    /// <param name="names">Which ones; names that do not exist are left out.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>In the order of their names.</returns>
    public static async Task<IReadOnlyList<StoredPrompt>> ReadAsync(StudioDbContext context, IReadOnlyCollection<string> names, CancellationToken cancellationToken)
    {
        var prompts = await context.Prompts.AsNoTracking().Where(prompt => names.Contains(prompt.Name)).ToListAsync(cancellationToken);
        var versions = await context.PromptTemplates.AsNoTracking().Where(template => names.Contains(template.Name)).ToListAsync(cancellationToken);
        var labels = await context.PromptLabels.AsNoTracking().Where(label => names.Contains(label.PromptName)).ToListAsync(cancellationToken);
        var versionsOf = versions.ToLookup(version => version.Name);
        var labelsOf = labels.ToLookup(label => label.PromptName);
        return [.. prompts.OrderBy(prompt => prompt.Name, StringComparer.Ordinal).Select(prompt => Of(prompt, [.. versionsOf[prompt.Name].OrderBy(version => version.Version)], labelsOf[prompt.Name]))];
    }

    private static StoredPrompt Of(Prompt prompt, IReadOnlyList<PromptTemplate> versions, IEnumerable<PromptLabel> labels)
    {
        var numbers = versions.ToDictionary(version => version.Id, version => version.Version);
        // Every version carries what is the whole prompt's.
        var newest = versions.Count > 0 ? versions[^1] : null;
        var head = new PromptHead
        {
            Description = newest?.Description is { Length: > 0 } description ? description : null,
            Category = newest?.Category is { Length: > 0 } category ? category : null,
            IsProtected = prompt.IsProtected,
            RequiresApproval = prompt.RequiresApproval,
            StoreRenderedPrompt = newest?.StoreRenderedPrompt ?? StoredForm.Full,
            IsArchived = prompt.ArchivedAt is not null,
            ActiveVersion = versions.FirstOrDefault(version => version.IsActive)?.Version,
            Labels = new SortedDictionary<string, int>(labels.ToDictionary(label => label.Label, label => numbers[label.TemplateId]), StringComparer.Ordinal),
            CreatedBy = prompt.CreatedBy,
            CreatedAt = prompt.CreatedAt,
        };
        var files = versions.Select(version => new PromptVersionFile
        {
            Version = version.Version,
            Format = version.TemplateFormat,
            Text = version.TemplateText,
            Variables = version.TemplateVariables,
            Message = version.Message,
            Parent = version.ParentVersionId is { } parent ? numbers[parent] : null,
            CreatedBy = version.CreatedBy,
            CreatedAt = version.CreatedAt,
        });
        return new StoredPrompt(
            new PromptFolder(prompt.Name, head, [.. files]),
            versions.Where(version => version.FrozenAt is not null).Select(version => version.Version).ToHashSet(),
            versions.Where(version => version.ApprovedAt is not null || version.ActivatedAt is not null).Select(version => version.Version).ToHashSet());
    }
}
