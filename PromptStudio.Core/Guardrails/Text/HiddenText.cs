using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

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

    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>The hidden texts; each one's characters all come from the whole run that hides it.</summary>
    public static IReadOnlyList<MappedText> Find(string text)
    {
        var found = new List<MappedText>();
        if (!Ascii.IsValid(text))
            AddCarried(text, found);
        AddEncoded(MappedText.Original(text), 1, found);
        return found;
    }

    /// <summary>Whether a text has a run that is long enough to be encoded: looks at every sixteenth character, and around it when it may be part of one.</summary>
    public static bool MayBeEncoded(ReadOnlySpan<char> text)
    {
        for (var at = LeastRun - 1; at < text.Length; at += LeastRun)
        {
            if (!Encoded.Contains(text[at]))
                continue;
            var before = at - text[..at].LastIndexOfAnyExcept(Encoded);
            var after = text[at..].IndexOfAnyExcept(Encoded) is var end and >= 0 ? end : text.Length - at;
            if (before - 1 + after >= LeastRun)
                return true;
        }
        return false;
    }

    /// <summary>Tag characters say ASCII in secret, except in the flags of regions; variation selectors can carry any bytes.</summary>
    private static void AddCarried(string text, List<MappedText> found)
    {
        var tags = new MappedTextBuilder(0);
        var selectors = new List<byte>();
        var (selectorsStart, at, inFlag) = (0, 0, false);
        foreach (var rune in text.EnumerateRunes())
        {
            var end = at + rune.Utf16SequenceLength;
            inFlag = rune.Value == 0x1F3F4 || (inFlag && Invisible.Tag(rune) is not null);
            if (!inFlag && Invisible.Tag(rune) is { } tag)
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
        if (bytes.Count >= LeastCarried && Readable([.. bytes]) is { } text)
            found.Add(Run(text, start, end));
        bytes.Clear();
    }

    private static void AddEncoded(MappedText text, int depth, List<MappedText> found)
    {
        foreach (var run in EncodedRun().EnumerateMatches(text.Text))
        {
            if (found.Count >= MaxRuns)
                return;
            if (run.Length > MaxRunLength || Decoded(text.Text.AsSpan(run.Index, run.Length)) is not { } decoded)
                continue;
            var origin = text.ToOriginal(run.Index, run.Index + run.Length);
            var hidden = Run(decoded, origin.Start, origin.End);
            found.Add(hidden);
            if (depth < MaxDepth)
                AddEncoded(hidden, depth + 1, found);
        }
    }

    private static string? Decoded(ReadOnlySpan<char> run)
    {
        if (run.Length >= 24 && run.Length % 2 == 0 && !run.ContainsAnyExcept(HexDigits) && Readable(Convert.FromHexString(run)) is { } fromHex)
            return fromHex;
        var base64 = run.TrimEnd('=').ToString().Replace('-', '+').Replace('_', '/');
        if (base64.Length < 14 || base64.Length % 4 == 1)
            return null;
        var bytes = new byte[(base64.Length + 3) / 4 * 3];
        return Convert.TryFromBase64String(base64.PadRight((base64.Length + 3) / 4 * 4, '='), bytes, out var length) ? Readable(bytes.AsSpan(0, length)) : null;
    }

    /// <summary>What decodes to control characters or broken UTF-8 was no text: a hash, a picture, a name.</summary>
    private static string? Readable(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var text = Utf8.GetString(bytes);
            return text.Length > 0 && !text.Any(character => char.IsControl(character) && character is not ('\n' or '\r' or '\t')) ? text : null;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
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
