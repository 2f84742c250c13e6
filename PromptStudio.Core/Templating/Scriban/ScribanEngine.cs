using Scriban;
using Scriban.Parsing;

namespace PromptStudio.Core.Templating.Scriban;

/// <summary>
/// Scriban in its own syntax, configured so that a hostile template can neither leave the sandbox nor outlive its limits.
/// Of the options only <see cref="TemplateOptions.Undefined"/> applies; <see cref="UndefinedMode.Debug"/> is as lenient.
/// </summary>
public sealed class ScribanEngine : ITemplateEngine
{
    // Half of Scriban's own default: a parsed template is walked recursively, on stacks that may be small.
    private static readonly ParserOptions Parsing = new() { ExpressionDepthLimit = 125 };

    private static long LastNumber;

    /// <inheritdoc/>
    public string Format => "scriban";

    /// <inheritdoc/>
    public ITemplate Parse(string text, TemplateOptions options)
    {
        // Spans of functions travel between templates; the number tells whose they are.
        var source = new ScribanSource($"#{Interlocked.Increment(ref LastNumber)}", text);
        try
        {
            if (LargeNumbers.Find(text) is { } large)
                throw new TemplateException(source.Locate(new TemplateError(TemplateErrorKind.Syntax, $"a number has more than {LargeNumbers.MostDigits} digits", 0, 0), large));
            var template = Template.Parse(text, source.Key, Parsing);
            return template.HasErrors ? throw new TemplateException(FirstError(template, source)) : new ScribanTemplate(source, template, options);
        }
        catch (InsufficientExecutionStackException)
        {
            throw new TemplateException(new TemplateError(TemplateErrorKind.Limit, "the template is nested too deeply", 1, 1));
        }
        catch (Exception e) when (e is not (TemplateException or OutOfMemoryException))
        {
            // Scriban's parser reports faults as messages; whatever else escapes it is a fault of the text all the same.
            throw new TemplateException(new TemplateError(TemplateErrorKind.Syntax, e.Message, 1, 1));
        }
    }

    private static TemplateError FirstError(Template template, ScribanSource source)
    {
        var message = template.Messages.First(one => one.Type == ParserMessageType.Error);
        return source.Locate(new TemplateError(TemplateErrorKind.Syntax, message.Message, 0, 0), message.Span);
    }
}
