using System.Globalization;
using System.Net;
using System.Text;

namespace PromptStudio.Core.Guardrails.Text;

/// <summary>Undoes what keeps a word from being found although a reader, or a model, still reads it.</summary>
internal static class Cleaning
{
    /// <summary>Characters of a named or numeric entity at most.</summary>
    private const int MaxEntity = 33;

    /// <summary>Fewer percent escapes in a row are an address or a format, not a disguise.</summary>
    private const int LeastEscapes = 3;

    /// <summary>Characters between two looks at the clock.</summary>
    private const int Stride = 4_096;

    /// <summary>The clean text; the same object when there was nothing to clean.</summary>
    /// <exception cref="RuleException">The time was up.</exception>
    public static MappedText Clean(MappedText text, Deadline deadline = default)
    {
        var decoded = DecodeEscapes(DecodeEntities(DecodeEntities(text, deadline), deadline), deadline);
        return IsPlain(decoded.Text) ? decoded : Fold(decoded, deadline);
    }

    /// <summary>Whether each character is what it looks like: printable ASCII, and characters of other scripts that are no disguise of Latin ones.</summary>
    public static bool IsPlain(ReadOnlySpan<char> text)
    {
        for (var at = text.IndexOfAnyExcept(PlainForms.Ascii); at >= 0 && at < text.Length; at++)
        {
            if (char.IsAscii(text[at]))
            {
                if (!PlainForms.Ascii.Contains(text[at]))
                    return false;
                if (text[at..].IndexOfAnyExcept(PlainForms.Ascii) is var next && next < 0)
                    return true;
                at += next - 1;
            }
            else if (char.IsHighSurrogate(text[at]) && at + 1 < text.Length && PlainForms.IsPlain(text[at], text[at + 1]))
            {
                at++;
            }
            else if (!PlainForms.IsPlain(text[at]))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Whether there is anything that <see cref="Clean"/> would take for an entity or an escape.</summary>
    public static bool HasEscapes(ReadOnlySpan<char> text)
    {
        for (var at = text.IndexOfAny('&', '%'); at >= 0;)
        {
            if (text[at] == '&' && at + 2 < text.Length && (text[at + 1] == '#' || char.IsAsciiLetter(text[at + 1])) && text.Slice(at, Math.Min(MaxEntity, text.Length - at)).Contains(';'))
                return true;
            if (IsEscape(text, at) && IsEscape(text, at + 3) && IsEscape(text, at + 6))
                return true;
            var next = text[(at + 1)..].IndexOfAny('&', '%');
            at = next < 0 ? -1 : at + 1 + next;
        }
        return false;
    }

    /// <summary><see cref="Clean"/> without its map, of a text without escapes: allocates nothing.</summary>
    /// <param name="text">The text.</param>
    /// <param name="clean">Gets the clean text.</param>
    /// <returns>Its length; -1: it does not fit, or has characters whose case is not a matter of each one by itself, or that carry something hidden.</returns>
    public static int TryClean(ReadOnlySpan<char> text, Span<char> clean)
    {
        var length = 0;
        for (var at = 0; at < text.Length; at++)
        {
            var character = text[at];
            if (character is >= ' ' and < '\x7f' or '\n' or '\t')
            {
                if (length == clean.Length)
                    return -1;
                clean[length++] = character;
                continue;
            }
            ReadOnlySpan<char> form;
            if (char.IsHighSurrogate(character) && at + 1 < text.Length && PlainForms.IsPlain(character, text[at + 1]))
                form = text.Slice(at++, 2);
            else if (char.IsSurrogate(character) || (IsSelector(character) && at > 0 && IsSelector(text[at - 1])))
                return -1;
            else
                form = character == '\r' ? "\n" : Invisible.IsMarkOfDisguise((Rune)character) ? "" : PlainForms.Of((Rune)character);
            if (length + form.Length > clean.Length)
                return -1;
            foreach (var part in form)
            {
                if (!char.IsAscii(part) && !char.IsSurrogate(part) && !PlainForms.IsPlain(part))
                    return -1;
                clean[length++] = part;
            }
        }
        return length;
    }

    private static bool IsSelector(char character) => character is >= '\ufe00' and <= '\ufe0f';

    private static MappedText DecodeEntities(MappedText text, Deadline deadline)
    {
        var source = text.Text;
        if (!source.Contains('&', StringComparison.Ordinal))
            return text;
        MappedTextBuilder? decoded = null;
        for (var at = 0; at < source.Length; at++)
        {
            if (at % Stride == 0)
                deadline.Keep();
            var end = source[at] == '&' ? source.AsSpan(at, Math.Min(MaxEntity, source.Length - at)).IndexOf(';') : -1;
            if (end > 1 && WebUtility.HtmlDecode(source.Substring(at, end + 1)) is { } character && !character.StartsWith('&') && character.Length <= 2
                || (end > 1 && source.AsSpan(at, end + 1).SequenceEqual("&amp;") && (character = "&") is not null))
            {
                decoded ??= Copy(text, at);
                var origin = text.ToOriginal(at, at + end + 1);
                decoded.Append(character, origin.Start, origin.End);
                at += end;
            }
            else
            {
                Append(decoded, text, at);
            }
        }
        return decoded?.Build() ?? text;
    }

    private static MappedText DecodeEscapes(MappedText text, Deadline deadline)
    {
        var source = text.Text;
        if (!source.Contains('%', StringComparison.Ordinal))
            return text;
        MappedTextBuilder? decoded = null;
        for (var at = 0; at < source.Length; at++)
        {
            if (at % Stride == 0)
                deadline.Keep();
            var escapes = 0;
            while (IsEscape(source, at + (3 * escapes)))
                escapes++;
            if (escapes >= LeastEscapes)
            {
                decoded ??= Copy(text, at);
                Decode(decoded, text, at, escapes);
                at += (3 * escapes) - 1;
            }
            else
            {
                Append(decoded, text, at);
            }
        }
        return decoded?.Build() ?? text;
    }

    private static bool IsEscape(ReadOnlySpan<char> text, int at) => at + 2 < text.Length && text[at] == '%' && char.IsAsciiHexDigit(text[at + 1]) && char.IsAsciiHexDigit(text[at + 2]);

    private static void Decode(MappedTextBuilder decoded, MappedText text, int at, int escapes)
    {
        var bytes = new byte[escapes];
        for (var index = 0; index < escapes; index++)
            bytes[index] = byte.Parse(text.Text.AsSpan(at + (3 * index) + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        Span<char> pair = stackalloc char[2];
        for (var index = 0; index < escapes;)
        {
            _ = Rune.DecodeFromUtf8(bytes.AsSpan(index), out var rune, out var length);
            var origin = text.ToOriginal(at + (3 * index), at + (3 * (index + length)));
            decoded.Append(pair[..rune.EncodeToUtf16(pair)], origin.Start, origin.End);
            index += length;
        }
    }

    /// <summary>Compatibility forms to plain ones, look-alikes to Latin, and without marks and invisible characters.</summary>
    private static MappedText Fold(MappedText text, Deadline deadline)
    {
        var source = text.Text;
        var folded = new MappedTextBuilder(source.Length);
        for (var (at, look) = (0, 0); at < source.Length;)
        {
            if (at >= look)
            {
                deadline.Keep();
                look = at + Stride;
            }
            var character = source[at];
            if (character is >= ' ' and < '\x7f' or '\n' or '\t')
            {
                var place = text.ToOriginal(at, at + 1);
                folded.Append(character, place.Start, place.End);
                at++;
                continue;
            }
            // Half of a pair is no character, and normalisation would throw at it.
            if (Rune.DecodeFromUtf16(source.AsSpan(at), out var rune, out var length) != System.Buffers.OperationStatus.Done)
                rune = Rune.ReplacementChar;
            var origin = text.ToOriginal(at, at + length);
            at += length;
            if (Invisible.IsMarkOfDisguise(rune))
            {
                if (folded.Length > 0)
                    folded.Extend(origin.End);
            }
            else
            {
                folded.Append(rune.Value == '\r' ? "\n" : PlainForms.Of(rune), origin.Start, origin.End);
            }
        }
        return folded.Build();
    }

    private static MappedTextBuilder Copy(MappedText text, int length)
    {
        var copy = new MappedTextBuilder(text.Text.Length);
        for (var at = 0; at < length; at++)
            Append(copy, text, at);
        return copy;
    }

    private static void Append(MappedTextBuilder? builder, MappedText text, int at)
    {
        if (builder is null)
            return;
        var origin = text.ToOriginal(at, at + 1);
        builder.Append(text.Text[at], origin.Start, origin.End);
    }
}

/// <summary>One case, and one space for each run of white space.</summary>
internal static class Folding
{
    /// <exception cref="RuleException">The time was up.</exception>
    public static MappedText Fold(MappedText text, Deadline deadline = default)
    {
        var folded = new MappedTextBuilder(text.Text.Length);
        for (var at = 0; at < text.Text.Length; at++)
        {
            if (at % 4_096 == 0)
                deadline.Keep();
            var character = text.Text[at];
            var origin = text.ToOriginal(at, at + 1);
            if (char.IsWhiteSpace(character))
            {
                if (folded.Length > 0 && folded.Last == ' ')
                    folded.Extend(origin.End);
                else
                    folded.Append(' ', origin.Start, origin.End);
            }
            else if (character == 'ß')
            {
                folded.Append("ss", origin.Start, origin.End);
            }
            else
            {
                folded.Append(character == 'ς' ? 'σ' : char.ToLowerInvariant(character), origin.Start, origin.End);
            }
        }
        return folded.Build();
    }
}
