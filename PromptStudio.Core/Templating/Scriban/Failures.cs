using System.Text.RegularExpressions;
using Scriban.Parsing;
using Scriban.Syntax;

namespace PromptStudio.Core.Templating.Scriban;

/// <summary>Tells what kind of error an exception of a render is. Scriban's own limits differ only by their messages.</summary>
internal static class Failures
{
    private const int LongestMessage = 300;

    private static readonly (string Message, string Limit)[] OwnLimits =
    [
        ("number of iteration limit", nameof(RenderLimits.Steps)),
        ("exceeds LoopLimit", nameof(RenderLimits.Steps)),
        ("recursive depth limit", nameof(RenderLimits.CallDepth)),
        ("LimitToString", nameof(RenderLimits.OutputCharacters)),
        ("OutputLimit", nameof(RenderLimits.AllocatedBytes)),
        ("maximum supported", nameof(RenderLimits.AllocatedBytes)),
        ("maximum allowed depth", nameof(RenderLimits.CallDepth)),
        ("too deeply nested or contains reference loops", nameof(RenderLimits.CallDepth)),
    ];

    /// <summary>The error, still without its place, and the span of its place.</summary>
    public static (TemplateError Error, SourceSpan Span) ErrorOf(Exception failure, RenderLimits limits)
    {
        var span = failure is ScriptRuntimeException located ? located.Span : default;
        var fault = failure as ScribanFault ?? failure.InnerException as ScribanFault
            ?? (failure is ScriptAbortException ? OutOfTime(span, limits) : Limit(failure, span));
        if (fault is null)
        {
            var message = failure is ScriptRuntimeException own ? own.OriginalMessage : failure.Message;
            var isMissing = message.Contains("is out of bounds", StringComparison.Ordinal);
            return (Error(isMissing ? TemplateErrorKind.Undefined : TemplateErrorKind.Type, message), span);
        }

        return (fault.Known ?? Error(fault.Kind, fault.OriginalMessage) with { Limit = fault.Limit, Suggestion = fault.Suggestion },
            fault.Span.FileName is null ? span : fault.Span);
    }

    public static ScribanFault OutOfTime(SourceSpan span, RenderLimits limits) =>
        ScribanFault.OverLimit(span, nameof(RenderLimits.Deadline), $"the render takes longer than its limit of {limits.Deadline.TotalMilliseconds:N0} ms");

    private static ScribanFault? Limit(Exception failure, SourceSpan span)
    {
        var cause = failure.InnerException ?? failure;
        var message = failure is ScriptRuntimeException own ? own.OriginalMessage : failure.Message;
        return cause switch
        {
            RegexMatchTimeoutException => ScribanFault.OverLimit(span, nameof(RenderLimits.Deadline), "a regular expression takes too long"),
            InsufficientExecutionStackException => ScribanFault.OverLimit(span, nameof(RenderLimits.CallDepth), "calls or values are nested too deeply"),
            OutOfMemoryException => ScribanFault.OverLimit(span, nameof(RenderLimits.AllocatedBytes), "a value is too large"),
            _ => Array.Find(OwnLimits, one => message.Contains(one.Message, StringComparison.Ordinal)).Limit is { } limit
                ? ScribanFault.OverLimit(span, limit, message) : null,
        };
    }

    // Messages may quote the template, or a value.
    private static TemplateError Error(TemplateErrorKind kind, string message) =>
        new(kind, message.Length > LongestMessage ? string.Concat(message.AsSpan(0, LongestMessage), "…") : message, 0, 0);
}
