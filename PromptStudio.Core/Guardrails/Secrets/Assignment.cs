using System.Buffers;

namespace PromptStudio.Core.Guardrails.Secrets;

/// <summary>Reads <c>name = "value"</c> in the notations of configs, code and prose.</summary>
internal static class Assignment
{
    private const int MaxName = 25;
    private const int MaxValue = 300;

    private static readonly SearchValues<char> ValueEnds = SearchValues.Create(" \t\r\n\"'`;");

    /// <summary>Finds the value that is assigned to a name.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">In the name: from here to its end is its tail.</param>
    /// <param name="mayHaveTail">Whether the name may go on.</param>
    /// <param name="value">Where the value is.</param>
    /// <param name="isQuoted">Whether it stands in quotation marks.</param>
    public static bool TryRead(ReadOnlySpan<char> text, int at, bool mayHaveTail, out Range value, out bool isQuoted)
    {
        (value, isQuoted) = (default, false);
        var nameEnd = Math.Min(text.Length, at + MaxName);
        while (mayHaveTail && at < nameEnd && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '_' or '.' or '-' or ' ' or '\t'))
            at++;
        at = Skip(text, at, "[]\"'` \t", 6);
        if (Word(text, at, "value"))
            at = Skip(text, at + 5, " \t", 2);
        else if (Word(text, at, "is ") && at + 3 < text.Length && text[at - 1] == ' ')
            return TryReadValue(text, at + 3, out value, out isQuoted);
        var before = at;
        at = Skip(text, at, ":=>|?!,", 3);
        // The marks that assign; a comma is one only between the arguments of a call: set("name", "value").
        if (at == before || (text[before] is ',' or '?' or '|' or '!' && !(text[before] is ',' && at == before + 1 && text[before - 1] is '"' or '\'')))
            return false;
        at = Skip(text, at, " \t", 4);
        return TryReadValue(text, at, out value, out isQuoted);
    }

    private static bool TryReadValue(ReadOnlySpan<char> text, int at, out Range value, out bool isQuoted)
    {
        if (at < text.Length && text[at] is '@' or 'b' or 'r' && at + 1 < text.Length && text[at + 1] is '"' or '\'')
            at++;
        isQuoted = at < text.Length && text[at] is '"' or '\'' or '`';
        var quote = isQuoted ? text[at++] : '\0';
        var rest = text.Slice(at, Math.Min(MaxValue, text.Length - at));
        var length = isQuoted ? rest.IndexOfAny(quote, '\n') : rest.IndexOfAny(ValueEnds) is var stop and >= 0 ? stop : rest.Length < MaxValue ? rest.Length : -1;
        value = at..(at + Math.Max(0, length));
        return length > 0 && (!isQuoted || rest[length] == quote);
    }

    private static bool Word(ReadOnlySpan<char> text, int at, string word) => text[at..].StartsWith(word, StringComparison.OrdinalIgnoreCase);

    private static int Skip(ReadOnlySpan<char> text, int at, string characters, int most)
    {
        for (var count = 0; count < most && at < text.Length && characters.Contains(text[at], StringComparison.Ordinal); count++)
            at++;
        return at;
    }
}
