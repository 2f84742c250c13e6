using System.Buffers;

namespace PromptStudio.Core.Guardrails.Pii;

/// <summary>Codes of letters and digits; case does not matter.</summary>
internal static class Codes
{
    private const string NifLetters = "TRWAGMYFPDXBNJZSQVHLCKE";

    /// <summary>Letters that no prefix of a national insurance number has.</summary>
    private static readonly SearchValues<char> NeverFirst = SearchValues.Create("DFIQUV");

    private const string Months = "ABCDEHLMPRST";

    /// <summary>Digits of a fiscal code that stand as letters when two persons would have the same one.</summary>
    private const string Replaced = "LMNPQRSTUV";

    /// <summary>What the characters in odd places of a fiscal code count.</summary>
    private static ReadOnlySpan<byte> Odd => [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];

    /// <summary>Whether a word has a form: <c>A</c> a letter, <c>9</c> a digit.</summary>
    public static bool Is(ReadOnlySpan<char> word, ReadOnlySpan<char> form)
    {
        if (word.Length != form.Length)
            return false;
        for (var index = 0; index < form.Length; index++)
        {
            if (!(form[index] == 'A' ? char.IsAsciiLetter(word[index]) : char.IsAsciiDigit(word[index])))
                return false;
        }
        return true;
    }

    /// <summary>US driver's licences: the forms of several states at once that little else has, or else any state's, which need context.</summary>
    public static double DriverLicense(ReadOnlySpan<char> word)
    {
        if (word.Length is < 5 or > 20)
            return 0;
        var letters = word.IndexOfAny(Edge.Digits);
        var digits = word[letters..].IndexOfAnyExcept(Edge.Digits) is var end and >= 0 ? end : word.Length - letters;
        var tail = word.Length - letters - digits;
        return (letters, digits, tail) switch
        {
            (1, 8 or (>= 12 and <= 14), 0) => 0.3,
            (1, >= 4 and <= 18, 0) or (2, >= 3 and <= 7, 0) or (1, 6, 1) or (2, 6, 1) or (0, 7 or 8 or 9, 1) or (0, 8, 2) => 2 * Numbers.Weak,
            (0, 2 or 3, >= 2) when Is(word, "99AAA99999") || Is(word, "99AAA999999") || Is(word, "999AA9999") => 2 * Numbers.Weak,
            _ => 0,
        };
    }

    /// <summary>US medical licences (DEA): a registrant's letter, a name's letter or 9, six digits and their check digit.</summary>
    public static bool IsDea(ReadOnlySpan<char> word)
    {
        if (word.Length != 9 || !"ABCDEFGHJKLMPRSTUX".Contains(char.ToUpperInvariant(word[0]), StringComparison.Ordinal) || !(char.IsAsciiLetter(word[1]) || word[1] == '9') || word[2..].ContainsAnyExcept(Edge.Digits))
            return false;
        var digits = word[2..];
        var sum = digits[0] + digits[2] + digits[4] - (3 * '0') + (2 * (digits[1] + digits[3] + digits[5] - (3 * '0')));
        return sum % 10 == digits[6] - '0' && !CheckDigits.AllSame(digits);
    }

    /// <summary>Characters of the Spanish tax number that a text begins with: seven or eight digits, a hyphen or none, their letter; 0: none.</summary>
    public static int NifLength(ReadOnlySpan<char> text)
    {
        var digits = text.IndexOfAnyExcept(Edge.Digits);
        if (digits is not (7 or 8))
            return 0;
        var letter = text[digits] == '-' ? digits + 1 : digits;
        return letter < text.Length && char.ToUpperInvariant(text[letter]) == NifLetters[int.Parse(text[..digits], System.Globalization.CultureInfo.InvariantCulture) % 23] ? letter + 1 : 0;
    }

