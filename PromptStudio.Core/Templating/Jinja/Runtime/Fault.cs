using System.Diagnostics.CodeAnalysis;
using PromptStudio.Core.Templating.Jinja.Nodes;
using PromptStudio.Core.Templating.Jinja.Syntax;

namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>A Python exception on its way out of a render; the nodes it passes give it its place.</summary>
[SuppressMessage("Design", "CA1064:Exceptions should be public", Justification = "Becomes a TemplateException at the engine's edge.")]
internal sealed class Fault(TemplateErrorKind kind, string pythonType, string message) : Exception(message)
{
    public TemplateErrorKind Kind { get; } = kind;

    public string PythonType { get; } = pythonType;

    public string? Limit { get; init; }

    public string? Suggestion { get; init; }

    /// <summary>The fault of a template that could not be parsed: it has its own place.</summary>
    public TemplateError? Known { get; init; }

    /// <summary>The statement or printed expression that failed: it decides the line.</summary>
    public Node? Anchor { get; private set; }

    /// <summary>The innermost expression known: it decides the column when it is on the anchor's line.</summary>
    public Node? Detail { get; set; }

    /// <summary>The text of the anchor.</summary>
    public SourceText? Text { get; private set; }

    /// <summary>Includes, macros and blocks passed, innermost first.</summary>
    public List<TemplateFrame> Frames { get; } = [];

    public static Fault Type(string message) => new(TemplateErrorKind.Type, "TypeError", message);

    public static Fault Value(string message) => new(TemplateErrorKind.Type, "ValueError", message);

    public static Fault ZeroDivision(string message) => new(TemplateErrorKind.Type, "ZeroDivisionError", message);

    public static Fault Overflow(string message) => new(TemplateErrorKind.Type, "OverflowError", message);

    public static Fault Runtime(string message) => new(TemplateErrorKind.Type, "TemplateRuntimeError", message);

    public static Fault FilterArgument(string message) => new(TemplateErrorKind.Type, "FilterArgumentError", message);

    public static Fault OverLimit(string limit, string message) => new(TemplateErrorKind.Limit, "LimitError", message) { Limit = limit };

    public static Fault Recursion(string message) =>
        new(TemplateErrorKind.Limit, "RecursionError", message) { Limit = nameof(RenderLimits.CallDepth) };

    /// <summary>An exception filter: notes the place, catches nothing.</summary>
    public bool Pass(Node anchor, SourceText? source)
    {
        Anchor ??= anchor;
        Text ??= source;
        return false;
    }

    /// <summary>An exception filter: notes a step on the way, catches nothing.</summary>
    public bool PassFrame(string what, RenderContext context, int line)
    {
        if (Frames.Count < 100)
        {
            Frames.Add(new TemplateFrame(what, context.Name, line));
        }

        return false;
    }

    /// <summary>An exception filter: notes the innermost expression, catches nothing.</summary>
    public bool PassDetail(Node detail)
    {
        if (Anchor is null)
        {
            Detail ??= detail;
        }

        return false;
    }
}
