using System.Buffers;

namespace PromptStudio.Core.Guardrails.Pii;

/// <summary>One pass over a text: goes from digit to digit and from mark to mark, and looks there at what could stand. Each place costs a bounded amount of work.</summary>
/// <param name="text">The text.</param>
/// <param name="wanted">The kinds that are wanted, by their <see cref="Bit"/>.</param>
/// <param name="minScore">The score that a find has at least, after a look at the words before it.</param>
/// <param name="cancellationToken">Gives up.</param>
internal ref struct PiiScan(ReadOnlySpan<char> text, uint wanted, double minScore, CancellationToken cancellationToken)
{
    /// <summary>Digits of the longest number there is.</summary>
    private const int MaxNumber = 19;

    /// <summary>Finds of one text that are weighed against each other.</summary>
    private const int MaxFound = 20_000;

    private static readonly SearchValues<char> Marks = SearchValues.Create("@:.-");

    private readonly ReadOnlySpan<char> _text = text;

    /// <summary>What was found; null: nothing.</summary>
    public List<PiiCandidate>? Found { get; private set; }

    /// <summary>The bit of a kind among those that are wanted.</summary>
    public static uint Bit(PiiKind kind) => 1u << (int)kind;

    /// <summary>Looks for everything but phone numbers.</summary>
    public void Run()
    {
        FindAtDigits();
        if ((wanted & (Bit(PiiKind.Email) | Bit(PiiKind.Url) | Bit(PiiKind.IpAddress) | Bit(PiiKind.MacAddress))) != 0)
            FindAtMarks();
    }

    private void FindAtDigits()
    {
        for (var at = 0; at < _text.Length;)
        {
            var next = _text[at..].IndexOfAny(Edge.Digits);
            if (next < 0)
                return;
            var (start, end) = (at + next, at + next + 1);
            while (start > at && char.IsAsciiLetterOrDigit(_text[start - 1]))
                start--;
            while (end < _text.Length && char.IsAsciiLetterOrDigit(_text[end]))
                end++;
            cancellationToken.ThrowIfCancellationRequested();
            if (Edge.Before(_text, start))
                FindAtWord(start, end);
            at = end;
        }
    }

    private void FindAtWord(int start, int end)
    {
        if (end - start <= MaxNumber && !_text[start..end].ContainsAnyExcept(Edge.Digits))
            AddNumbers(start, end);
        else
            AddCodes(start, end);
        if (char.IsAsciiLetter(_text[start]) && Ibans.TryRead(_text, start, out var ibanEnd))
            Add(PiiKind.Iban, start, ibanEnd, 1);
        // Two letters and a space may come first: "AA 12 34 56 B".
        var front = start - 3;
        if (front >= 0 && _text[start - 1] is ' ' or '-' && char.IsAsciiLetter(_text[start - 2]) && char.IsAsciiLetter(_text[front]) && Edge.Before(_text, front))
        {
            if (_text[start - 1] == ' ' && Codes.IsNino(_text, front, out var ninoEnd))
                Add(PiiKind.UkNino, front, ninoEnd, 0.5);
            if (Ibans.TryRead(_text, front, out ibanEnd))
                Add(PiiKind.Iban, front, ibanEnd, 1);
        }
    }

    private void AddNumbers(int start, int end)
    {
        if (Edge.IsContinued(_text, start))
            return;
        var groups = DigitGroups.Read(_text, start);
        if (groups.Count == 0)
            return;
        AddCard(groups, start);
        if (groups.Separator(0) is '\0' or ' ')
            AddPlain(_text[start..end], start);
        AddGrouped(groups, start);
        if (end < _text.Length && _text[end] == '-' && Codes.NifLength(_text[start..]) is > 0 and var length && Edge.After(_text, start + length))
            Add(PiiKind.EsNif, start, start + length, 0.5);
    }

    private void AddCard(DigitGroups groups, int start)
    {
        var digits = 0;
        for (var group = 0; group < groups.Count; group++)
        {
            digits += groups.Size(group);
            // Written whole, or in groups of which the first has four.
            if ((group == 0 || (groups.Size(0) == 4 && groups.Size(group) <= 6)) && digits is >= 12 and <= 19
                && (group == groups.Count - 1 || groups.Separator(group) == ' ') && Cards.Score(groups.First(digits)) is > 0 and var score)
                Add(PiiKind.CreditCard, start, groups.End(group), score);
            if (groups.Separator(group) is not (' ' or '-' or '.'))
                return;
        }
    }

    private void AddPlain(ReadOnlySpan<char> number, int start)
    {
        var end = start + number.Length;
        switch (number.Length)
        {
            case 9:
                Add(PiiKind.UsSsn, start, end, Numbers.IsSsn(number) ? Numbers.Weak : 0);
                Add(PiiKind.UsItin, start, end, Numbers.IsItin(number) ? 0.3 : 0);
                Add(PiiKind.UsPassport, start, end, Numbers.Weak);
                Add(PiiKind.AbaRoutingNumber, start, end, Numbers.IsRouting(number) ? 0.4 : 0);
                Add(PiiKind.CaSin, start, end, Numbers.IsSin(number) ? Numbers.Weak : 0);
                Add(PiiKind.AuTfn, start, end, Numbers.IsTfn(number) ? 0.4 : 0);
                break;
            case 10:
                Add(PiiKind.UsNpi, start, end, Numbers.IsNpi(number) ? 0.4 : 0);
                Add(PiiKind.UkNhs, start, end, Numbers.IsNhs(number) ? 0.4 : 0);
                break;
            case 11:
                Add(PiiKind.PlPesel, start, end, Numbers.IsPesel(number) ? 0.5 : 0);
                Add(PiiKind.DeTaxId, start, end, Numbers.TaxId(number));
                break;
            case 12:
                Add(PiiKind.InAadhaar, start, end, Numbers.IsAadhaar(number) ? 0.4 : 0);
                break;
        }
        if (number.Length is >= 8 and <= 17)
            Add(PiiKind.UsBankNumber, start, end, Numbers.Weak);
        if (number.Length is (>= 6 and <= 14) or 16)
            Add(PiiKind.UsDriverLicense, start, end, Numbers.Weak / 2);
    }

    private void AddGrouped(DigitGroups groups, int start)
    {
        if (groups.Are("-. ", 3, 2, 4))
        {
            Add(PiiKind.UsSsn, start, groups.End(2), Numbers.IsSsn(groups.First(9)) ? 0.5 : 0);
            Add(PiiKind.UsItin, start, groups.End(2), groups.Separator(0) != '.' && Numbers.IsItin(groups.First(9)) ? 0.5 : 0);
        }
        else if (groups.Are("-. ", 3, 6) || groups.Are("-. ", 5, 4))
        {
            Add(PiiKind.UsSsn, start, groups.End(1), Numbers.IsSsn(groups.First(9)) ? Numbers.Weak : 0);
            Add(PiiKind.UsItin, start, groups.End(1), Numbers.IsItin(groups.First(9)) ? Numbers.Weak : 0);
        }
        else if (groups.Are("- ", 3, 3, 3))
        {
            Add(PiiKind.CaSin, start, groups.End(2), Numbers.IsSin(groups.First(9)) ? 0.5 : 0);
            Add(PiiKind.AuTfn, start, groups.End(2), groups.Separator(0) == ' ' && Numbers.IsTfn(groups.First(9)) ? 0.4 : 0);
        }
        else if (groups.Are("- ", 4, 3, 3))
        {
            Add(PiiKind.UsNpi, start, groups.End(2), Numbers.IsNpi(groups.First(10)) ? 0.5 : 0);
        }
        else if (groups.Are("- ", 3, 3, 4))
        {
            Add(PiiKind.UkNhs, start, groups.End(2), Numbers.IsNhs(groups.First(10)) ? 0.4 : 0);
        }
        else if (groups.Are("-", 4, 4, 1))
        {
            Add(PiiKind.AbaRoutingNumber, start, groups.End(2), Numbers.IsRouting(groups.First(9)) ? 0.5 : 0);
        }
        else if (groups.Are("-: ", 4, 4, 4))
        {
            Add(PiiKind.InAadhaar, start, groups.End(2), Numbers.IsAadhaar(groups.First(12)) ? 0.5 : 0);
        }
        if (groups.Count >= 4 && Addresses.IsIpv4(_text, start, out var end))
            Add(PiiKind.IpAddress, start, end, 0.6);
    }

    private void AddCodes(int start, int end)
    {
        var word = _text[start..end];
        if (Edge.After(_text, end))
        {
            Add(PiiKind.UsPassport, start, end, Codes.Is(word, "A99999999") ? 2 * Numbers.Weak : 0);
            Add(PiiKind.UsDriverLicense, start, end, Codes.DriverLicense(word));
            Add(PiiKind.UkPassport, start, end, Codes.Is(word, "AA9999999") ? 2 * Numbers.Weak : 0);
            Add(PiiKind.MedicalLicense, start, end, Codes.IsDea(word) ? 0.5 : 0);
            Add(PiiKind.EsNif, start, end, Codes.NifLength(word) == word.Length ? 0.5 : 0);
            Add(PiiKind.ItFiscalCode, start, end, Codes.FiscalCode(word));
            Add(PiiKind.InPan, start, end, Codes.Pan(word));
            Add(PiiKind.SgNricFin, start, end, Codes.Nric(word));
            Add(PiiKind.Crypto, start, end, word.Length >= 14 && CryptoAddresses.IsAddress(word) ? 1 : 0);
        }
        if (Codes.IsNino(_text, start, out var ninoEnd))
            Add(PiiKind.UkNino, start, ninoEnd, 0.5);
        if (Codes.IsMbi(_text, start, out var mbiEnd))
            Add(PiiKind.UsMbi, start, mbiEnd, mbiEnd - start == 11 ? 0.3 : 0.5);
    }

    private void FindAtMarks()
    {
        var addressEnd = 0;
        for (var at = 0; at < _text.Length; at++)
        {
            var next = _text[at..].IndexOfAny(Marks);
            if (next < 0)
                return;
            at += next;
            cancellationToken.ThrowIfCancellationRequested();
            switch (_text[at])
            {
                case '@':
                    if (Mail.TryRead(_text, at, out var mail))
                        Add(PiiKind.Email, mail.Start, mail.End, 1);
                    break;
                case ':' when Urls.TryRead(_text, at, out var url):
                    Add(PiiKind.Url, url.Start, url.End, 0.6);
                    break;
                case '.' when Urls.TryReadBare(_text, at, out var domain):
                    Add(PiiKind.Url, domain.Start, domain.End, 0.5);
                    break;
                default:
                    if (Addresses.IsMac(_text, at, out var mac))
                        Add(PiiKind.MacAddress, mac.Start, mac.End, 0.6);
                    if (_text[at] == ':' && at >= addressEnd && Addresses.Ipv6(_text, at, ref addressEnd, out var address) is > 0 and var score)
                        Add(PiiKind.IpAddress, address.Start, address.End, score);
                    break;
            }
        }
    }

    private void Add(PiiKind kind, int start, int end, double score)
    {
        if (score > 0 && (wanted & Bit(kind)) != 0 && PiiCandidate.Weigh(_text, kind, start, end, score, minScore) is { } candidate && (Found?.Count ?? 0) < MaxFound)
            (Found ??= []).Add(candidate);
    }
}