    /// <summary>Italian fiscal codes: name, date of birth, place, check letter. The form is telling even where the letter is wrong.</summary>
    public static double FiscalCode(ReadOnlySpan<char> word)
    {
        if (word.Length != 16)
            return 0;
        Span<char> code = stackalloc char[16];
        word.ToUpperInvariant(code);
        var (sum, day) = (0, 0);
        for (var index = 0; index < 16; index++)
        {
            var character = code[index];
            var value = char.IsAsciiDigit(character) ? character - '0' : Replaced.IndexOf(character, StringComparison.Ordinal);
            if (index is 6 or 7 or 9 or 10 or 12 or 13 or 14 ? value < 0 : !char.IsAsciiLetter(character) || (index == 8 && !Months.Contains(character, StringComparison.Ordinal)))
                return 0;
            day = index is 9 or 10 ? (10 * day) + value : day;
            var place = char.IsAsciiDigit(character) ? character - '0' : character - 'A';
            sum += index == 15 ? 0 : index % 2 == 0 ? Odd[place] : place;
        }
        return day is (< 1 or > 31) and (< 41 or > 71) ? 0 : code[15] == 'A' + (sum % 26) ? 1 : 0.3;
    }

    /// <summary>Indian tax numbers: five letters, four digits, a letter; the fourth letter says what kind of holder.</summary>
    public static double Pan(ReadOnlySpan<char> word) => !Is(word, "AAAAA9999A") ? 0 : "ABCFGHJLPTEK".Contains(char.ToUpperInvariant(word[3]), StringComparison.Ordinal) ? 0.5 : 2 * Numbers.Weak;

    /// <summary>Singaporean identity numbers: a series, seven digits, a check letter.</summary>
    public static double Nric(ReadOnlySpan<char> word)
    {
        if (!Is(word, "A9999999A"))
            return 0;
        var sum = 0;
        for (var index = 0; index < 7; index++)
            sum += (word[index + 1] - '0') * (index == 0 ? 2 : 8 - index);
        var (letters, offset) = char.ToUpperInvariant(word[0]) switch
        {
            'S' => ("JZIHGFEDCBA", 0),
            'T' => ("JZIHGFEDCBA", 4),
            'F' => ("XWUTRQPNMLK", 0),
            'G' => ("XWUTRQPNMLK", 4),
            'M' => ("KLJNPQRTUWX", 3),
            _ => ("", 0),
        };
        if (letters.Length == 0)
            return 0.3;
        var check = (sum + offset) % 11;
        return letters[letters[0] == 'K' ? 10 - check : check] == char.ToUpperInvariant(word[8]) ? 0.7 : 0.4;
    }

    /// <summary>UK national insurance: a prefix that is given out, six digits, A to D; pairs may be apart.</summary>
    public static bool IsNino(ReadOnlySpan<char> text, int start, out int end)
    {
        Span<char> code = stackalloc char[9];
        var at = start;
        for (var index = 0; index < 9; index++)
        {
            if (index is 2 or 4 or 6 or 8 && at < text.Length && text[at] == ' ')
                at++;
            if (at >= text.Length || !(index is < 2 or 8 ? char.IsAsciiLetter(text[at]) : char.IsAsciiDigit(text[at])))
            {
                end = start;
                return false;
            }
            code[index] = char.ToUpperInvariant(text[at++]);
        }
        end = at;
        return Edge.After(text, at) && !code[..2].ContainsAny(NeverFirst) && code[1] != 'O' && code[8] <= 'D' && code[..2] is not ("BG" or "GB" or "KN" or "NK" or "NT" or "TN" or "ZZ");
    }

    /// <summary>US Medicare: eleven characters in fixed places, without letters that look like digits; whole, or as 4-3-4.</summary>
    public static bool IsMbi(ReadOnlySpan<char> text, int start, out int end)
    {
        var (at, isApart) = (start, start + 4 < text.Length && text[start + 4] == '-');
        end = start;
        for (var index = 0; index < 11; index++)
        {
            if (isApart && index is 4 or 7)
            {
                if (at >= text.Length || text[at] != '-')
                    return false;
                at++;
            }
            if (at >= text.Length)
                return false;
            var isDigit = char.IsAsciiDigit(text[at]);
            var isLetter = char.IsAsciiLetter(text[at]) && !"SLOIBZ".Contains(char.ToUpperInvariant(text[at]), StringComparison.Ordinal);
            if (!(index switch { 0 => isDigit && text[at] != '0', 3 or 6 or 9 or 10 => isDigit, 2 or 5 => isDigit || isLetter, _ => isLetter }))
                return false;
            at++;
        }
        end = at;
        return Edge.After(text, at) && !Edge.Continues(text, at);
    }
}
