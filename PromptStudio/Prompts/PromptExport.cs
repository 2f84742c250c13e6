using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using PromptStudio.Core.Access;
using PromptStudio.Core.Prompts.Files;
using PromptStudio.Database;

namespace PromptStudio.Prompts;

/// <summary>Prompts as files, by the rule of <see cref="PromptFiles"/>.</summary>
public sealed class PromptExport(IDbContextFactory<StudioDbContext> contexts)
{
    /// <summary>Prompts that are read at once: an export of any size takes little memory.</summary>
    private const int Batch = 50;

    /// <summary>The files of all prompts that the actor may see, in the order of their names.</summary>
    /// <param name="actor">Who reads.</param>
    /// <param name="names">Only these; empty: all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async IAsyncEnumerable<PromptFile> FilesAsync(Actor actor, IReadOnlyCollection<string> names, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.Read))
            yield break;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var all = await context.Prompts.AsNoTracking().Where(prompt => names.Count == 0 || names.Contains(prompt.Name)).Select(prompt => prompt.Name).ToListAsync(cancellationToken);
        foreach (var batch in all.Order(StringComparer.Ordinal).Chunk(Batch))
        {
            foreach (var prompt in await StoredPrompts.ReadAsync(context, batch, cancellationToken))
            {
                if (!actor.Reaches(prompt.Folder.Name, prompt.Folder.Head?.Category))
                    continue;
                foreach (var file in PromptFiles.Write(prompt.Folder))
                    yield return file;
            }
        }
    }
}
