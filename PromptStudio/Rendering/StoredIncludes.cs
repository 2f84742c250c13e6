using PromptStudio.Core.Access;
using PromptStudio.Core.Templating;
using PromptStudio.Prompts;

namespace PromptStudio.Rendering;

/// <summary>What a template may include.</summary>
/// <param name="Within">Only stored prompts that a key is bound to; null: all.</param>
/// <param name="StandIns">Texts by name, which come before stored prompts.</param>
public sealed record IncludeScope(KeyBinding? Within, IReadOnlyDictionary<string, string> StandIns)
{
    /// <summary>Every stored prompt.</summary>
    public static IncludeScope All { get; } = new(null, new Dictionary<string, string>());
}

/// <summary>Reads the prompts that a template includes, and those that they include, before it is rendered: rendering itself waits for nothing.</summary>
public sealed class StoredIncludes(PromptStore prompts)
{
    /// <summary>The loader for a render; null when the template includes nothing.</summary>
    /// <param name="engine">The template's language, which is that of what it includes.</param>
    /// <param name="root">The template.</param>
    /// <param name="templates">Keeps what is parsed.</param>
    /// <param name="scope">What it may include.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ITemplateLoader?> LoadAsync(ITemplateEngine engine, ITemplate root, TemplateCache templates, IncludeScope scope, CancellationToken cancellationToken)
    {
        if (root.References.Count == 0)
            return null;
        return new TextTemplateLoader(templates, engine, (await TextsAsync(engine, root, templates, scope, cancellationToken)).Texts);
    }

    /// <summary>The texts that a render may include, by the names that templates say.</summary>
    /// <returns>The texts, and whether a template computes such a name while it is rendered.</returns>
    public async Task<(IReadOnlyDictionary<string, string> Texts, bool HasComputed)> TextsAsync(
        ITemplateEngine engine, ITemplate root, TemplateCache templates, IncludeScope scope, CancellationToken cancellationToken)
    {
        var hasComputed = false;
        var texts = new Dictionary<string, string>(scope.StandIns, StringComparer.Ordinal);
        List<TemplateReference> next = [.. root.References, .. scope.StandIns.Values.SelectMany(text => ReferencesOf(engine, templates, text))];
        while (next.Count > 0)
        {
            hasComputed |= next.Exists(reference => reference.Name is null);
            string?[] asked = [.. next.Select(reference => reference.Name).Where(name => name is null || (!texts.ContainsKey(name) && Web.StorableJson.Problem(name) is null))];
            if (asked.Length == 0)
                break;
            var found = await prompts.FindTextsAsync(engine.Format, asked, scope.Within, cancellationToken);
            next = [.. found.Where(text => texts.TryAdd(text.Key, text.Value)).SelectMany(text => ReferencesOf(engine, templates, text.Value))];
        }
        return (texts, hasComputed);
    }

    /// <summary>A broken prompt includes nothing; rendering it tells what is wrong with it, and from where it was included.</summary>
    private static IReadOnlyList<TemplateReference> ReferencesOf(ITemplateEngine engine, TemplateCache templates, string text)
    {
        try
        {
            return templates.Get(engine, text, TemplateOptions.Studio).References;
        }
        catch (TemplateException)
        {
            return [];
        }
    }
}
