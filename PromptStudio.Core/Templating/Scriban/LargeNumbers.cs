using System.Buffers;
using System.Globalization;
using Scriban.Parsing;

namespace PromptStudio.Core.Templating.Scriban;

/// <summary>
/// Finds numbers that Scriban's parser would work out without bounds: <c>1e999999999</c> is an integer to it, of a billion digits, and binary digits
/// are added one by one to a number that grows.
/// </summary>
internal static class LargeNumbers
{
    /// <summary>Digits that a number may have, written out.</summary>
    public const int MostDigits = 400;

    /// <summary>Digits of an exponent that cannot stand for more than that.</summary>
    private const int ShortExponent = 2;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789_");

    /// <summary>Where the first one is; null: there is none.</summary>
    public static SourceSpan? Find(string text)
    {
        if (!MayHave(text))
            return null;
        foreach (var token in new Lexer(text))
        {
            if (token.Type is TokenType.Integer or TokenType.Float or TokenType.HexaInteger or TokenType.BinaryInteger && IsLarge(text.AsSpan(token.Start.Offset, token.End.Offset - token.Start.Offset + 1), token.Type))
                return new SourceSpan("", token.Start, token.End);
        }
        return null;
    }

    // Most texts have neither many digits in a row nor an exponent: they need not be read twice.
    private static bool MayHave(ReadOnlySpan<char> text)
    {
        var run = 0;
        for (var at = 0; at < text.Length; at++)
        {
            var character = text[at];
            run = char.IsAsciiHexDigit(character) || character == '_' ? run + 1 : 0;
            if (run > MostDigits || (character is 'e' or 'E' && at > 0 && char.IsAsciiDigit(text[at - 1]) && ExponentAt(text[(at + 1)..]) > ShortExponent))
                return true;
        }
        return false;
    }

    private static bool IsLarge(ReadOnlySpan<char> number, TokenType type)
    {
        if (number.Length > MostDigits)
            return true;
        var exponent = type is TokenType.Integer or TokenType.Float ? number.IndexOfAny('e', 'E') : -1;
        if (exponent < 0)
            return false;
        var sign = number[exponent + 1] is '+' or '-' ? 1 : 0;
        // A small number is none to be afraid of, and a fraction becomes a double.
        return number[..exponent].IndexOf('.') < 0
            && (!int.TryParse(number[(exponent + 1 + sign)..], NumberStyles.None, CultureInfo.InvariantCulture, out var digits) || digits > MostDigits);
    }

    // The digits of an exponent, without its sign.
    private static int ExponentAt(ReadOnlySpan<char> text)
    {
        text = text.Length > 0 && text[0] is '+' or '-' ? text[1..] : text;
        var end = text.IndexOfAnyExcept(Digits);
        return end < 0 ? text.Length : end;
    }
}
