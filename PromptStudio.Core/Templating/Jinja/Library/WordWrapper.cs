using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Library;

/// <summary>Wraps a line as Python's <c>textwrap</c> does.</summary>
internal sealed class WordWrapper(Run run, long width, bool breaksLongWords, bool breaksOnHyphens)
{
    public List<string> Wrap(string line)
    {
        if (width <= 0)
        {
            throw Fault.Value($"invalid width {width} (must be > 0)");
        }

        var chunks = Chunks(line);
        var lines = new List<string>();
        var next = 0;
        while (next < chunks.Count)
        {
            run.Step();
            var current = new List<string>();
            long length = 0;
            if (lines.Count > 0 && IsBlank(chunks[next]))
            {
                next++;
            }

            while (next < chunks.Count && length + PyText.Length(chunks[next]) <= width)
            {
                length += PyText.Length(chunks[next]);
                current.Add(chunks[next++]);
            }

            if (next < chunks.Count && PyText.Length(chunks[next]) > width)
            {
                BreakWord(chunks, ref next, current, length);
            }

            if (current.Count > 0 && IsBlank(current[^1]))
            {
                current.RemoveAt(current.Count - 1);
            }

            if (current.Count > 0)
            {
                run.Charge(64);
                lines.Add(string.Concat(current));
            }
        }

        return lines;
    }

    private static bool IsBlank(string chunk) => PyText.IsSpace(chunk);

    private static bool IsWrapSpace(char c) => c is ' ' or (>= '\t' and <= '\r');

    private static bool IsLetter(char c) => c != '_' && PyText.IsWord(c) && !char.IsDigit(c);

    private static bool IsWordMark(char c) => PyText.IsWord(c) || c is '!' or '"' or '\'' or '&' or '.' or ',' or '?';

    private void BreakWord(List<string> chunks, ref int next, List<string> current, long length)
    {
        var chunk = chunks[next];
        if (!breaksLongWords)
        {
            if (current.Count == 0)
            {
                current.Add(chunk);
                next++;
            }

            return;
        }

        var room = PyText.UnitIndex(chunk, (int)(width - length));
        var end = room;
        if (breaksOnHyphens && chunk.Length > room && room > 0)
        {
            var hyphen = chunk.LastIndexOf('-', room - 1);
            if (hyphen > 0 && chunk.AsSpan(0, hyphen).ContainsAnyExcept('-'))
            {
                end = hyphen + 1;
            }
        }

        run.ChargeChars(chunk.Length - end);
        current.Add(chunk[..end]);
        chunks[next] = chunk[end..];
        if (chunks[next].Length == 0)
        {
            next++;
        }
    }

    private List<string> Chunks(string text)
    {
        run.ChargeChars(text.Length);
        var chunks = new List<string>();
        for (var at = 0; at < text.Length;)
        {
            run.Step();
            run.Charge(48);
            var end = IsWrapSpace(text[at]) ? SpaceEnd(text, at) : breaksOnHyphens ? WordEnd(text, at) : BlackEnd(text, at);
            chunks.Add(text[at..end]);
            at = end;
        }

        return chunks;
    }

    private static int SpaceEnd(string text, int at)
    {
        while (at < text.Length && IsWrapSpace(text[at]))
        {
            at++;
        }

        return at;
    }

    private static int BlackEnd(string text, int at)
    {
        while (at < text.Length && !IsWrapSpace(text[at]))
        {
            at++;
        }

        return at;
    }

    // A word ends before white space, after the hyphen of a hyphenated word, before a dash between words.
    private static int WordEnd(string text, int start)
    {
        if (start > 0 && IsWordMark(text[start - 1]) && DashEnd(text, start) is var dash and > 0)
        {
            return dash;
        }

        for (var end = start + 1; end < text.Length; end++)
        {
            if (IsWrapSpace(text[end]))
            {
                return end;
            }

            if (text[end] == '-' && end + 1 < text.Length && HyphenSplits(text, end))
            {
                return end + 1;
            }

            if (IsWordMark(text[end - 1]) && DashEnd(text, end) > 0)
            {
                return end;
            }
        }

        return text.Length;
    }

    // The end of two or more hyphens that a word character follows; 0 when there are none.
    private static int DashEnd(string text, int at)
    {
        var end = at;
        while (end < text.Length && text[end] == '-')
        {
            end++;
        }

        return end - at >= 2 && end < text.Length && PyText.IsWord(text[end]) ? end : 0;
    }

    private static bool HyphenSplits(string text, int hyphen)
    {
        var before = (hyphen >= 2 && IsLetter(text[hyphen - 1]) && IsLetter(text[hyphen - 2]))
            || (hyphen >= 3 && IsWordMark(text[hyphen - 1]) && text[hyphen - 2] == '-' && IsLetter(text[hyphen - 3]));
        var next = hyphen + 1;
        if (!before || !IsLetter(text[next]))
        {
            return false;
        }

        next += next + 1 < text.Length && text[next + 1] == '-' ? 2 : 1;
        return next < text.Length && IsLetter(text[next]);
    }
}
