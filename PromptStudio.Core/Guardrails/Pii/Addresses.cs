using System.Buffers;
using PromptStudio.Core.Guardrails.Text;

namespace PromptStudio.Core.Guardrails.Pii;

/// <summary>Addresses of the internet and of network cards.</summary>
internal static class Addresses
{
    /// <summary>Characters that an address has at most, with an IPv4 address at its end.</summary>
    private const int MaxAddress = 45;

    private const int MaxZone = 32;

    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdefABCDEF");

    private static readonly SearchValues<char> AddressCharacters = SearchValues.Create("0123456789abcdefABCDEF:.");

    /// <summary>Whether an IPv4 address stands at a place: four numbers to 255, a prefix length or none.</summary>
    public static bool IsIpv4(ReadOnlySpan<char> text, int start, out int end)
    {
        end = start;
        if (Dotted(text, start) is not (> 0 and var length) || (start > 1 && text[start - 1] == '.' && char.IsAsciiDigit(text[start - 2])))
            return false;
        end = start + length;
        if (!Edge.After(text, end) || (end + 1 < text.Length && text[end] == '.' && Edge.IsWord(text[end + 1])))
            return false;
        end += Prefix(text, end, 32);
        return true;
    }

    /// <summary>Looks for an IPv6 address around a colon: eight groups, or fewer and one <c>::</c>, perhaps with an IPv4 address last, a zone, a prefix length.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">Where the colon is.</param>
    /// <param name="runEnd">Gets where the run of such characters ends: none of its other colons needs to be looked at.</param>
    /// <param name="span">Where the address is.</param>
    /// <returns>How sure it is; 0: it is none.</returns>
    public static double Ipv6(ReadOnlySpan<char> text, int at, ref int runEnd, out TextSpan span)
    {
        var start = at;
        while (start > runEnd && Hex.Contains(text[start - 1]))
            start--;
        var end = text[at..].IndexOfAnyExcept(AddressCharacters) is var length and >= 0 ? at + length : text.Length;
        runEnd = end;
        while (end > start && (text[end - 1] == '.' || (text[end - 1] == ':' && (end - start < 2 || text[end - 2] != ':'))))
            end--;
        span = new TextSpan(start, end);
        var address = text[start..end];
        if (address.Length is < 2 or > MaxAddress || !Edge.Before(text, start) || !Edge.After(text, end) || !IsIpv6(address))
            return 0;
        var groups = address.ContainsAny(Hex);
        if (groups && end < text.Length && text[end] == '%')
        {
            var zone = 1;
            while (zone <= MaxZone && end + zone < text.Length && (char.IsAsciiLetterOrDigit(text[end + zone]) || text[end + zone] is '.' or '-' or '_'))
                zone++;
            end += zone > 1 ? zone : 0;
        }
        end += Prefix(text, end, 128);
        runEnd = Math.Max(runEnd, end);
        span = new TextSpan(start, end);
        // "::" is an operator, and "dead::beef" may be one between two names.
        return !groups ? 0.1 : address.ContainsAny(Edge.Digits) ? 0.6 : 0.2;
    }

    /// <summary>Whether a network card's address begins two or four characters before a mark.</summary>
    public static bool IsMac(ReadOnlySpan<char> text, int at, out TextSpan span)
    {
        var (group, count) = text[at] == '.' ? (4, 3) : (2, 6);
        var start = at - group;
        var length = (group + 1) * count - 1;
        span = new TextSpan(start, start + length);
        if (start < 0 || span.End > text.Length || !Edge.Before(text, start) || !Edge.After(text, span.End) || (start > 0 && text[start - 1] == text[at]) || (span.End < text.Length - 1 && text[span.End] == text[at] && Edge.IsWord(text[span.End + 1])))
            return false;
        var isTelling = false;
        for (var index = start; index < span.End; index++)
        {
            if ((index - start) % (group + 1) == group ? text[index] != text[at] : !Hex.Contains(text[index]))
                return false;
            // Neither nobody's (zeros) nor everybody's (ones).
            isTelling |= text[index] != text[at] && text[index] != text[start] && !(text[start] is 'f' or 'F' && text[index] is 'f' or 'F');
        }
        return isTelling || text[start] is not ('0' or 'f' or 'F');
    }

    private static bool IsIpv6(ReadOnlySpan<char> address)
    {
        var (groups, gaps, at) = (0, 0, 0);
        while (at < address.Length)
        {
            var rest = address[at..];
            if (rest.StartsWith("::"))
            {
                gaps++;
                at += 2;
                if (at < address.Length && address[at] == ':')
                    return false;
                continue;
            }
            if (groups > 0 && rest[0] == ':')
                rest = address[++at..];
            else if (at > 0 && address[at - 1] != ':')
                return false;
            var length = rest.IndexOfAnyExcept(Hex) is var end and >= 0 ? end : rest.Length;
            if (length < rest.Length && rest[length] == '.')
            {
                groups += 2;
                return Dotted(rest, 0) == rest.Length && Enough(groups, gaps);
            }
            if (length is 0 or > 4)
                return false;
            groups++;
            at += length;
        }
        return Enough(groups, gaps);
    }

    private static bool Enough(int groups, int gaps) => gaps == 0 ? groups == 8 : gaps == 1 && groups < 8;

    /// <summary>The length of four numbers with dots between them that a place begins with; 0: there are none.</summary>
    private static int Dotted(ReadOnlySpan<char> text, int start)
    {
        var at = start;
        for (var index = 0; index < 4; index++)
        {
            if (index > 0 && (at >= text.Length || text[at++] != '.'))
                return 0;
            var (number, first) = (0, at);
            while (at < text.Length && at - first < 4 && char.IsAsciiDigit(text[at]))
                number = (10 * number) + text[at++] - '0';
            if (at == first || number > 255 || at - first > 3 || (at - first > 1 && text[first] == '0'))
                return 0;
        }
        return at - start;
    }

    private static int Prefix(ReadOnlySpan<char> text, int at, int most)
    {
        if (at >= text.Length || text[at] != '/')
            return 0;
        var (length, number) = (1, 0);
        while (at + length < text.Length && length <= 4 && char.IsAsciiDigit(text[at + length]))
            number = (10 * number) + text[at + length++] - '0';
        return length is > 1 and <= 4 && number <= most && Edge.After(text, at + length) ? length : 0;
    }
}
