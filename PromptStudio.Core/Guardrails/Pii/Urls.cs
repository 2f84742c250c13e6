using System.Buffers;
using System.Collections.Frozen;
using PromptStudio.Core.Guardrails.Text;

namespace PromptStudio.Core.Guardrails.Pii;

/// <summary>Web addresses: with their scheme, or bare where the top-level domain is well known.</summary>
internal static class Urls
{
    private const int MaxAuthority = 300;
    private const int MaxLabel = 63;

    private static readonly SearchValues<char> Ends = SearchValues.Create(" \t\r\n\"'<>`{}|\\^()[]\u00a0");

    private static readonly SearchValues<char> HostCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.");

    /// <summary>Domains that a name without a scheme is taken for an address with: those that are no usual ends of files and no words.</summary>
    private static readonly FrozenSet<string> WellKnown = ("com org net edu gov mil int info biz name pro io ai app dev xyz online site shop store tech cloud blog club live news world agency "
        + "ac ad ae af ag al am ao ar at au aw az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cd cf cg ch ci cl cm cn co cr cu cv cy cz de dj dk dm do dz ec ee eg er es et eu "
        + "fi fj fk fm fo fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gt gu gw gy hk hn hr ht hu id ie il im iq ir je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly "
        + "ma mc me mg mh mk ml mm mn mo mp mq mr mt mu mv mw mx my mz na nc ne nf ng ni nl np nr nu nz om pa pe pf pg ph pk pm pn pr pt pw py qa re ro ru rw sa sb sc sd se sg si sk sl sm sn so "
        + "sr st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw")
        .Split(' ').Except(["py", "so", "do", "id", "me", "my", "name", "re", "st", "to", "is", "in", "at", "be", "no", "am", "by"]).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Reads the address whose scheme ends at a colon.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, int colon, out TextSpan span)
    {
        span = default;
        if (!text[colon..].StartsWith("://"))
            return false;
        var scheme = text[..colon].EndsWith("https", StringComparison.OrdinalIgnoreCase) ? 5 : text[..colon].EndsWith("http", StringComparison.OrdinalIgnoreCase) ? 4 : text[..colon].EndsWith("ftp", StringComparison.OrdinalIgnoreCase) ? 3 : 0;
        var (start, host) = (colon - scheme, colon + 3);
        if (scheme == 0 || !Edge.Before(text, start))
            return false;
        var authority = text.Slice(host, Math.Min(MaxAuthority, text.Length - host));
        authority = authority[..(authority.IndexOfAny(" /?#\"") is var stop and >= 0 ? stop : authority.Length)];
        host += authority.IndexOf('@') + 1;
        if (Hosts.Read(text, host, out _) is not (> 0 and var end) || !Edge.After(text, end))
            return false;
        span = Whole(text, start, end);
        return true;
    }

    /// <summary>Reads the name around its first dot, if it is one of a well-known domain.</summary>
    public static bool TryReadBare(ReadOnlySpan<char> text, int dot, out TextSpan span)
    {
        span = default;
        if (dot + 1 >= text.Length || !char.IsAsciiLetterOrDigit(text[dot + 1]))
            return false;
        var start = dot;
        while (start > 0 && dot - start <= MaxLabel && (char.IsAsciiLetterOrDigit(text[start - 1]) || text[start - 1] == '-'))
            start--;
        if (start == dot || dot - start > MaxLabel || text[start] == '-' || (start > 0 && (Edge.IsWord(text[start - 1]) || text[start - 1] is '@' or '.' or '/' or '\\' or ':' or '$' or '%')))
            return false;
        var end = Hosts.Read(text, start, out var lastLabel);
        if (end == 0 || !WellKnown.GetAlternateLookup<ReadOnlySpan<char>>().Contains(text[lastLabel..end]) || !Edge.After(text, end)
            || (end < text.Length && text[end] is '@' or '(' or '=') || text[start..end].ContainsAnyExcept(HostCharacters))
            return false;
        span = Whole(text, start, end);
        return true;
    }

    /// <summary>With port, path and query; and with its quotation marks, which say that all between them is the address.</summary>
    private static TextSpan Whole(ReadOnlySpan<char> text, int start, int end)
    {
        if (end + 1 < text.Length && text[end] == ':' && char.IsAsciiDigit(text[end + 1]))
        {
            end++;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
                end++;
        }
        if (end < text.Length && text[end] is '/' or '?' or '#')
        {
            var length = text[end..].IndexOfAny(Ends) is var stop and >= 0 ? stop : text.Length - end;
            end += text.Slice(end, length).TrimEnd(".,;:!?*").Length;
        }
        return start > 0 && end < text.Length && text[start - 1] is '"' or '\'' && text[end] == text[start - 1] ? new TextSpan(start - 1, end + 1) : new TextSpan(start, end);
    }
}
