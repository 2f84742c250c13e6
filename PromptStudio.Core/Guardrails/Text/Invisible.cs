using System.Text;

namespace PromptStudio.Core.Guardrails.Text;

/// <summary>Characters that nobody sees.</summary>
internal static class Invisible
{
    /// <summary>Characters that are drawn as nothing: zero-width ones, soft hyphens, marks of direction, tags, variation selectors.</summary>
    public static bool IsIgnorable(Rune rune) => rune.Value is 0x00AD or 0x034F or 0x061C or 0x180E or 0xFEFF or 0x115F or 0x1160
        or (>= 0x17B4 and <= 0x17B5) or (>= 0x180B and <= 0x180F) or (>= 0x200B and <= 0x200F) or (>= 0x202A and <= 0x202E) or (>= 0x2060 and <= 0x206F)
        or (>= 0xFE00 and <= 0xFE0F) or (>= 0xFFF9 and <= 0xFFFB) or (>= 0xE0000 and <= 0xE0FFF)
        or (< 0x20 and not (0x09 or 0x0A or 0x0B or 0x0C or 0x0D)) or 0x7F or (>= 0x80 and <= 0x9F and not 0x85);

    /// <summary>Marks that are stacked on Latin letters; those that other scripts are written with stay.</summary>
    public static bool IsMarkOfDisguise(Rune rune) => rune.Value is (>= 0x0300 and <= 0x036F) or (>= 0x1AB0 and <= 0x1AFF) or (>= 0x1DC0 and <= 0x1DFF)
        or (>= 0x20D0 and <= 0x20FF) or (>= 0xFE20 and <= 0xFE2F);

    /// <summary>White space of any width, and the fillers that look like it.</summary>
    public static bool IsSpace(Rune rune) => rune.Value is 0x3164 or 0xFFA0 or 0x2800 || Rune.IsWhiteSpace(rune);

    /// <summary>The emoji that the flags of regions begin with.</summary>
    public const int BlackFlag = 0x1F3F4;

    /// <summary>The length of the flag of a region that a text begins with, in UTF-16 units: a black flag, up to six letters or digits in tag characters, the tag that ends them. 0: it is none.</summary>
    public static int FlagLength(ReadOnlySpan<char> text)
    {
        const int BlackFlagAndTags = 2 + (2 * 6);
        for (var at = 2; at <= BlackFlagAndTags && Rune.DecodeFromUtf16(text[Math.Min(at, text.Length)..], out var rune, out _) == System.Buffers.OperationStatus.Done; at += 2)
        {
            if (rune.Value == 0xE007F)
                return at > 2 ? at + 2 : 0;
            if (Tag(rune) is not { } tag || !char.IsAsciiLetterOrDigit(tag))
                return 0;
        }
        return 0;
    }

    /// <summary>The tag character's ASCII, or null.</summary>
    public static char? Tag(Rune rune) => rune.Value is >= 0xE0020 and <= 0xE007E ? (char)(rune.Value - 0xE0000) : null;

    /// <summary>The byte that a variation selector can carry, or null.</summary>
    public static byte? Selector(Rune rune) => rune.Value switch
    {
        >= 0xFE00 and <= 0xFE0F => (byte)(rune.Value - 0xFE00),
        >= 0xE0100 and <= 0xE01EF => (byte)(rune.Value - 0xE0100 + 16),
        _ => null,
    };
}
