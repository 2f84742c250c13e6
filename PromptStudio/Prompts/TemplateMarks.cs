using System.Text.RegularExpressions;

namespace PromptStudio.Prompts;

/// <summary>Where a template's text is code. For reading only: the engine's own parser decides what it means.</summary>
public static partial class TemplateMarks
{
    /// <summary>The text in pieces, each with whether it is code.</summary>
    public static IEnumerable<(string Part, bool Marked)> Split(string text)
    {
        var at = 0;
        foreach (Match code in Code().Matches(text))
        {
            if (code.Index > at)
                yield return (text[at..code.Index], false);
            yield return (code.Value, true);
            at = code.Index + code.Length;
        }
        if (at < text.Length)
            yield return (text[at..], false);
    }

    [GeneratedRegex(@"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", RegexOptions.Singleline | RegexOptions.NonBacktracking)]
    private static partial Regex Code();
}
