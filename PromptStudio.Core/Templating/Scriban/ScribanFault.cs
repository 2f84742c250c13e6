using Scriban.Parsing;
using Scriban.Syntax;

namespace PromptStudio.Core.Templating.Scriban;

/// <summary>A failure that this engine raises inside a render; Scriban lets its own exception type through as it is.</summary>
internal sealed class ScribanFault(SourceSpan span, TemplateErrorKind kind, string message) : ScriptRuntimeException(span, message)
{
    public TemplateErrorKind Kind { get; } = kind;

    /// <summary>The option of <see cref="RenderLimits"/> that was reached.</summary>
    public string? Limit { get; init; }

    public string? Suggestion { get; init; }

    /// <summary>An error that already has its place: an included text that is no template.</summary>
    public TemplateError? Known { get; init; }

    public static ScribanFault OverLimit(SourceSpan span, string limit, string message) => new(span, TemplateErrorKind.Limit, message) { Limit = limit };
}
