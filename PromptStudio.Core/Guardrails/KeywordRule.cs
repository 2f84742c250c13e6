using System.Buffers;
using PromptStudio.Core.Guardrails.Text;

namespace PromptStudio.Core.Guardrails;

/// <summary>
/// Rule type <c>keyword</c>: <c>{words, whole_word?: true, match?: any|all}</c>. Words are found however they are dressed up:
/// case, white space, look-alike letters, invisible characters, encodings.
/// </summary>
public sealed class KeywordRule : Rule
{
    private readonly string[] _words;
    private readonly bool _wholeWord;
    private readonly bool _all;
    private readonly SearchValues<string> _search;

    /// <summary>One part of each word that holds no white space: a plain text without any of them has none of the words.</summary>
    private readonly SearchValues<string> _parts;

    internal KeywordRule(RuleConfig config)
    {
        var words = config.Texts("words") ?? config.Texts("keywords") ?? throw RuleConfig.Wrong("words", "must be given: a list of words or phrases.");
        _wholeWord = config.Flag("whole_word", true);
        _all = config.Choice("match", "any", "all") == "all";
        config.RefuseOthers();
        _words = [.. words.Select(word => Folding.Fold(Cleaning.Clean(MappedText.Original(word.Trim()))).Text.Trim()).Distinct(StringComparer.Ordinal)];
        if (Array.Exists(_words, word => word.Length == 0))
            throw RuleConfig.Wrong("words", "has a word that nobody could see.");
        _search = SearchValues.Create(_words, StringComparison.Ordinal);
        _parts = SearchValues.Create([.. _words.Select(word => word.Split(' ').MaxBy(part => part.Length)!)], StringComparison.OrdinalIgnoreCase);
    }

    public override void Find(RuleInput input, List<Hit> hits)
    {
        if (input.Text.IsPlain && !input.Text.Original.Text.AsSpan().ContainsAny(_parts))
            return;
        var missing = _all ? _words.ToHashSet(StringComparer.Ordinal) : null;
        var found = new List<Hit>();
        foreach (var view in input.Text.Caseless())
            Find(view, found, missing);
        if (missing is null or { Count: 0 })
            hits.AddRange(found);
    }

    private void Find(MappedText view, List<Hit> found, HashSet<string>? missing)
    {
        var text = view.Text.AsSpan();
        for (var at = 0; at < text.Length && (found.Count < MaxHits || missing?.Count > 0);)
        {
            var next = text[at..].IndexOfAny(_search);
            if (next < 0)
                return;
            at += next;
            // The search says where, not which: the longest of the words that stand there and end at an edge.
            var word = "";
            foreach (var candidate in _words)
            {
                if (!text[at..].StartsWith(candidate, StringComparison.Ordinal) || (_wholeWord && !HasEdges(text, at, candidate.Length)))
                    continue;
                missing?.Remove(candidate);
                if (candidate.Length > word.Length)
                    word = candidate;
            }
            if (word.Length > 0)
                Add(found, new Hit("A word of the list was found.", view.ToOriginal(at, at + word.Length)));
            at += Math.Max(1, word.Length);
        }
    }

    /// <summary>An edge is asked for only where the word itself ends in a letter or digit: <c>#tag</c> has none at its front.</summary>
    private static bool HasEdges(ReadOnlySpan<char> text, int at, int length) =>
        (at == 0 || !char.IsLetterOrDigit(text[at]) || !IsWord(text[at - 1]))
        && (at + length == text.Length || !char.IsLetterOrDigit(text[at + length - 1]) || !IsWord(text[at + length]));

    private static bool IsWord(char character) => char.IsLetterOrDigit(character) || character == '_';
}
