using System.Collections.Frozen;
using System.Globalization;

namespace PromptStudio.Core.Guardrails.Pii;

/// <summary>IBANs: each country's structure, and mod 97.</summary>
internal static class Ibans
{
    private const int MaxLength = 34;

    /// <summary>By country, what follows the check digits: lengths of digits (n), letters (a), either (c).</summary>
    private static readonly FrozenDictionary<string, string> Structures = Expand(
        "AD 8n12c,AE 19n,AL 8n16c,AT 16n,AZ 4a20c,BA 16n,BE 12n,BG 4a6n8c,BH 4a14c,BI 23n,BR 23n1a1c,BY 4c4n16c,CH 5n12c,CR 18n,CY 8n16c,CZ 20n,DE 18n,DJ 23n,DK 14n,DO 4c20n,"
        + "EE 16n,EG 25n,ES 20n,FI 14n,FK 2a12n,FO 14n,FR 10n11c2n,GB 4a14n,GE 2a16n,GI 4a15c,GL 14n,GR 7n16c,GT 24c,HN 4a20n,HR 17n,HU 24n,IE 4a14n,IL 19n,IQ 4a15n,IS 22n,IT 1a10n12c,"
        + "JO 4a4n18c,KW 4a22c,KZ 3n13c,LB 4n20c,LC 4a24c,LI 5n12c,LT 16n,LU 3n13c,LV 4a13c,LY 21n,MC 10n11c2n,MD 20c,ME 18n,MK 3n10c2n,MN 16n,MR 23n,MT 4a5n18c,MU 4a19n3a,"
        + "NI 4a20n,NL 4a10n,NO 11n,OM 3n16c,PK 4a16c,PL 24n,PS 4a21c,PT 21n,QA 4a21c,RO 4a16c,RS 18n,RU 14n15c,SA 2n18c,SC 4a20n3a,SD 14n,SE 20n,SI 15n,SK 20n,SM 1a10n12c,SO 19n,ST 21n,SV 4a20n,"
        + "TL 19n,TN 20n,TR 6n16c,UA 6n19c,VA 18n,VG 4a16n,XK 16n,YE 4a4n18c");

    /// <summary>Whether an IBAN begins at a place; letters and digits may stand in groups.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">Where the country's first letter is.</param>
    /// <param name="end">Where it ends.</param>
    public static bool TryRead(ReadOnlySpan<char> text, int start, out int end)
    {
        end = start;
        Span<char> code = stackalloc char[MaxLength];
        if (start + 2 > text.Length || !Structures.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(Upper(text.Slice(start, 2), code), out var structure))
            return false;
        var (at, length) = (start, 0);
        while (length < structure.Length + 4)
        {
            if (length > 1 && at + 1 < text.Length && text[at] is ' ' or '-' && char.IsAsciiLetterOrDigit(text[at + 1]))
                at++;
            if (at >= text.Length || !Fits(text[at], length switch { < 2 => 'a', < 4 => 'n', _ => structure[length - 4] }))
                return false;
            code[length++] = text[at++];
        }
        end = at;
        return Edge.After(text, at) && CheckDigits.Mod97(code[..length]);
    }

    private static bool Fits(char character, char kind) => kind switch
    {
        'n' => char.IsAsciiDigit(character),
        'a' => char.IsAsciiLetter(character),
        _ => char.IsAsciiLetterOrDigit(character),
    };

    private static ReadOnlySpan<char> Upper(ReadOnlySpan<char> country, Span<char> buffer) => buffer[..country.ToUpperInvariant(buffer)];

    /// <summary>Writes each structure out, a letter for each character.</summary>
    private static FrozenDictionary<string, string> Expand(string structures)
    {
        var expanded = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var one in structures.Split(','))
        {
            var (whole, count) = ("", 0);
            foreach (var character in one[3..])
                (whole, count) = char.IsAsciiDigit(character) ? (whole, (10 * count) + int.Parse([character], CultureInfo.InvariantCulture)) : (whole + new string(character, count), 0);
            expanded.Add(one[..2], whole);
        }
        return expanded.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
