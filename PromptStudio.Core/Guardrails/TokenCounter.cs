using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.ML.Tokenizers;

namespace PromptStudio.Core.Guardrails;

/// <summary>Counts a text's tokens in time that grows with the text and no faster. One for each encoding, loaded when the first rule asks for it.</summary>
public sealed class TokenCounter
{
    /// <summary>
    /// Characters that the tokenizer gets at once: on a run that it cannot split itself, its time grows with the square of the length (20,000 letters take 0.2 s).
    /// </summary>
    private const int Piece = 256;

    /// <summary>The same where there is no good place to cut.</summary>
    private const int BluntPiece = 128;

    private static readonly ConcurrentDictionary<string, Lazy<TokenCounter>> Loaded = new();

    private readonly TiktokenTokenizer _tokenizer;

    private TokenCounter(string encoding)
    {
        Encoding = encoding;
        _tokenizer = TiktokenTokenizer.CreateForEncoding(encoding);
    }

    /// <summary>The encodings by name, the usual one first.</summary>
    public static IReadOnlyList<string> Encodings { get; } = ["o200k_base", "cl100k_base"];

    public string Encoding { get; }

    /// <summary>Loading takes a few tenths of a second, so it is done where rules are built, not where texts are looked at.</summary>
    public static TokenCounter Of(string encoding) => Loaded.GetOrAdd(encoding, name => new Lazy<TokenCounter>(() => new TokenCounter(name))).Value;

    /// <summary>Whether a text has more tokens than some; stops counting once it is known.</summary>
    /// <exception cref="RuleException">The time was up.</exception>
    public bool Exceeds(ReadOnlySpan<char> text, int most, Deadline deadline) => Count(text, most, deadline) > most;

    /// <summary>
    /// How many tokens a text has, or any number above <paramref name="most"/>. Exact where a word ends at least every 128 characters;
    /// else a token more or less for each 128.
    /// </summary>
    public int Count(ReadOnlySpan<char> text, int most, Deadline deadline = default)
    {
        var count = 0;
        while (text.Length > 0 && count <= most)
        {
            deadline.Keep();
            var length = PieceLength(text);
            count += _tokenizer.CountTokens(text[..length]);
            text = text[length..];
        }
        return count;
    }

    /// <summary>
    /// Up to the last place where the encodings split by themselves: they never put a letter or digit and a following sign or space into one token
    /// (but for an apostrophe, and marks).
    /// </summary>
    private static int PieceLength(ReadOnlySpan<char> text)
    {
        if (text.Length <= Piece)
            return text.Length;
        for (var at = Piece; at >= BluntPiece; at--)
        {
            if (char.IsLetterOrDigit(text[at - 1]) && IsSign(text[at]))
                return at;
        }
        return char.IsHighSurrogate(text[BluntPiece - 1]) ? BluntPiece - 1 : BluntPiece;
    }

    private static bool IsSign(char character) => character is not '\'' && CharUnicodeInfo.GetUnicodeCategory(character)
        is UnicodeCategory.SpaceSeparator or UnicodeCategory.Control or UnicodeCategory.DashPunctuation or UnicodeCategory.OpenPunctuation or UnicodeCategory.ClosePunctuation
        or UnicodeCategory.OtherPunctuation or UnicodeCategory.MathSymbol or UnicodeCategory.CurrencySymbol;
}
