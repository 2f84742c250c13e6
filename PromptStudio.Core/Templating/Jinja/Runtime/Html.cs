using System.Buffers;
using System.Text;

namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>Escaping for HTML.</summary>
internal static class Html
{
    private static readonly SearchValues<char> Special = SearchValues.Create("&<>\"'");

    /// <summary>The value as safe HTML: escaped unless it is safe already.</summary>
    public static string Escape(Run run, Value value) =>
        value.Kind == Kind.Markup ? value.Text : Escape(run, PyRepr.Text(run, value));

    public static string Escape(Run run, string text)
    {
        var special = text.AsSpan().IndexOfAny(Special);
        if (special < 0)
        {
            return text;
        }

        run.ChargeChars(text.Length * 2L);
        var escaped = new StringBuilder(text.Length + 16);
        var rest = text.AsSpan();
        while (special >= 0)
        {
            escaped.Append(rest[..special]).Append(rest[special] switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '"' => "&#34;",
                _ => "&#39;",
            });
            rest = rest[(special + 1)..];
            special = rest.IndexOfAny(Special);
        }

        run.ChargeChars(escaped.Length);
        return escaped.Append(rest).ToString();
    }

    /// <summary>Writes a value, escaped unless it is safe.</summary>
    public static void Write(Run run, Value value)
    {
        if (value.Kind == Kind.Markup || value.Kind == Kind.Int)
        {
            PyRepr.Write(run, value);
        }
        else
        {
            run.Output.Write(Escape(run, value));
        }
    }

    /// <summary>Text without tags and comments, white space joined, entities read.</summary>
    public static string StripTags(Run run, string text)
    {
        text = RemoveAll(run, text, "<!--", "-->");
        text = RemoveAll(run, text, "<", ">");
        run.ChargeChars(text.Length * 2L);
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        return Unescape(string.Join(' ', words));
    }

    /// <summary>Character references read.</summary>
    public static string Unescape(string text) => System.Net.WebUtility.HtmlDecode(text);

    private static string RemoveAll(Run run, string text, string open, string close)
    {
        var at = text.IndexOf(open, StringComparison.Ordinal);
        if (at < 0)
        {
            return text;
        }

        run.ChargeChars(text.Length);
        var kept = new StringBuilder(text.Length);
        var from = 0;
        while (at >= 0)
        {
            run.Step();
            var end = text.IndexOf(close, at + open.Length, StringComparison.Ordinal);
            if (end < 0)
            {
                break;
            }

            kept.Append(text, from, at - from);
            from = end + close.Length;
            at = text.IndexOf(open, from, StringComparison.Ordinal);
        }

        return kept.Append(text, from, text.Length - from).ToString();
    }
}
