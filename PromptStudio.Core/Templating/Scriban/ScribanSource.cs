using Scriban.Parsing;

namespace PromptStudio.Core.Templating.Scriban;

/// <summary>A template's text, and the key that its spans carry.</summary>
internal sealed record ScribanSource(string Key, string Text)
{
    /// <summary>The error at a span of this text: lines and columns count from 1, columns in code points.</summary>
    public TemplateError Locate(TemplateError error, SourceSpan span) => error with
    {
        Line = span.Start.Line + 1,
        Column = Column(span.Start),
        EndLine = span.End.Line + 1,
        EndColumn = Column(span.End) + 1,
    };

    private int Column(TextPosition position)
    {
        var end = Math.Clamp(position.Offset, 0, Text.Length);
        var units = Text.AsSpan(Math.Clamp(end - position.Column, 0, end)..end);
        var column = 1;
        foreach (var _ in units.EnumerateRunes())
        {
            column++;
        }

        return column;
    }
}
