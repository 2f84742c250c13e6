namespace PromptStudio.Core.Templating;

/// <summary>Finds the templates that a render includes, imports or extends. Called while rendering: it must not wait for I/O.</summary>
public interface ITemplateLoader
{
    /// <summary>The parsed template of a name; null when there is none.</summary>
    /// <param name="name">The name as the template says it.</param>
    /// <param name="options">The options of the template that asks.</param>
    /// <exception cref="TemplateException">The named text is not a template.</exception>
    ITemplate? Load(string name, TemplateOptions options);
}

/// <summary>Templates given by their texts, parsed when first asked for.</summary>
/// <param name="cache">Parses and keeps them.</param>
/// <param name="engine">The language of the texts.</param>
/// <param name="texts">Name to text.</param>
public sealed class TextTemplateLoader(TemplateCache cache, ITemplateEngine engine, IReadOnlyDictionary<string, string> texts) : ITemplateLoader
{
    /// <inheritdoc/>
    public ITemplate? Load(string name, TemplateOptions options) =>
        texts.TryGetValue(name, out var text) ? cache.Get(engine, text, options) : null;
}
