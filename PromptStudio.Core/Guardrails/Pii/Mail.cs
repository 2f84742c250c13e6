using System.Buffers;
using System.Collections.Frozen;
using PromptStudio.Core.Guardrails.Text;

namespace PromptStudio.Core.Guardrails.Pii;

/// <summary>E-mail addresses.</summary>
internal static class Mail
{
    private const int MaxLocal = 64;

    /// <summary>What may stand in a mailbox's name, and seldom does: only taken where nothing else stands there.</summary>
    private static readonly SearchValues<char> Rare = SearchValues.Create("!#$%&'*+-/=?^_`{|}~.");

    /// <summary><c>logo@2x.png</c> is a picture.</summary>
    private static readonly FrozenSet<string> Pictures = new[] { "png", "jpg", "jpeg", "gif", "svg", "webp", "ico" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Reads the address around an <c>@</c>.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, int at, out TextSpan span)
    {
        span = default;
        var end = Hosts.Read(text, at + 1, out var lastLabel);
        if (end == 0 || (end < text.Length && text[end] == '@') || Pictures.GetAlternateLookup<ReadOnlySpan<char>>().Contains(text[lastLabel..end]))
            return false;
        var start = at;
        var unspaced = at > 0 && Hosts.IsUnspaced(text[at - 1]);
        while (start > 0 && at - start <= MaxLocal && IsUsual(text[start - 1], unspaced) && !(text[start - 1] == '.' && (start == at || text[start] == '.')))
            start--;
        if (at - start > MaxLocal)
            return false;
        while (start < at && !char.IsLetterOrDigit(text[start]) && text[start] != '_')
            start++;
        if (start == at)
        {
            while (start > 0 && at - start <= MaxLocal && Rare.Contains(text[start - 1]))
                start--;
            if (start == at || at - start > MaxLocal || text[start] == '.' || text[at - 1] == '.' || (start > 0 && Edge.IsWord(text[start - 1])))
                return false;
        }
        span = new TextSpan(start, end);
        return true;
    }

    private static bool IsUsual(char character, bool unspaced) => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '%' or '+' or '-' or '\''
        || (character > '\u00aa' && char.IsLetterOrDigit(character) && Hosts.IsUnspaced(character) == unspaced);
}

/// <summary>Names of hosts.</summary>
internal static class Hosts
{
    private const int MaxLabel = 63;
    private const int MaxName = 253;

    private static readonly SearchValues<char> NotInTop = SearchValues.Create("0123456789-");

    /// <summary>Whether a script is written without spaces between words, so that a name may end without one.</summary>
    public static bool IsUnspaced(char character) => character is >= '\u2e80' and < '\uff00' or (>= '\u0e00' and <= '\u0eff');

    /// <summary>Reads a name of at least two labels of which the last is a top-level domain.</summary>
    /// <returns>Where it ends; 0: there is none.</returns>
    public static int Read(ReadOnlySpan<char> text, int start, out int lastLabel)
    {
        var (at, end) = (start, 0);
        lastLabel = start;
        for (var labels = 1; at - start <= MaxName; labels++)
        {
            var first = at;
            while (at < text.Length && at - first <= MaxLabel && (char.IsAsciiLetterOrDigit(text[at]) || text[at] == '-' || IsForeign(text, at, first)))
                at++;
            var label = text[first..at];
            if (label.Length is 0 or > MaxLabel || label[0] == '-')
                return end;
            var length = label.TrimEnd('-').Length;
            if (labels > 1 && IsTop(label[..length]))
                (end, lastLabel) = (first + length, first);
            if (length < label.Length || at >= text.Length || text[at] != '.')
                return end;
            at++;
        }
        return end;
    }

    /// <summary>Letters of other scripts; those that need no spaces end a label of Latin ones.</summary>
    private static bool IsForeign(ReadOnlySpan<char> text, int at, int first) => text[at] > '\u00aa' && char.IsLetterOrDigit(text[at]) && (at == first || IsUnspaced(text[at]) == IsUnspaced(text[first]));

    private static bool IsTop(ReadOnlySpan<char> label) => label.Length >= 2 && (label.StartsWith("xn--", StringComparison.OrdinalIgnoreCase) || !label.ContainsAny(NotInTop));
}
