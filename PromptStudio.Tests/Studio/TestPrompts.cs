using Microsoft.EntityFrameworkCore;
using PromptStudio.Database;
using PromptStudio.Prompts;

namespace PromptStudio.Tests.Studio;

/// <summary>Prompts that are there before a test begins, without the commands that make them.</summary>
internal static class TestPrompts
{
    /// <summary>Stores a version, and its prompt when it is the first one.</summary>
    public static async Task AddVersionAsync(this StudioDbContext context, PromptTemplate version)
    {
        if (!await context.Prompts.AnyAsync(prompt => prompt.Name == version.Name, TestContext.Current.CancellationToken))
            context.Prompts.Add(new Prompt { Name = version.Name, CreatedAt = TimeProvider.System.GetUtcNow() });
        if (version.IsActive)
            version.FrozenAt ??= TimeProvider.System.GetUtcNow();
        context.PromptTemplates.Add(version);
        await context.SaveChangesAsync(TestContext.Current.CancellationToken);
    }
}
