namespace PromptStudio.Core.Templating;

/// <summary>A template language: turns text into a template that can be rendered many times.</summary>
public interface ITemplateEngine
{
    /// <summary>The <c>template_format</c> that chooses this engine, e.g. <c>jinja2</c>.</summary>
    string Format { get; }

    /// <summary>Parses a template.</summary>
    /// <param name="text">The template's text.</param>
    /// <param name="options">How the text is read and rendered.</param>
    /// <exception cref="TemplateException">The text is not a template; the error has its line and column.</exception>
    ITemplate Parse(string text, TemplateOptions options);
}

/// <summary>A parsed template: immutable, and safe to render from many threads at once.</summary>
public interface ITemplate
{
    /// <summary>The names that the template reads and does not set itself, in order of first use.</summary>
    IReadOnlyList<string> FreeVariables { get; }

    /// <summary>Renders the template under the request's limits.</summary>
    /// <exception cref="TemplateException">The template failed, or reached a limit.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    string Render(RenderRequest request);
}
