using System.Text;
using System.Text.RegularExpressions;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Library;

/// <summary><c>urlize</c>: makes links of what looks like an address.</summary>
internal static class Urlizer
{
    private const RegexOptions Linear = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    private static readonly (string Open, string Close)[] Pairs = [("(", ")"), ("<", ">"), ("&lt;", "&gt;")];

    private static readonly Lazy<Regex> WebAddress = new(() => new Regex(
        @"^((https?://|www\.)(([\w%-]+\.)+)?([a-z]{2,63}|xn--[\w%]{2,59})|([\w%-]{2,63}\.)+(com|net|int|edu|gov|org|info|mil)"
        + @"|(https?://)((([\d]{1,3})(\.[\d]{1,3}){3})|(\[([\da-f]{0,4}:){2}([\da-f]{0,4}:?){1,6}\])))(:[\d]{1,5})?([/?#]\S*)?$",
        Linear | RegexOptions.IgnoreCase));

    private static readonly Lazy<Regex> MailAddress = new(() => new Regex(@"^\S+@\w[\w.-]*\.\w+$", Linear));

    private static readonly Lazy<Regex> Scheme = new(() => new Regex(@"^([\w.+-]{2,}:(/){0,2})$", Linear));

    public static Value Filter(Run run, ReadOnlySpan<Value> a)
    {
        var limit = a[1].IsSet && !a[1].IsNone ? Arguments.Int(a[1], "trim_url_limit") : (long?)null;
        var rel = new SortedSet<string>(StringComparer.Ordinal) { "noopener" };
        if (a[4].IsSet && !a[4].IsNone)
        {
            rel.UnionWith(PyRepr.Text(run, a[4]).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        }

        if (Arguments.Flag(run, a[2], false))
        {
            rel.Add("nofollow");
        }

        var attributes = $" rel=\"{Html.Escape(run, string.Join(' ', rel))}\"";
        if (a[3].IsSet && PyCompare.Truth(run, a[3]))
        {
            attributes += $" target=\"{Html.Escape(run, a[3])}\"";
        }

        string[]? schemes = null;
        if (a[5].IsSet && !a[5].IsNone)
        {
            schemes = Array.ConvertAll(PySequence.ToArray(run, a[5]), scheme => PyRepr.Text(run, scheme));
            foreach (var scheme in schemes)
            {
                if (!Scheme.Value.IsMatch(scheme))
                {
                    throw Fault.FilterArgument($"{PyRepr.Quote(run, scheme)} is not a valid URI scheme prefix.");
                }
            }
        }

        var text = Html.Escape(run, a[0]);
        run.ChargeChars(text.Length);
        var linked = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length;)
        {
            run.Step();
            var end = at;
            var isSpace = PyText.IsSpace(text[at]);
            while (end < text.Length && PyText.IsSpace(text[end]) == isSpace)
            {
                end++;
            }

            var word = text[at..end];
            run.Steps(word.Length / 8);
            var part = isSpace ? word : Word(word, limit, attributes, schemes);
            run.ChargeChars(part.Length);
            linked.Append(part);
            at = end;
        }

        return run.Autoescape ? Value.Markup(linked.ToString()) : Value.Of(linked.ToString());
    }

    private static string Word(string word, long? limit, string attributes, string[]? schemes)
    {
        var start = 0;
        while (start < word.Length && (word[start] is '(' or '<' || At(word, start, "&lt;")))
        {
            start += word[start] == '&' ? 4 : 1;
        }

        var end = word.Length;
        while (end > start && (word[end - 1] is ')' or '>' or '.' or ',' || (end - 4 >= start && At(word, end - 4, "&gt;"))))
        {
            end -= word[end - 1] == ';' ? 4 : 1;
        }

        var head = word[..start];
        var middle = word[start..end];
        var tail = word[end..];
        Balance(ref middle, ref tail);
        return head + Link(middle, limit, attributes, schemes) + tail;
    }

    private static bool At(string text, int at, string part) => string.CompareOrdinal(text, at, part, 0, part.Length) == 0;

    // Closing brackets go back to the address when it opens more than it closes.
    private static void Balance(ref string middle, ref string tail)
    {
        if (tail.Length == 0)
        {
            return;
        }

        foreach (var (open, close) in Pairs)
        {
            var opened = Count(middle, open);
            if (opened <= Count(middle, close))
            {
                continue;
            }

            for (var i = Math.Min(opened, Count(tail, close)); i > 0; i--)
            {
                var end = tail.IndexOf(close, StringComparison.Ordinal) + close.Length;
                middle += tail[..end];
                tail = tail[end..];
            }
        }
    }

    private static int Count(string text, string part) => text.AsSpan().Count(part);

    private static string Link(string middle, long? limit, string attributes, string[]? schemes)
    {
        var shown = limit is { } most && PyText.Length(middle) > most
            ? middle[..PyText.UnitIndex(middle, (int)Math.Clamp(most, 0, int.MaxValue))] + "..." : middle;
        if (WebAddress.Value.IsMatch(middle))
        {
            var isFull = middle.StartsWith("https://", StringComparison.Ordinal) || middle.StartsWith("http://", StringComparison.Ordinal);
            return $"<a href=\"{(isFull ? string.Empty : "https://")}{middle}\"{attributes}>{shown}</a>";
        }

        if (middle.StartsWith("mailto:", StringComparison.Ordinal) && MailAddress.Value.IsMatch(middle[7..]))
        {
            return $"<a href=\"{middle}\">{middle[7..]}</a>";
        }

        if (middle.Contains('@', StringComparison.Ordinal) && !middle.StartsWith("www.", StringComparison.Ordinal)
            && !middle.Contains(':', StringComparison.Ordinal) && MailAddress.Value.IsMatch(middle))
        {
            return $"<a href=\"mailto:{middle}\">{middle}</a>";
        }

        foreach (var scheme in schemes ?? [])
        {
            if (middle != scheme && middle.StartsWith(scheme, StringComparison.Ordinal))
            {
                middle = $"<a href=\"{middle}\"{attributes}>{middle}</a>";
            }
        }

        return middle;
    }
}
