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

    private readonly bool _tags;
    private readonly bool _bidi;
    private readonly bool _zeroWidth;
    private readonly bool _selectors;

    internal InvisibleTextRule(RuleConfig config)
    {
        (_tags, _bidi, _zeroWidth, _selectors) = (config.Flag("tags", true), config.Flag("bidi", true), config.Flag("zero_width", true), config.Flag("selectors", true));
        config.RefuseOthers();
    }

    public override void Find(RuleInput input, List<Hit> hits)
    {
        var text = input.Text.Original.Text;
        if (Ascii.IsValid(text))
            return;
        var (at, inFlag) = (0, false);
        var (tags, selectors, zeroWidth) = (new Stretch(), new Stretch(), new Stretch());
        foreach (var rune in text.EnumerateRunes())
        {
            var end = at + rune.Utf16SequenceLength;
            inFlag = rune.Value == 0x1F3F4 || (inFlag && rune.Value is >= 0xE0020 and <= 0xE007F);
            if (_tags)
                tags.Take(!inFlag && rune.Value is >= 0xE0000 and <= 0xE007F, at, end, 1, span => Add(hits, new Hit("Hidden text in tag characters.", span, "TAG_CHARACTERS")));
            if (_selectors)
                selectors.Take(Invisible.Selector(rune) is not null, at, end, PayloadLength, span => Add(hits, new Hit("Hidden bytes in variation selectors.", span, "VARIATION_SELECTORS")));
            if (_zeroWidth)
                zeroWidth.Take(IsZeroWidth(rune), at, end, PayloadLength, span => Add(hits, new Hit("A payload of zero-width characters.", span, "ZERO_WIDTH")));
            if (_bidi && rune.Value is 0x202D or 0x202E)
                Add(hits, new Hit("The direction of the text is overridden.", new TextSpan(at, end), "BIDI_OVERRIDE"));
            at = end;
        }
        if (_tags)
            tags.Take(false, at, at, 1, span => Add(hits, new Hit("Hidden text in tag characters.", span, "TAG_CHARACTERS")));
        if (_selectors)
            selectors.Take(false, at, at, PayloadLength, span => Add(hits, new Hit("Hidden bytes in variation selectors.", span, "VARIATION_SELECTORS")));
        if (_zeroWidth)
        {
            zeroWidth.Take(false, at, at, PayloadLength, span => Add(hits, new Hit("A payload of zero-width characters.", span, "ZERO_WIDTH")));
            FindScattered(text, hits);
        }
    }

    /// <summary>Between Latin letters nothing invisible is ever needed, save a soft hyphen: several of them split words so that rules do not see them.</summary>
    private static void FindScattered(string text, List<Hit> hits)
    {
        var (count, first, last) = (0, 0, 0);
        for (var at = 1; at < text.Length - 1; at++)
        {
            if (text[at] is (>= '\u200b' and <= '\u200d') or '\u2060' or '\ufeff' or '\u180e' && char.IsAsciiLetterOrDigit(text[at - 1]) && char.IsAsciiLetterOrDigit(text[at + 1]))
            {
                first = count++ == 0 ? at : first;
                last = at + 1;
            }
        }
        if (count >= PayloadLength)
            Add(hits, new Hit("Words are split by zero-width characters.", new TextSpan(first, last), "ZERO_WIDTH"));
    }

    private static bool IsZeroWidth(Rune rune) => rune.Value is (>= 0x200B and <= 0x200D) or (>= 0x2060 and <= 0x2064) or 0xFEFF;

    /// <summary>Characters of one kind in a row.</summary>
    private struct Stretch
    {
        private int _start;
        private int _length;
        private int _end;

        public void Take(bool belongs, int start, int end, int least, Action<TextSpan> found)
        {
            if (belongs)
            {
                _start = _length++ == 0 ? start : _start;
                _end = end;
                return;
            }
            if (_length >= least)
                found(new TextSpan(_start, _end));
            _length = 0;
        }
    }
}
