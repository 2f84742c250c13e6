using System.Buffers;
using System.Text;
using PromptStudio.Core.Guardrails.Text;

namespace PromptStudio.Core.Guardrails;

/// <summary>
/// Rule type <c>invisible_text</c>: <c>{tags?, bidi?, zero_width?, selectors?}</c>, all true. Finds what a reader does not see and a model reads: words in tag characters,
/// overrides of direction, payloads of zero-width characters. Emoji, flags, Persian and Indic joiners, soft hyphens and marks of direction are writing, not hiding.
/// </summary>
public sealed class InvisibleTextRule : Rule
{
    /// <summary>Zero-width characters in a row, or between Latin letters, that no writing needs.</summary>
    private const int PayloadLength = 4;

    /// <summary>What a simple text has one of when it has anything of what is looked for. Such a text has no tag characters, and no selectors in a row.</summary>
    private static readonly SearchValues<char> Suspects = SearchValues.Create("\u180e\u200b\u200c\u200d\u202d\u202e\u2060\u2061\u2062\u2063\u2064\ufeff");

    private readonly bool _tags;
    private readonly bool _bidi;
    private readonly bool _zeroWidth;
    private readonly bool _selectors;

    internal InvisibleTextRule(RuleConfig config)
    {
        (_tags, _bidi, _zeroWidth, _selectors) = (config.Flag("tags", true), config.Flag("bidi", true), config.Flag("zero_width", true), config.Flag("selectors", true));
        config.RefuseOthers();
    }

    /// <inheritdoc/>
    public override bool MayFind(ReadOnlySpan<char> text, ReadOnlySpan<char> clean, Deadline deadline) => text.ContainsAny(Suspects);

    /// <inheritdoc/>
    public override void Find(RuleInput input, List<Hit> hits)
    {
        var text = input.Text.Original.Text;
        if (Ascii.IsValid(text))
            return;
        var (at, flagEnd) = (0, 0);
        var (tags, selectors, zeroWidth) = (new Stretch(), new Stretch(), new Stretch());
        foreach (var rune in text.EnumerateRunes())
        {
            var end = at + rune.Utf16SequenceLength;
            flagEnd = rune.Value == Invisible.BlackFlag ? at + Invisible.FlagLength(text.AsSpan(at)) : flagEnd;
            if (tags.Take(_tags && at >= flagEnd && rune.Value is >= 0xE0000 and <= 0xE007F, at, end, 1) is { } tagged)
                Add(hits, Tagged(tagged));
            if (selectors.Take(_selectors && Invisible.Selector(rune) is not null, at, end, PayloadLength) is { } selected)
                Add(hits, Selected(selected));
            if (zeroWidth.Take(_zeroWidth && IsZeroWidth(rune), at, end, PayloadLength) is { } hidden)
                Add(hits, Hidden(hidden));
            if (_bidi && rune.Value is 0x202D or 0x202E)
                Add(hits, new Hit("The direction of the text is overridden.", new TextSpan(at, end), "BIDI_OVERRIDE"));
            at = end;
        }
        if (tags.Take(false, at, at, 1) is { } lastTagged)
            Add(hits, Tagged(lastTagged));
        if (selectors.Take(false, at, at, PayloadLength) is { } lastSelected)
            Add(hits, Selected(lastSelected));
        if (zeroWidth.Take(false, at, at, PayloadLength) is { } lastHidden)
            Add(hits, Hidden(lastHidden));
        if (_zeroWidth)
            FindScattered(text, hits);
        Sort(hits);
    }

    private static Hit Tagged(TextSpan span) => new("Hidden text in tag characters.", span, "TAG_CHARACTERS");

    private static Hit Selected(TextSpan span) => new("Hidden bytes in variation selectors.", span, "VARIATION_SELECTORS");

    private static Hit Hidden(TextSpan span) => new("A payload of zero-width characters.", span, "ZERO_WIDTH");

    /// <summary>Between Latin letters nothing invisible is ever needed, save a soft hyphen: several of them split words so that rules do not see them.</summary>
    private static void FindScattered(string text, List<Hit> hits)
    {
        var (count, first, last) = (0, 0, 0);
        for (var at = 1; at < text.Length - 1; at++)
        {
            if (!IsSplitter(text[at]) || !char.IsAsciiLetterOrDigit(text[at - 1]))
                continue;
            var end = at + 1;
            while (end < text.Length && IsSplitter(text[end]))
                end++;
            if (end < text.Length && char.IsAsciiLetterOrDigit(text[end]))
            {
                first = count == 0 ? at : first;
                (count, last) = (count + end - at, end);
            }
            at = end - 1;
        }
        if (count >= PayloadLength)
            Add(hits, new Hit("Words are split by zero-width characters.", new TextSpan(first, last), "ZERO_WIDTH"));
    }

    private static bool IsSplitter(char character) => character is (>= '\u200b' and <= '\u200d') or '\u2060' or '\ufeff' or '\u180e';

    private static bool IsZeroWidth(Rune rune) => rune.Value is (>= 0x200B and <= 0x200D) or (>= 0x2060 and <= 0x2064) or 0xFEFF;

    /// <summary>Characters of one kind in a row.</summary>
    private struct Stretch
    {
        private int _start;
        private int _length;
        private int _end;

        /// <returns>The stretch that ended here, if it was long enough.</returns>
        public TextSpan? Take(bool belongs, int start, int end, int least)
        {
            if (belongs)
            {
                _start = _length++ == 0 ? start : _start;
                _end = end;
                return null;
            }
            var length = _length;
            _length = 0;
            return length >= least ? new TextSpan(_start, _end) : null;
        }
    }
}
