using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;
using System.Text.Unicode;

namespace PromptStudio.Core.Guardrails.Text;

/// <summary>Finds texts that are hidden inside a text.</summary>
internal static partial class HiddenText
{
    /// <summary>How often something encoded may be encoded again.</summary>
    private const int MaxDepth = 2;

    /// <summary>Runs of encoded text that are looked at.</summary>
    private const int MaxRuns = 200;

    /// <summary>Characters that an encoded run has at least.</summary>
    private const int LeastRun = 16;

    private const int MaxRunLength = 100_000;
    private const int LeastCarried = 4;

    /// <summary>The hidden texts; each one's characters all come from the whole run that hides it.</summary>
    /// <exception cref="RuleException">The time was up.</exception>
    public static IReadOnlyList<MappedText> Find(string text, Deadline deadline = default)
    {
        var found = new List<MappedText>();
        if (!Ascii.IsValid(text))
            AddCarried(text, found);
        AddEncoded(MappedText.Original(text), 1, found, deadline);
        return found;
    }

    /// <summary>Whether a text has a run that decodes to a text: looks at every sixteenth character, and around it when it may be part of one.</summary>
    public static bool HasEncoded(ReadOnlySpan<char> text)
    {
        for (var at = LeastRun - 1; at < text.Length; at += LeastRun)
        {
            if (!Encoded.Contains(text[at]))
                continue;
            var start = text[..at].LastIndexOfAnyExcept(Encoded) + 1;
            var end = text[at..].IndexOfAnyExcept(Encoded) is var length and >= 0 ? at + length : text.Length;
            if (end - start is >= LeastRun and <= MaxRunLength && Decodes(text[start..end]))
                return true;
            at = Math.Max(at, end - LeastRun);
        }
        return false;
    }

    /// <summary>Tag characters say ASCII in secret, except in the flags of regions; variation selectors can carry any bytes.</summary>
    private static void AddCarried(string text, List<MappedText> found)
    {
        var tags = new MappedTextBuilder(0);
        var selectors = new List<byte>();
        var (selectorsStart, at, flagEnd) = (0, 0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            var end = at + rune.Utf16SequenceLength;
            flagEnd = rune.Value == Invisible.BlackFlag ? at + Invisible.FlagLength(text.AsSpan(at)) : flagEnd;
            if (at >= flagEnd && Invisible.Tag(rune) is { } tag)
                tags.Append(tag, at, end);
            if (Invisible.Selector(rune) is { } carried)
            {
                if (selectors.Count == 0)
                    selectorsStart = at;
                selectors.Add(carried);
            }
            else
            {
                AddSelectors(selectors, selectorsStart, at, found);
            }
            at = end;
        }
        AddSelectors(selectors, selectorsStart, at, found);
        if (tags.Length > 0)
            found.Add(tags.Build());
    }

    private static void AddSelectors(List<byte> bytes, int start, int end, List<MappedText> found)
    {
        if (bytes.Count >= LeastCarried && bytes.ToArray() is var carried && IsReadable(carried))
            found.Add(Run(Encoding.UTF8.GetString(carried), start, end));
        bytes.Clear();
    }

    private static void AddEncoded(MappedText text, int depth, List<MappedText> found, Deadline deadline)
    {
        foreach (var run in EncodedRun().EnumerateMatches(text.Text))
        {
            if (found.Count >= MaxRuns)
                return;
            deadline.Keep();
            if (run.Length > MaxRunLength || Decoded(text.Text.AsSpan(run.Index, run.Length)) is not { } decoded)
                continue;
            var origin = text.ToOriginal(run.Index, run.Index + run.Length);
            var hidden = Run(decoded, origin.Start, origin.End);
            found.Add(hidden);
            if (depth < MaxDepth)
                AddEncoded(hidden, depth + 1, found, deadline);
        }
    }

    private static bool Decodes(ReadOnlySpan<char> run)
    {
        var rented = run.Length > 256 ? ArrayPool<byte>.Shared.Rent(run.Length) : null;
        var bytes = rented is null ? stackalloc byte[256] : rented.AsSpan();
        var decodes = Decode(run, bytes) > 0;
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        return decodes;
    }

    private static string? Decoded(ReadOnlySpan<char> run)
    {
        var bytes = new byte[run.Length];
        return Decode(run, bytes) is > 0 and var length ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }

    /// <summary>How many bytes of readable text a run decodes to; 0: it is no encoded text.</summary>
    private static int Decode(ReadOnlySpan<char> run, Span<byte> bytes)
    {
        if (run.Length >= 24 && run.Length % 2 == 0 && !run.ContainsAnyExcept(HexDigits)
            && Convert.FromHexString(run, bytes, out _, out var fromHex) == OperationStatus.Done && IsReadable(bytes[..fromHex]))
            return fromHex;
        run = run.TrimEnd('=');
        if (run.Length < 14 || run.Length % 4 == 1)
            return 0;
        var padded = (run.Length + 3) / 4 * 4;
        var rented = padded > 256 ? ArrayPool<char>.Shared.Rent(padded) : null;
        var base64 = (rented is null ? stackalloc char[256] : rented.AsSpan())[..padded];
        run.CopyTo(base64);
        base64[run.Length..].Fill('=');
        base64.Replace('-', '+');
        base64.Replace('_', '/');
        var isText = Convert.TryFromBase64Chars(base64, bytes, out var length) && IsReadable(bytes[..length]);
        if (rented is not null)
            ArrayPool<char>.Shared.Return(rented);
        return isText ? length : 0;
    }

    /// <summary>What decodes to control characters or broken UTF-8 was no text: a hash, a picture, a name.</summary>
    private static bool IsReadable(ReadOnlySpan<byte> bytes)
    {
        if (!Utf8.IsValid(bytes))
            return false;
        for (var at = 0; at < bytes.Length; at++)
        {
            // The second row of control characters is C2 80 to C2 9F.
            if (bytes[at] is (< 0x20 and not ((byte)'\n' or (byte)'\r' or (byte)'\t')) or 0x7F || (bytes[at] == 0xC2 && bytes[at + 1] < 0xA0))
                return false;
        }
        return true;
    }

    private static MappedText Run(string text, int start, int end)
    {
        var run = new MappedTextBuilder(text.Length);
        run.Append(text, start, end);
        return run.Build();
    }

    private static readonly SearchValues<char> Encoded = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-");

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    [GeneratedRegex("[A-Za-z0-9+/_-]{16,}={0,2}", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant)]
    private static partial Regex EncodedRun();
}
