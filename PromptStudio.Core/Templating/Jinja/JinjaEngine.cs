using PromptStudio.Core.Templating.Jinja.Syntax;

namespace PromptStudio.Core.Templating.Jinja;

/// <summary>Jinja2 3.1, written anew: same text out for the same template and variables. Nothing of .NET can be reached from a template.</summary>
public sealed class JinjaEngine : ITemplateEngine
{
    /// <inheritdoc/>
    public string Format => "jinja2";

    /// <inheritdoc/>
    public ITemplate Parse(string text, TemplateOptions options)
    {
        var source = new SourceText(text, options.KeepTrailingNewline);
        try
        {
            var parser = new Parser(source, options);
            var body = parser.Template();
            var late = parser.Late.Concat(parser.Unknown).FirstOrDefault();
            return late is null ? new JinjaTemplate(source, options, parser, body) : throw late;
        }
        catch (SyntaxException e)
        {
            throw new TemplateException(ErrorOf(e, source));
        }
        catch (InsufficientExecutionStackException)
        {
            throw new TemplateException(new TemplateError(TemplateErrorKind.Limit, "the template is nested too deeply", 1, 1));
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<TemplateError> Check(string text, TemplateOptions options)
    {
        var source = new SourceText(text, options.KeepTrailingNewline);
        var found = new List<SyntaxException>();
        try
        {
            var parser = new Parser(source, options);
            try
            {
                parser.Template();
            }
            catch (SyntaxException e)
            {
                found.Add(e);
            }

            found.AddRange(parser.Late);
            found.AddRange(parser.Unknown);
            found.AddRange(parser.Tolerated);
        }
        catch (SyntaxException e)
        {
            found.Add(e);
        }

        return [.. found.OrderBy(fault => fault.Start).Select(fault => ErrorOf(fault, source))];
    }

    internal static TemplateError ErrorOf(SyntaxException fault, SourceText source)
    {
        var (line, column) = source.Place(fault.Start);
        var (endLine, endColumn) = source.Place(fault.End);
        return new TemplateError(TemplateErrorKind.Syntax, WithSuggestion(fault.Message, fault.Suggestion), fault.Line, fault.Line == line ? column : 1)
        {
            PythonType = fault.PythonType,
            EndLine = endLine,
            EndColumn = endColumn,
            Suggestion = fault.Suggestion,
        };
    }

    internal static string WithSuggestion(string message, string? suggestion) =>
        suggestion is null ? message : $"{message.TrimEnd('.')}. Did you mean '{suggestion}'?";
}
