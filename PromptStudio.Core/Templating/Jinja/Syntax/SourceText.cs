namespace PromptStudio.Core.Templating.Jinja.Syntax;

/// <summary>A template's text as it is lexed: newlines made one, and where its lines begin.</summary>
internal sealed class SourceText
{
    private int[]? _lineStarts;

    public SourceText(string text, bool keepTrailingNewline)
    {
        if (text.Contains('\r', StringComparison.Ordinal))
        {
            text = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        }

        Text = !keepTrailingNewline && text.EndsWith('\n') ? text[..^1] : text;
    }

    public string Text { get; }

    /// <summary>Line and column of a place, both from 1; columns count code points.</summary>
    public (int Line, int Column) Place(int offset)
    {
        offset = Math.Clamp(offset, 0, Text.Length);
        var starts = _lineStarts ??= FindLines();
        var line = Array.BinarySearch(starts, offset);
        line = line < 0 ? ~line - 1 : line;
        return (line + 1, Runtime.PyText.Length(Text.AsSpan(starts[line], offset - starts[line])) + 1);
    }

    private int[] FindLines()
    {
        var starts = new List<int> { 0 };
        for (var at = Text.IndexOf('\n', StringComparison.Ordinal); at >= 0; at = Text.IndexOf('\n', at + 1))
        {
            starts.Add(at + 1);
        }

        return [.. starts];
    }
}
