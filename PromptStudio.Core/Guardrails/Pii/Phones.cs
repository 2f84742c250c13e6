using PhoneNumbers;
using PromptStudio.Core.Guardrails.Text;

namespace PromptStudio.Core.Guardrails.Pii;

/// <summary>Phone numbers: what looks like one is shown to libphonenumber, which knows every country's numbering plan.</summary>
internal sealed class Phones
{
    /// <summary>Where a number without its country is looked for: in the order in which they are asked.</summary>
    public static readonly string[] DefaultRegions = ["US", "GB", "DE", "FR", "IN", "BR", "IL", "JP", "CN"];

    /// <summary>Questions to the library about one text: each takes up to a tenth of a millisecond.</summary>
    private const int MaxQuestions = 1_000;

    private const int LeastDigits = 7;
    private const int MostDigits = 17;

    /// <summary>Characters of something that looks like a number.</summary>
    private const int MaxLength = 50;

    /// <summary>Characters around it that the library is shown: a letter or a slash next to a number says that it is none.</summary>
    private const int Margin = 2;

    private static readonly Lazy<PhoneNumberUtil> Library = new(PhoneNumberUtil.GetInstance);

    private readonly string[] _regions;

    /// <param name="regions">Two-letter codes of countries; null: the usual ones.</param>
    /// <exception cref="FormatException">One is not known.</exception>
    public Phones(IReadOnlyList<string>? regions)
    {
        _regions = regions is null ? DefaultRegions : [.. regions];
        if (Array.Find(_regions, region => !Library.Value.GetSupportedRegions().Contains(region)) is { } unknown)
            throw RuleConfig.Wrong("regions", $"has no region '{unknown}'; known are two-letter codes of countries in capitals, such as US, GB, DE.");
        // Countries that share a calling code share its plan: the United States and Canada.
        _regions = [.. _regions.DistinctBy(Library.Value.GetCountryCodeForRegion)];
        // The library reads a country's plan when it is first asked for: not while a prompt waits.
        foreach (var region in _regions)
            Library.Value.IsPossibleNumber(Library.Value.GetExampleNumber(region) ?? new PhoneNumber());
    }

    /// <summary>Adds the phone numbers of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="least">The score below which nothing is of interest.</param>
    /// <param name="questions">Counts the questions to the library, about all views of one text.</param>
    /// <param name="found">Gets what is found; what is there already is not looked at again.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether all of the text was looked at; not where too much looks like a number.</returns>
    public bool Find(string text, double least, ref int questions, ref List<PiiCandidate>? found, CancellationToken cancellationToken)
    {
        var count = 0;
        for (var at = 0; at < text.Length && count < Rule.MaxHits;)
        {
            var next = text.AsSpan(at).IndexOfAny(Edge.Digits);
            if (next < 0)
                return true;
            var look = Look.At(text, at + next, at);
            at = look.End;
            if (!look.IsLikely(text, out var score) || IsKnown(found, look) || PiiCandidate.Weigh(text, PiiKind.Phone, look.Start, look.End, score, least) is not { } likely)
                continue;
            cancellationToken.ThrowIfCancellationRequested();
            if (questions >= MaxQuestions)
                return false;
            if (Ask(text, look, ref questions) is not { } number)
                continue;
            (found ??= []).Add(likely with { Start = number.Start, End = number.End });
            count++;
        }
        return true;
    }

    private TextSpan? Ask(string text, in Look look, ref int questions)
    {
        var start = Math.Max(0, look.Start - Margin);
        var shown = text[start..Math.Min(text.Length, look.End + Margin)];
        TextSpan? longest = null;
        foreach (var region in _regions)
        {
            questions++;
            foreach (var match in Library.Value.FindNumbers(shown, region, PhoneNumberUtil.Leniency.VALID, 10))
            {
                if (longest is not { } known || match.Length > known.End - known.Start)
                    longest = new TextSpan(start + match.Start, start + match.Start + match.Length);
            }
            // A number with its country is the same everywhere.
            if (look.IsInternational || longest is { } all && all.End - all.Start >= look.End - look.Start - 1)
                break;
        }
        return longest;
    }

