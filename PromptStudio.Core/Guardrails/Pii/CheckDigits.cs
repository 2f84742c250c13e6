namespace PromptStudio.Core.Guardrails.Pii;

/// <summary>The check digits that numbers carry. Digits are given as characters, without separators.</summary>
internal static class CheckDigits
{
    private static ReadOnlySpan<byte> VerhoeffProduct =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4, 0, 6, 7, 8, 9, 5, 2, 3, 4, 0, 1, 7, 8, 9, 5, 6, 3, 4, 0, 1, 2, 8, 9, 5, 6, 7, 4, 0, 1, 2, 3, 9, 5, 6, 7, 8,
        5, 9, 8, 7, 6, 0, 4, 3, 2, 1, 6, 5, 9, 8, 7, 1, 0, 4, 3, 2, 7, 6, 5, 9, 8, 2, 1, 0, 4, 3, 8, 7, 6, 5, 9, 3, 2, 1, 0, 4, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0,
    ];

    private static ReadOnlySpan<byte> VerhoeffPermutation =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 5, 7, 6, 2, 8, 3, 0, 9, 4, 5, 8, 0, 3, 7, 9, 6, 1, 4, 2, 8, 9, 1, 6, 0, 4, 3, 5, 2, 7,
        9, 4, 5, 3, 1, 2, 6, 8, 7, 0, 4, 2, 8, 6, 5, 7, 3, 9, 0, 1, 2, 7, 9, 3, 8, 0, 6, 4, 1, 5, 7, 0, 4, 6, 9, 1, 3, 2, 5, 8,
    ];

    /// <summary>Luhn: cards, Canadian social insurance.</summary>
    public static bool Luhn(ReadOnlySpan<char> digits, int before = 0)
    {
        var sum = before;
        for (var index = 0; index < digits.Length; index++)
        {
            var digit = digits[^(index + 1)] - '0';
            sum += index % 2 == 0 ? digit : digit < 5 ? 2 * digit : (2 * digit) - 9;
        }
        return sum % 10 == 0;
    }

    /// <summary>The last digit makes the weighted sum of all divisible.</summary>
    public static bool Weighted(ReadOnlySpan<char> digits, ReadOnlySpan<byte> weights, int modulus)
    {
        var sum = 0;
        for (var index = 0; index < weights.Length; index++)
            sum += (digits[index] - '0') * weights[index];
        return sum % modulus == 0;
    }

    /// <summary>Verhoeff: Aadhaar.</summary>
    public static bool Verhoeff(ReadOnlySpan<char> digits)
    {
        var check = 0;
        for (var index = 0; index < digits.Length; index++)
            check = VerhoeffProduct[(10 * check) + VerhoeffPermutation[(10 * (index % 8)) + digits[^(index + 1)] - '0']];
        return check == 0;
    }

    /// <summary>ISO 7064, mod 11,10: German tax numbers.</summary>
    public static bool Iso7064Mod1110(ReadOnlySpan<char> digits)
    {
        var product = 10;
        foreach (var digit in digits[..^1])
        {
            var sum = (product + digit - '0') % 10;
            product = 2 * (sum == 0 ? 10 : sum) % 11;
        }
        return (11 - product) % 10 == digits[^1] - '0';
    }

    /// <summary>ISO 7064, mod 97: the letters count as 10 to 35, and the first four characters go last.</summary>
    public static bool Mod97(ReadOnlySpan<char> iban)
    {
        var rest = 0;
        for (var index = 0; index < iban.Length; index++)
        {
            var character = iban[(index + 4) % iban.Length];
            rest = char.IsAsciiDigit(character) ? ((10 * rest) + character - '0') % 97 : ((100 * rest) + char.ToUpperInvariant(character) - 'A' + 10) % 97;
        }
        return rest == 1;
    }

    /// <summary>Whether all digits are the same: nobody's number.</summary>
    public static bool AllSame(ReadOnlySpan<char> digits) => !digits.ContainsAnyExcept(digits[0]);
}
