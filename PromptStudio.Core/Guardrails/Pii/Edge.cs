using System.Buffers;

namespace PromptStudio.Core.Guardrails.Pii;

/// <summary>Where a word begins and ends. Asked of the text around a match, so that no pattern needs to look around.</summary>
internal static class Edge
{
    public static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");

    /// <summary>Scripts from here on are written without spaces between words: a number next to them stands alone.</summary>
    private const char Unspaced = '\u2e80';

    /// <summary>Whether a character belongs to the word next to it.</summary>
    public static bool IsWord(char character) => char.IsAsciiLetterOrDigit(character) || character == '_'
        || (character >= '\u00aa' && char.IsLetterOrDigit(character) && (character < Unspaced || character is >= '\uff10' and <= '\uff19'));

    public static bool Before(ReadOnlySpan<char> text, int start) => start == 0 || !IsWord(text[start - 1]);

    public static bool After(ReadOnlySpan<char> text, int end) => end >= text.Length || !IsWord(text[end]);

    /// <summary>Whether a number goes on before a place: after a separator and a digit, a sign or a currency.</summary>
    public static bool IsContinued(ReadOnlySpan<char> text, int start) => start > 0
        && (text[start - 1] is '+' or '$' or '€' or '£' || (start > 1 && text[start - 1] is '-' or '.' or ',' or '/' or ':' && char.IsAsciiDigit(text[start - 2])));

    /// <summary>Whether a number goes on after a place.</summary>
    public static bool Continues(ReadOnlySpan<char> text, int end) => end + 1 < text.Length && text[end] is '-' or '.' or '/' or ':' && char.IsAsciiDigit(text[end + 1]);
}
