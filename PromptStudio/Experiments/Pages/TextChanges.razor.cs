using Microsoft.AspNetCore.Components;
using PromptStudio.Core.Prompts;

namespace PromptStudio.Experiments.Pages;

/// <summary>What changes from one text to another, with a few lines around each change.</summary>
public sealed partial class TextChanges
{
    /// <summary>Lines that are shown around a change.</summary>
    private const int Around = 2;

    /// <summary>Lines at most; a longer difference is for the page that compares.</summary>
    private const int Most = 400;

    [Parameter, EditorRequired]
    public required TextDiff Diff { get; set; }

    /// <summary>What is compared.</summary>
    [Parameter, EditorRequired]
    public required string Label { get; set; }

    private static string Mark(string kind) => kind switch { DiffKind.Added => "+", DiffKind.Removed => "\u2212", _ => " " };

    private string Spoken(string kind) => kind switch { DiffKind.Added => L["added:"], DiffKind.Removed => L["removed:"], _ => "" };

    /// <summary>Lines, and how many are left out where some are.</summary>
    private IEnumerable<(DiffLine? Line, int Skipped)> Kept()
    {
        var lines = Diff.Lines.Take(Most).ToArray();
        var near = new bool[lines.Length];
        for (var index = 0; index < lines.Length; index++)
        {
            if (lines[index].Kind == DiffKind.Same)
                continue;
            for (var other = Math.Max(0, index - Around); other <= Math.Min(lines.Length - 1, index + Around); other++)
                near[other] = true;
        }
        for (var index = 0; index < lines.Length;)
        {
            var from = index;
            while (index < lines.Length && !near[index])
                index++;
            // One line left out takes as much room as the line itself.
            if (index - from > 1)
                yield return (null, index - from);
            else if (index > from)
                yield return (lines[from], 0);
            if (index < lines.Length)
                yield return (lines[index++], 0);
        }
        if (Diff.Lines.Count > Most)
            yield return (null, Diff.Lines.Count - Most);
    }
}
