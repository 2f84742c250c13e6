using System.Buffers;
using System.Text.RegularExpressions;

namespace PromptStudio.Core.Guardrails.Secrets;

/// <summary>Tells a secret from what stands where one would: placeholders, names, examples.</summary>
internal static partial class SecretText
{
    /// <summary>The same character so often in a row is nobody's secret.</summary>
    private const int Repeated = 6;

    /// <summary>Characters that are looked at for entropy.</summary>
    private const int MaxCounted = 512;

    public static readonly SearchValues<char> Digits = SearchValues.Create("0123456789");

    private static readonly SearchValues<char> Small = SearchValues.Create("abcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> Capitals = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ");

    /// <summary>Words of placeholders: in a token they are no accident.</summary>
    private static readonly SearchValues<string> PlaceholderWords = SearchValues.Create(
        ["your", "placeholder", "redacted", "changeme", "change_me", "insert", "_here", "-here", "tokenhere", "keyhere", "stringhere", "secrethere", "abcdefghijkl"], StringComparison.OrdinalIgnoreCase);

    /// <summary>Words that a value of any other kind has, and a good password has not.</summary>
    private static readonly SearchValues<string> CommonWords = SearchValues.Create(
        ["example", "sample", "dummy", "fake", "test", "foo", "password", "passwd", "secret", "token", "api_key", "apikey", "api-key", "private", "credential", "username", "localhost", "undefined", "null",
            "none", "true", "false", "default", "string", "value", "config", "setting", "process.env", "os.environ", "getenv", "xxxx", "****", "todo", "http://", "https://", "arn:", ".com/"], StringComparison.OrdinalIgnoreCase);

    /// <summary>Bits of information for each character.</summary>
    public static double Entropy(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
            return 0;
        text = text[..Math.Min(text.Length, MaxCounted)];
        Span<ushort> counts = stackalloc ushort[128];
        counts.Clear();
        foreach (var character in text)
            counts[character & 127]++;
        var entropy = 0d;
        foreach (var count in counts)
        {
            if (count > 0)
                entropy -= (double)count / text.Length * Math.Log2((double)count / text.Length);
        }
        return entropy;
    }

    /// <summary>Whether a token of the right form is one of a manual, or to be filled in.</summary>
    public static bool IsPlaceholder(ReadOnlySpan<char> token)
    {
        var same = 1;
        for (var index = 1; index < token.Length; index++)
        {
            same = token[index] == token[index - 1] ? same + 1 : 1;
            if (same == Repeated)
                return true;
        }
        return token.EndsWith("EXAMPLE") || token.EndsWith("EXAMPLEKEY") || token.ContainsAny(PlaceholderWords);
    }

    /// <summary>Whether a value is one that is put in later: <c>${NAME}</c>, <c>{{ name }}</c>, <c>&lt;token&gt;</c>, <c>%NAME%</c>, <c>$NAME</c>, <c>[PASSWORD]</c>; or has a part that is.</summary>
    public static bool IsVariable(ReadOnlySpan<char> value) => value.IndexOf("${") >= 0 || value.IndexOf("{{") >= 0 || value is ['$', ('{' or '(' or (>= 'A' and <= 'Z') or '_'), ..] or ['{', .., '}'] or ['<', .., '>'] or ['%', .., '%'] or ['[', .., ']'] or ['@', '{', ..] or ['#', '{', ..] or ['%', _];

    /// <summary>Whether a value has words of values that are no secrets. In a long random one they are an accident.</summary>
    public static bool HasCommonWord(ReadOnlySpan<char> value) => value.ContainsAny(CommonWords) && !(value.Length >= 20 && IsMixed(value) && value.IndexOfAny(' ', '/', '.') < 0 && Entropy(value) >= 3.75);

    /// <summary>Kinds of characters: small and capital letters, digits, others.</summary>
    public static int Kinds(ReadOnlySpan<char> value)
    {
        var (lower, upper, digit, other) = (0, 0, 0, 0);
        foreach (var character in value)
        {
            if (char.IsLower(character))
                lower = 1;
            else if (char.IsUpper(character))
                upper = 1;
            else if (char.IsAsciiDigit(character))
                digit = 1;
            else
                other = 1;
        }
        return lower + upper + digit + other;
    }

    /// <summary>Whether a token has a digit, a small and a capital letter.</summary>
    public static bool IsMixed(ReadOnlySpan<char> token) => token.ContainsAny(Digits) && token.ContainsAny(Small) && token.ContainsAny(Capitals);

    /// <summary>Whether a value is made of words: names of things, paths, versions. One of letters only, or letters with what stands between words, or a UUID.</summary>
    public static bool IsName(ReadOnlySpan<char> value) => NamePattern().IsMatch(value);

    [GeneratedRegex(@"\A(?:[A-Za-z]+(?:[-_./: ][A-Za-z]+)*[0-9]{0,2}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[vV]?[0-9]+(?:[.-][0-9A-Za-z]+)*|[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*(?:\(.*\)|\[.*\]|\.[A-Za-z_]+)|[A-Za-z]:?[\\/].*)\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
