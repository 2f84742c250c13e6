using System.Collections.Frozen;

namespace PromptStudio.Core.Guardrails.Pii;

/// <summary>Words before a find that make it likelier.</summary>
internal static class Context
{
    /// <summary>What a word adds to a score.</summary>
    public const double Bonus = 0.35;

    /// <summary>The least that a score is with such a word before it.</summary>
    public const double Floor = 0.4;

    private const int Words = 5;
    private const int Reach = 160;
    private const int PartLength = 4;

    /// <summary>Words that say nothing, and do not count.</summary>
    private static readonly FrozenSet<string> Fillers = new[] { "is", "are", "was", "my", "the", "a", "an", "of", "for", "to", "on", "in", "at", "and", "or", "your", "his", "her", "it", "this", "that", "s" }
        .ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether one of the words stands among the five before a place.</summary>
    public static bool Has(ReadOnlySpan<char> text, int start, string[] words)
    {
        var (at, least) = (start, Math.Max(0, start - Reach));
        for (var count = 0; count < Words;)
        {
            while (at > least && !char.IsLetterOrDigit(text[at - 1]))
                at--;
            var end = at;
            while (at > least && char.IsLetterOrDigit(text[at - 1]))
                at--;
            if (end == at)
                return false;
            var word = text[at..end];
            if (Fillers.GetAlternateLookup<ReadOnlySpan<char>>().Contains(word))
                continue;
            if (IsOneOf(word, words))
                return true;
            count++;
        }
        return false;
    }

    private static bool IsOneOf(ReadOnlySpan<char> word, string[] words)
    {
        foreach (var one in words)
        {
            if (one.Length >= PartLength ? word.Contains(one, StringComparison.OrdinalIgnoreCase)
                : word.StartsWith(one, StringComparison.OrdinalIgnoreCase) && (word.Length == one.Length || (word.Length == one.Length + 1 && word[^1] is 's' or 'S')))
                return true;
        }
        return false;
    }
}
