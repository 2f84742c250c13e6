using System.Buffers;
using System.Text;

namespace PromptStudio.Core.Guardrails.Text;

/// <summary>What each character is without its disguise. Normalisation is slow, so each character of the basic plane is worked out once.</summary>
internal static class PlainForms
{
    private static readonly string?[] Forms = new string?[char.MaxValue + 1];

    /// <summary>For each character: 0 not known yet, 1 plain, 2 not.</summary>
    private static readonly byte[] Plain = new byte[char.MaxValue + 1];

    /// <summary>ASCII that is what it looks like.</summary>
    public static SearchValues<char> Ascii { get; } = SearchValues.Create([.. Enumerable.Range(' ', 0x7f - ' ').Select(code => (char)code), '\t', '\n', '\r']);

    /// <summary>The plain form: without marks and compatibility forms, look-alikes as Latin letters; empty for what nobody sees. ASCII control characters are invisible as well.</summary>
    public static string Of(Rune rune) => rune.IsBmp ? Forms[rune.Value] ??= Make(rune) : Make(rune);

    /// <summary>
    /// Whether a character outside ASCII is its own plain form, and comparing it without case gives the same answer by either case: then what is found in the
    /// folded text is found in the text itself.
    /// </summary>
    public static bool IsPlain(char character)
    {
        if (Plain[character] == 0)
            Plain[character] = WorkOutPlain(character) ? (byte)1 : (byte)2;
        return Plain[character] == 1;
    }

    /// <summary>The same of a pair: emoji, and ideographs that are no compatibility forms.</summary>
    public static bool IsPlain(char high, char low) => char.IsLowSurrogate(low) && char.ConvertToUtf32(high, low) is (>= 0x1F300 and <= 0x1FAFF) or (>= 0x20000 and <= 0x2F7FF);

    private static bool WorkOutPlain(char character) => !char.IsSurrogate(character) && character is not ('ß' or 'ς')
        && Of((Rune)character) is [var only] && only == character && !char.IsWhiteSpace(character)
        && char.ToUpperInvariant(char.ToLowerInvariant(character)) == char.ToUpperInvariant(character)
        && !Invisible.IsMarkOfDisguise((Rune)character);

    private static string Make(Rune rune)
    {
        if (Invisible.IsIgnorable(rune))
            return "";
        if (Invisible.IsSpace(rune))
            return " ";
        var form = new StringBuilder();
        foreach (var part in rune.ToString().Normalize(NormalizationForm.FormKD).EnumerateRunes())
        {
            if (Invisible.IsMarkOfDisguise(part) || Invisible.IsIgnorable(part))
                continue;
            if (part.IsBmp)
                form.Append(Invisible.IsSpace(part) ? ' ' : Confusables.ToLatin((char)part.Value));
            else
                form.Append(part.ToString());
        }
        return form.ToString();
    }
}
