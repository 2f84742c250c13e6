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
}

/// <summary>A failure of a template, with its place.</summary>
/// <param name="Kind">What kind of failure.</param>
/// <param name="Message">One sentence for people, without the place.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column in characters, from 1.</param>
public sealed record TemplateError(TemplateErrorKind Kind, string Message, int Line, int Column)
{
    /// <inheritdoc/>
    public override string ToString() => $"line {Line}, column {Column}: {Message}";
}

/// <summary>A template could not be parsed or rendered.</summary>
public sealed class TemplateException(TemplateError error) : Exception(error.ToString())
{
    /// <summary>The failure and its place.</summary>
    public TemplateError Error { get; } = error;
}
