using System.Text;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Library;

/// <summary>Filters about HTML, URLs and JSON.</summary>
internal static class HtmlFilters
{
    public static IEnumerable<Builtin> All { get; } =
    [
        new("escape", "value", (run, a) => Value.Markup(Html.Escape(run, a[0]))),
        new("forceescape", "value", (run, a) => Value.Markup(Html.Escape(run, PyRepr.Text(run, a[0])))),
        new("safe", "value", (run, a) => Value.Markup(PyRepr.Text(run, a[0]))),
        new("striptags", "value", (run, a) => Value.Of(Html.StripTags(run, PyRepr.Text(run, a[0])))),
        new("tojson", "value indent=", (run, a) => Value.Markup(JsonWriter.ForHtml(run, a[0], Arguments.Or(a[1], Value.None)))),
        new("urlencode", "value", UrlEncode),
        new("urlize", "value trim_url_limit= nofollow= target= rel= extra_schemes=", Urlizer.Filter),
        new("xmlattr", "d autospace=", XmlAttributes),
    ];

    private static Value UrlEncode(Run run, ReadOnlySpan<Value> a)
    {
        var value = a[0];
        if (value.IsString || value.IsUndefined || PySequence.TryIterate(run, value) is not { } iterator)
        {
            return Value.Of(Quote(run, value.IsUndefined && value.Undefined.Mode != UndefinedMode.Strict ? string.Empty : PyRepr.Text(run, value), false));
        }

        if (value.Kind == Kind.Dict)
        {
            iterator = new DictIterator(value.Dict, DictPart.Items);
        }

        var text = new StringBuilder();
        while (iterator.Next(run, out var pair))
        {
            var parts = PySequence.ToArray(run, pair);
            if (parts.Length != 2)
            {
                throw Fault.Value(parts.Length < 2 ? $"not enough values to unpack (expected 2, got {parts.Length})"
                    : "too many values to unpack (expected 2)");
            }

            text.Append(text.Length > 0 ? "&" : string.Empty).Append(Quote(run, PyRepr.Text(run, parts[0]), true))
                .Append('=').Append(Quote(run, PyRepr.Text(run, parts[1]), true));
        }

        return Value.Of(text.ToString());
    }

    private static string Quote(Run run, string text, bool isQuery)
    {
        run.ChargeChars(text.Length * 4L);
        var quoted = new StringBuilder(text.Length);
        foreach (var one in Encoding.UTF8.GetBytes(text))
        {
            if (char.IsAsciiLetterOrDigit((char)one) || one is (byte)'_' or (byte)'.' or (byte)'-' or (byte)'~' || (one == '/' && !isQuery))
            {
                quoted.Append((char)one);
            }
            else if (one == ' ' && isQuery)
            {
                quoted.Append('+');
            }
            else
            {
                quoted.Append('%').Append("0123456789ABCDEF"[one >> 4]).Append("0123456789ABCDEF"[one & 15]);
            }
        }

        return quoted.ToString();
    }

    private static Value XmlAttributes(Run run, ReadOnlySpan<Value> a)
    {
        if (a[0].Kind != Kind.Dict)
        {
            throw a[0].IsUndefined ? a[0].Undefined.Fault()
                : new Fault(TemplateErrorKind.Type, "AttributeError", $"'{a[0].TypeName}' object has no attribute 'items'");
        }

        var text = new StringBuilder();
        var dict = a[0].Dict;
        for (var i = 0; i < dict.Places; i++)
        {
            if (!dict.PairAt(i, out var key, out var value) || value.IsNone || value.IsUndefined)
            {
                continue;
            }

            run.Step();
            var name = key.IsString ? key.Text : throw Fault.Type($"expected string or bytes-like object, got '{key.TypeName}'");
            foreach (var c in name)
            {
                if (PyText.IsSpace(c) || c is '/' or '>' or '=')
                {
                    throw Fault.Value($"Invalid character in attribute name: {PyRepr.Quote(run, name)}");
                }
            }

            text.Append(text.Length > 0 ? " " : string.Empty).Append(Html.Escape(run, key)).Append("=\"").Append(Html.Escape(run, value)).Append('"');
        }

        if (text.Length > 0 && Arguments.Flag(run, a[1], true))
        {
            text.Insert(0, ' ');
        }

        run.ChargeChars(text.Length);
        return run.Autoescape ? Value.Markup(text.ToString()) : Value.Of(text.ToString());
    }
}
