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

    /// <summary>Everything wrong with a text that can be said without rendering it; empty when it parses.</summary>
    /// <param name="text">The template's text.</param>
    /// <param name="options">How the text is read.</param>
    IReadOnlyList<TemplateError> Check(string text, TemplateOptions options)
    {
        try
        {
            return Parse(text, options).Diagnostics;
        }
        catch (TemplateException e)
        {
            return [e.Error];
        }
    }
}

/// <summary>A parsed template: immutable, and safe to render from many threads at once.</summary>
public interface ITemplate
{
    /// <summary>The names that the template reads and does not set itself, in order of first use.</summary>
    IReadOnlyList<string> FreeVariables { get; }

    /// <summary>The other templates that the text names literally, in order of their first place.</summary>
    IReadOnlyList<TemplateReference> References => [];

    /// <summary>Faults that only some renders would meet, such as an unknown filter inside an <c>if</c>.</summary>
    IReadOnlyList<TemplateError> Diagnostics => [];

    /// <summary>Renders the template under the request's limits.</summary>
    /// <exception cref="TemplateException">The template failed, or reached a limit.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    string Render(RenderRequest request) => RenderWithLiterals(request).Text;

    /// <summary>Renders the template, and tells its own words from those of the values: what a chat prompt is read by.</summary>
    /// <exception cref="TemplateException">The template failed, or reached a limit.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    RenderedText RenderWithLiterals(RenderRequest request);
}

/// <summary>How a template names another one.</summary>
public enum TemplateReferenceKind
{
    /// <summary>The other template's text is rendered in place.</summary>
    Include,

    /// <summary>The other template's macros and variables are used.</summary>
    Import,

    /// <summary>The other template is the parent.</summary>
    Extends,
}

/// <summary>Another template that a template names.</summary>
/// <param name="Kind">How it is used.</param>
/// <param name="Name">Its name; null when only a render can tell.</param>
/// <param name="Line">The line of the naming statement, from 1.</param>
/// <param name="MayBeMissing">The statement says <c>ignore missing</c>, or lists alternatives.</param>
public sealed record TemplateReference(TemplateReferenceKind Kind, string? Name, int Line, bool MayBeMissing);
