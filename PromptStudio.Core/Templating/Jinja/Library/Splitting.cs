using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Library;

/// <summary>Python's ways to split a string.</summary>
internal static class Splitting
{
    public static Value Split(Run run, ReadOnlySpan<Value> a, bool fromEnd)
    {
        var text = a[0].Text;
        var most = Arguments.Int(a[2], -1, "maxsplit");
        most = most < 0 ? long.MaxValue : most;
        run.ChargeChars(text.Length);
        run.Steps(text.Length / 64);
        var parts = new List<Value>();
        if (!a[1].IsSet || a[1].IsNone)
        {
            Words(run, text, most, fromEnd, parts);
        }
        else
        {
            var separator = Arguments.Str(a[1], "separator");
            if (separator.Length == 0)
            {
                throw Fault.Value("empty separator");
            }

            By(run, text, separator, most, fromEnd, parts);
        }

        if (fromEnd)
        {
            parts.Reverse();
        }

        return Value.Of(new PyList(parts));
    }

    public static Value Lines(Run run, string text, bool keepEnds)
    {
        run.ChargeChars(text.Length);
        var lines = new List<Value>();
        foreach (var (start, end, next) in LinesOf(text))
        {
            run.Step();
            run.Charge(48);
            lines.Add(Value.Of(text[start..(keepEnds ? next : end)]));
        }

        return Value.Of(new PyList(lines));
    }

    /// <summary>The start, the end and the next start of each line, by all of Python's line ends.</summary>
    public static IEnumerable<(int Start, int End, int Next)> LinesOf(string text)
    {
        var start = 0;
        while (start < text.Length)
        {
            var end = start;
            while (end < text.Length && !(text[end] is (>= '\n' and <= '\r') or (>= '\u001c' and <= '\u001e') or '\u0085' or '\u2028' or '\u2029'))
            {
                end++;
            }

            var next = end == text.Length ? end : text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? end + 2 : end + 1;
            yield return (start, end, next);
            start = next;
        }
    }

    private static void Add(Run run, List<Value> parts, string part)
    {
        run.Step();
        run.Charge(48);
        parts.Add(Value.Of(part));
    }

    private static void Words(Run run, string text, long most, bool fromEnd, List<Value> parts)
    {
        if (fromEnd)
        {
            var end = text.Length;
            while (true)
            {
                while (end > 0 && PyText.IsSpace(text[end - 1]))
                {
                    end--;
                }

                if (end == 0)
                {
                    return;
                }

                var start = end;
                while (start > 0 && (parts.Count >= most || !PyText.IsSpace(text[start - 1])))
                {
                    start--;
                }

                // What is left over keeps its inner white space, and loses that at its start.
                Add(run, parts, start == 0 && parts.Count >= most ? PyText.Strip(text[..end], false) : text[start..end]);
                end = start;
            }
        }

        var at = 0;
        while (true)
        {
            while (at < text.Length && PyText.IsSpace(text[at]))
            {
                at++;
            }

            if (at == text.Length)
            {
                return;
            }

            var stop = at;
            while (stop < text.Length && (parts.Count >= most || !PyText.IsSpace(text[stop])))
            {
                stop++;
            }

            Add(run, parts, text[at..stop]);
            at = stop;
        }
    }

    private static void By(Run run, string text, string separator, long most, bool fromEnd, List<Value> parts)
    {
        var from = 0;
        var to = text.Length;
        while (parts.Count < most)
        {
            var at = fromEnd ? text.AsSpan(0, to).LastIndexOf(separator) : text.IndexOf(separator, from, StringComparison.Ordinal);
            if (at < 0)
            {
                break;
            }

            Add(run, parts, fromEnd ? text[(at + separator.Length)..to] : text[from..at]);
            from = at + separator.Length;
            to = fromEnd ? at : to;
        }

        Add(run, parts, fromEnd ? text[..to] : text[from..]);
    }
}
