namespace PromptStudio.Core.Templating;

/// <summary>What kind of failure a template ran into.</summary>
public enum TemplateErrorKind
{
    /// <summary>The text is not a template.</summary>
    Syntax,

    /// <summary>A variable, attribute or item does not exist.</summary>
    Undefined,

    /// <summary>A value has the wrong type or range for what is done with it.</summary>
    Type,

    /// <summary>A limit of the render was reached.</summary>
    Limit,

    /// <summary>The sandbox refused an access.</summary>
    Security,

    /// <summary>A template that is included, imported or extended does not exist.</summary>
    NotFound,

    /// <summary>The caller gave up.</summary>
    Cancelled,
}

/// <summary>A step of the way from the rendered template to the failure: an include, a macro, a block.</summary>
/// <param name="What">For example <c>macro 'row'</c> or <c>include 'footer'</c>.</param>
/// <param name="TemplateName">The template that the step was taken in; null for the one that is rendered.</param>
/// <param name="Line">The line that took the step, from 1.</param>
public sealed record TemplateFrame(string What, string? TemplateName, int Line);

/// <summary>A failure of a template, with its place.</summary>
/// <param name="Kind">What kind of failure.</param>
/// <param name="Message">One sentence for people, without the place.</param>
/// <param name="Line">The line, from 1; 0 when the failure has no place.</param>
/// <param name="Column">The column in code points, from 1; 0 when the failure has no place.</param>
public sealed record TemplateError(TemplateErrorKind Kind, string Message, int Line, int Column)
{
    /// <summary>The exception that Python's Jinja2 raises here, e.g. <c>UndefinedError</c>, <c>TypeError</c>.</summary>
    public string PythonType { get; init; } = "TemplateError";

    /// <summary>The name of the template that failed; null for the one that is rendered.</summary>
    public string? TemplateName { get; init; }

    /// <summary>The line of the end, from 1.</summary>
    public int EndLine { get; init; } = Line;

    /// <summary>The column just after the end, from 1.</summary>
    public int EndColumn { get; init; } = Column;

    /// <summary>The option of <see cref="RenderLimits"/> that was reached; null for other failures.</summary>
    public string? Limit { get; init; }

    /// <summary>The known name nearest to the unknown one, when one is near.</summary>
    public string? Suggestion { get; init; }

    /// <summary>Includes, macros and blocks on the way to the failure, outermost first.</summary>
    public IReadOnlyList<TemplateFrame> Frames { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => Line <= 0 ? Message
        : TemplateName is null ? $"line {Line}, column {Column}: {Message}"
        : $"{TemplateName}, line {Line}, column {Column}: {Message}";
}

/// <summary>A template could not be parsed or rendered.</summary>
public sealed class TemplateException(TemplateError error) : Exception(error.ToString())
{
    /// <summary>The failure and its place.</summary>
    public TemplateError Error { get; } = error;
}

/// <summary>A render was cancelled by its caller.</summary>
public sealed class RenderCanceledException(TemplateError error, CancellationToken token)
    : OperationCanceledException(error.ToString(), token)
{
    /// <summary>Where the render stood.</summary>
    public TemplateError Error { get; } = error;
}
