namespace PromptStudio.Core.Guardrails.Pii;

/// <summary>Payment cards: the issuers' ranges, their lengths, and Luhn.</summary>
internal static class Cards
{
    private const double Sure = 1;

    /// <summary>A check digit alone says little of a short number of a wide range.</summary>
    private const double NeedsContext = 0.2;

    /// <summary>How sure it is that digits are a card's number; 0: they are not.</summary>
    public static double Score(ReadOnlySpan<char> digits)
    {
        if (digits.Length is < 12 or > 19 || CheckDigits.AllSame(digits))
            return 0;
        var score = Issuer(int.Parse(digits[..6], System.Globalization.CultureInfo.InvariantCulture), digits.Length);
        return score > 0 && CheckDigits.Luhn(digits) ? score : 0;
    }

    /// <summary>By the first six digits.</summary>
    private static double Issuer(int first, int length) => (first / 10_000, length) switch
    {
        // Visa: thirteen digits are of the last century, and bar codes look the same.
        ( >= 40 and <= 49, 16 or 19) => Sure,
        ( >= 40 and <= 49, 13) => 0.4,
        // Mastercard.
        ( >= 51 and <= 55, 16) => Sure,
        ( >= 22 and <= 27, 16) when first is >= 222_100 and <= 272_099 => Sure,
        // American Express, Diners Club, JCB.
        (34 or 37, 15) => Sure,
        (36, >= 14) => Sure,
        (38 or 39, 14 or (>= 16)) => Sure,
        (30, 14 or (>= 16)) when first is (>= 300_000 and <= 305_999) or (>= 309_500 and <= 309_599) => Sure,
        (35, >= 16) when first is >= 352_800 and <= 358_999 => Sure,
        (18 or 21, 15) when first / 100 is 1_800 or 2_131 => Sure,
        // Discover, UnionPay, Maestro, RuPay and others of the sixes and fifties.
        ( >= 60 and <= 69, >= 16) or (50 or (>= 56 and <= 58), >= 16) => Sure,
        (81 or 82, >= 16) when first is (>= 810_000 and <= 817_199) or (>= 820_000 and <= 829_999) => 0.6,
        (50 or (>= 56 and <= 58) or (>= 60 and <= 69), _) => NeedsContext,
        // Mir, Borica, Troy, Uzcard, Humo.
        (22, >= 16) when first is >= 220_000 and <= 220_599 => Sure,
        (97, 16) when first / 100 is 9_792 => Sure,
        (86 or 98, 16) when first / 100 is 8_600 or 9_860 => Sure,
        // UATP: airlines'.
        ( >= 10 and <= 19, 15) => 0.5,
        _ => 0,
    };
}
