namespace PromptStudio.Core.Guardrails.Pii;

/// <summary>Numbers of persons and accounts: blocks that are given out, and check digits. Digits only, of the right length.</summary>
internal static class Numbers
{
    /// <summary>What any number of that length scores: it needs a word before it that says what it is.</summary>
    public const double Weak = 0.05;

    /// <summary>US social security: no block of zeros, no area 666 or from 900 on, and none that was printed in advertisements.</summary>
    public static bool IsSsn(ReadOnlySpan<char> number) => !CheckDigits.AllSame(number) && number[..3] is not ("000" or "666") && number[0] != '9' && number[3..5] is not "00" && number[5..] is not "0000"
        && number is not ("078051120" or "219099999" or "123456789");

    /// <summary>US taxpayers without social security: begin with 9, and the fourth and fifth digit are of the blocks given out.</summary>
    public static bool IsItin(ReadOnlySpan<char> number) => number[0] == '9' && (((number[3] - '0') * 10) + number[4] - '0') is (>= 50 and <= 65) or (>= 70 and <= 88) or (>= 90 and <= 92) or (>= 94 and <= 99);

    /// <summary>US bank routing: the Federal Reserve's districts, and the check digit.</summary>
    public static bool IsRouting(ReadOnlySpan<char> number) => !CheckDigits.AllSame(number)
        && (((number[0] - '0') * 10) + number[1] - '0') is <= 12 or (>= 21 and <= 32) or (>= 61 and <= 72) or 80 && CheckDigits.Weighted(number, [3, 7, 1, 3, 7, 1, 3, 7, 1], 10);

    /// <summary>US health providers: Luhn as if the prefix 80840 stood before.</summary>
    public static bool IsNpi(ReadOnlySpan<char> number) => number[0] is '1' or '2' && number[1..9].ContainsAnyExcept(number[0]) && CheckDigits.Luhn(number, before: 24);

    /// <summary>UK health service: mod 11, the check digit last.</summary>
    public static bool IsNhs(ReadOnlySpan<char> number) => !CheckDigits.AllSame(number) && CheckDigits.Weighted(number, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1], 11);

    /// <summary>Canadian social insurance: 0 and 8 are not given out.</summary>
    public static bool IsSin(ReadOnlySpan<char> number) => number[0] is not ('0' or '8') && !CheckDigits.AllSame(number) && CheckDigits.Luhn(number);

    /// <summary>Australian tax files.</summary>
    public static bool IsTfn(ReadOnlySpan<char> number) => !CheckDigits.AllSame(number) && CheckDigits.Weighted(number, [1, 4, 3, 7, 5, 8, 6, 9, 10], 11);

    /// <summary>Polish: a date of birth with its century in the month, and a check digit.</summary>
    public static bool IsPesel(ReadOnlySpan<char> number)
    {
        var (year, month, day) = (Two(number), Two(number[2..]), Two(number[4..]));
        var century = (month / 20) switch { 0 => 1900, 1 => 2000, 2 => 2100, 3 => 2200, _ => 1800 };
        return month % 20 is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(century + year, month % 20) && CheckDigits.Weighted(number, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1], 10);
    }

    /// <summary>German tax numbers: of the first ten digits one comes twice or three times, the others once at most. Older examples have all ten.</summary>
    public static double TaxId(ReadOnlySpan<char> number)
    {
        if (number[0] == '0' || !CheckDigits.Iso7064Mod1110(number))
            return 0;
        Span<int> counts = stackalloc int[10];
        foreach (var digit in number[..10])
            counts[digit - '0']++;
        var repeated = 10 - counts.Count(0) - counts.Count(1);
        return counts.ContainsAnyInRange(4, 10) ? 0 : repeated == 1 ? 0.5 : 0.35;
    }

    /// <summary>Indian Aadhaar: no 0 or 1 first, no palindrome, Verhoeff.</summary>
    public static bool IsAadhaar(ReadOnlySpan<char> number)
    {
        var isPalindrome = true;
        for (var index = 0; index < 6; index++)
            isPalindrome &= number[index] == number[^(index + 1)];
        return number[0] is >= '2' && !isPalindrome && CheckDigits.Verhoeff(number);
    }

    private static int Two(ReadOnlySpan<char> digits) => ((digits[0] - '0') * 10) + digits[1] - '0';
}
