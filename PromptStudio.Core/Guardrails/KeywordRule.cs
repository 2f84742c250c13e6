using System.Buffers;
using PromptStudio.Core.Guardrails.Text;

namespace PromptStudio.Core.Guardrails;

/// <summary>
/// Rule type <c>keyword</c>: <c>{words, whole_word?: true, match?: any|all}</c>. Words are found however they are dressed up:
/// case, white space, look-alike letters, invisible characters, encodings.
/// </summary>
public sealed class KeywordRule : Rule
{
    private const int MostOneByOne = 16;

    private readonly string[] _words;
    private readonly bool _wholeWord;
    private readonly bool _all;
    private readonly SearchValues<string> _search;
    private readonly WordTree _tree;

    /// <summary>One part of each word that holds no white space: a plain text without any of them has none of the words.</summary>
    private readonly string[] _parts;
    private readonly SearchValues<string> _partSearch;

    /// <summary>All parts of each word, where they are few enough to be looked for one by one: a text with a common part of a phrase alone is not worth a copy.</summary>
    private readonly string[][]? _partsOfEach;

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
        _tree = new WordTree(_words);
        _parts = [.. _words.Select(word => word.Split(' ').MaxBy(part => part.Length)!).Distinct(StringComparer.Ordinal)];
        _partSearch = SearchValues.Create(_parts, StringComparison.OrdinalIgnoreCase);
        _partsOfEach = _words.Length <= MostOneByOne ? [.. _words.Select(word => word.Split(' '))] : null;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string>? Literals => Array.TrueForAll(_parts, part => part.Length >= 2) ? _parts : null;

    /// <inheritdoc/>
    public override bool MayFind(ReadOnlySpan<char> text, ReadOnlySpan<char> clean, Deadline deadline) => MayHold(clean);

    /// <inheritdoc/>
    public override void Find(RuleInput input, List<Hit> hits)
    {
        if (input.Text.IsPlain && !MayHold(input.Text.Original.Text))
            return;
        var missing = _all ? new HashSet<int>(Enumerable.Range(0, _words.Length)) : null;
        var found = new List<Hit>();
        foreach (var view in input.Text.Caseless())
            Find(view, found, missing, input);
        if (missing is { Count: > 0 })
            return;
        hits.AddRange(found);
        Sort(hits);
    }

    /// <summary>Whether a plain text has all parts of some word, wherever they stand.</summary>
    private bool MayHold(ReadOnlySpan<char> text)
    {
        if (!text.ContainsAny(_partSearch))
            return false;
        if (_partsOfEach is null)
            return true;
        foreach (var parts in _partsOfEach)
        {
            if (HasAll(text, parts))
                return true;
        }
        return false;
    }

    private static bool HasAll(ReadOnlySpan<char> text, string[] parts)
    {
        foreach (var part in parts)
        {
            if (!text.Contains(part, StringComparison.OrdinalIgnoreCase))
                return false;
        }
        return true;
    }

    private void Find(MappedText view, List<Hit> found, HashSet<int>? missing, RuleInput input)
    {
        var text = view.Text.AsSpan();
        var looks = 0;
        for (var (at, end) = (0, 0); at < text.Length && (found.Count < MaxHits || missing?.Count > 0); at++)
        {
            var next = text[at..].IndexOfAny(_search);
            if (next < 0)
                return;
            at += next;
            if (looks++ % 64 == 0)
            {
                input.CancellationToken.ThrowIfCancellationRequested();
                input.Deadline.Keep();
            }
            // The search says where, not which. Words may overlap, so each place is looked at; what is shown is the longest from the left.
            if (Longest(text, at, missing) is > 0 and var length && at >= end)
            {
                Add(found, new Hit("A word of the list was found.", view.ToOriginal(at, at + length)));
                end = at + length;
            }
        }
    }

    /// <summary>The length of the longest word that stands at a place and ends at edges; 0: there is none.</summary>
    private int Longest(ReadOnlySpan<char> text, int at, HashSet<int>? missing)
    {
        var longest = 0;
        var node = WordTree.Root;
        for (var end = at; end < text.Length && (node = _tree.Next(node, text[end])) != WordTree.None; end++)
        {
            if (_tree.WordAt(node) is not { } word || (_wholeWord && !HasEdges(text, at, end + 1 - at)))
                continue;
            missing?.Remove(word);
            longest = end + 1 - at;
        }
        return longest;
    }

    /// <summary>An edge is asked for only where the word itself ends in a letter or digit: <c>#tag</c> has none at its front.</summary>
    private static bool HasEdges(ReadOnlySpan<char> text, int at, int length) =>
        (at == 0 || !char.IsLetterOrDigit(text[at]) || !Continues(text[at - 1], text[at]))
        && (at + length == text.Length || !char.IsLetterOrDigit(text[at + length - 1]) || !Continues(text[at + length - 1], text[at + length]));

    /// <summary>Whether two characters are of one word. Scripts that are written without spaces have no edges to ask for.</summary>
    private static bool Continues(char one, char next) => IsWord(one) && IsWord(next) && !IsUnspaced(one) && !IsUnspaced(next);

    private static bool IsWord(char character) => char.IsLetterOrDigit(character) || character == '_';

    /// <summary>Thai to Myanmar, Korean (its particles stand right after the word), Khmer, Chinese and Japanese.</summary>
    private static bool IsUnspaced(char character) => character is (>= '\u0e00' and <= '\u0eff') or (>= '\u1000' and <= '\u109f') or (>= '\u1100' and <= '\u11ff')
        or (>= '\u1780' and <= '\u17ff') or (>= '\u2e80' and <= '\u9fff') or (>= '\uac00' and <= '\ud7af') or (>= '\uf900' and <= '\ufaff');
}

/// <summary>Words by their characters: says which of thousands stand at a place in as many steps as the longest of them has characters.</summary>
internal sealed class WordTree
{
    public const int Root = 0;
    public const int None = -1;

    private readonly Dictionary<(int Node, char Character), int> _next = [];
    private readonly Dictionary<int, int> _words = [];

    public WordTree(IReadOnlyList<string> words)
    {
        for (var word = 0; word < words.Count; word++)
        {
            var node = Root;
            foreach (var character in words[word])
            {
                if (!_next.TryGetValue((node, character), out var next))
                    _next[(node, character)] = next = _next.Count + 1;
                node = next;
            }
            _words[node] = word;
        }
    }

    /// <summary>The node that a character leads to, or <see cref="None"/>.</summary>
    public int Next(int node, char character) => _next.TryGetValue((node, character), out var next) ? next : None;

    /// <summary>The word that ends at a node; null: none does.</summary>
    public int? WordAt(int node) => _words.TryGetValue(node, out var word) ? word : null;
}