    private static bool IsKnown(List<PiiCandidate>? found, in Look look)
    {
        if (found is null)
            return false;
        foreach (var one in found)
        {
            if (one.Score >= 0.6 && one.Kind != PiiKind.Url && one.Start <= look.Start + 1 && one.End >= look.End)
                return true;
        }
        return false;
    }

    /// <summary>Something that looks like a phone number.</summary>
    private readonly record struct Look(int Start, int End, int DigitCount, int Gaps, char Gap, bool IsInternational)
    {
        public static Look At(string text, int digit, int least)
        {
            var start = digit;
            while (start > least && digit - start < 3 && text[start - 1] is '(' or '+')
                start--;
            var (at, end, digits, gaps, gap) = (digit, digit, 0, 0, '\0');
            while (at < text.Length && at - start < MaxLength)
            {
                var run = text.AsSpan(at).IndexOfAnyExcept(Edge.Digits) is var length and >= 0 ? length : text.Length - at;
                digits += run;
                at += run;
                end = at;
                var apart = 0;
                while (at + apart < text.Length && apart < 4 && text[at + apart] is ' ' or '-' or '.' or '/' or '(' or ')' or 'x' or '\u2013')
                    apart++;
                if (apart == 0 || at + apart >= text.Length || !char.IsAsciiDigit(text[at + apart]))
                    break;
                var kind = text.AsSpan(at, apart).TrimStart(' ') is [var other, ..] ? other : ' ';
                gap = gaps++ == 0 || gap == ' ' ? kind : gap;
                at += apart;
            }
            return new Look(start, end, digits, gaps, gap, text[start] == '+' || (start < digit && text.AsSpan(start, digit - start).Contains('+')));
        }

        /// <summary>Whether it is worth a question, and how sure a number of this form would be.</summary>
        public bool IsLikely(string text, out double score)
        {
            var isNational = text[Start] == '(' || (text[Start] == '0' && Gaps > 0);
            score = IsInternational ? 0.6 : Gaps == 0 ? 0.25 : text[Start] == '(' || Gap is '-' or '.' or '/' or ')' or '(' ? 0.5 : isNational ? 0.4 : 0.3;
            return DigitCount is >= LeastDigits and <= (2 * MostDigits) && (Gaps > 0 || DigitCount <= MostDigits) && !(Gaps == 1 && Gap == '.' && !IsInternational) && !IsDate(text.AsSpan(Start, End - Start))
                && (Start == 0 || !(text[Start - 1] is '.' or ',' or '/' or '$' or '€' or '_' && !IsInternational) || (text[Start - 1] is ',' or '.' && (Start == 1 || !char.IsAsciiDigit(text[Start - 2]))))
                && (Gaps > 0 || IsInternational || Start == 0 || !char.IsAsciiLetter(text[Start - 1])) && (End >= text.Length || text[End] is not ('_' or '%'));
        }

        /// <summary>2024-01-15, 15.01.2024, 1/15/24, and what goes on after them.</summary>
        private static bool IsDate(ReadOnlySpan<char> look)
        {
            var first = look.IndexOfAnyExcept(Edge.Digits);
            if (first is not (1 or 2 or 4) || look[first] is not ('-' or '.' or '/'))
                return false;
            var rest = look[(first + 1)..];
            var second = rest.IndexOfAnyExcept(Edge.Digits);
            if (second is not (1 or 2) || rest[second] != look[first])
                return false;
            var third = rest[(second + 1)..].IndexOfAnyExcept(Edge.Digits) is var end and >= 0 ? end : rest.Length - second - 1;
            return first == 4 ? third is 1 or 2 && look[0] is '1' or '2' : third is 2 or 4 && (third == 4 || rest.Length == second + 3);
        }
    }
}
