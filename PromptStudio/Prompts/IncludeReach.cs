using Microsoft.EntityFrameworkCore;
using PromptStudio.Access;
using PromptStudio.Core.Access;
using PromptStudio.Core.Templating;
using PromptStudio.Database;
using PromptStudio.Web;

namespace PromptStudio.Prompts;

/// <summary>
/// What a bound key writes may include only prompts that it reaches: a render includes whatever the text names, for its author has
/// decided that, and so the text of any prompt would stand in the answers of a prompt that the key may write.
/// </summary>
internal static class IncludeReach
{
    /// <summary>Whether an actor may write a text.</summary>
    /// <param name="context">Asked for the categories of what is included.</param>
    /// <param name="actor">Who writes.</param>
    /// <param name="format">The text's format.</param>
    /// <param name="text">The text. One that cannot be read is never rendered, so it includes nothing.</param>
    /// <param name="before">Texts of the same prompt, with their formats: what they include, others have allowed.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>403 <c>prompt_not_allowed</c>, or null.</returns>
    public static async Task<Problem?> ProblemAsync(
        StudioDbContext context, Actor actor, string format, string text, IEnumerable<(string Format, string Text)> before, CancellationToken cancellationToken)
    {
        if (actor.Binding is not { } binding)
            return null;
        var references = References(format, text).Except(before.Where(one => one.Format == format).SelectMany(one => References(format, one.Text))).ToList();
        if (references.Contains(null))
            return AccessProblem.ComputedInclude;
        foreach (var name in references.Select(reference => reference!.Split('@')[0]).Except(binding.Names))
        {
            // A name that nobody has yet may be anybody's tomorrow.
            if (StorableJson.Problem(name) is not null
                || !await context.PromptTemplates.AnyAsync(version => version.Name == name && version.Category != null && binding.Categories.Contains(version.Category), cancellationToken))
            {
                return AccessProblem.OutOfReach(name);
            }
        }
        return null;
    }

    private static IEnumerable<string?> References(string format, string text)
    {
        try
        {
            return TemplateEngines.Find(format)?.Parse(text, TemplateOptions.Studio).References.Select(reference => reference.Name) ?? [];
        }
        catch (TemplateException)
        {
            return [];
        }
    }
}
