using System.Text;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Library;

/// <summary>Methods of strings that give another value.</summary>
internal static class StrMethods
{
    public static IEnumerable<Builtin> All { get; } =
    [
        Mapping("capitalize", PyCase.Capitalize),
        Mapping("casefold", PyCase.Fold),
        Mapping("lower", PyCase.Lower),
        Mapping("swapcase", PyCase.Swap),
        Mapping("title", PyCase.Title),
        Mapping("upper", PyCase.Upper),
        new("center", "self width fill= /", (run, a) => Pad(run, a, 'c')),
        new("ljust", "self width fill= /", (run, a) => Pad(run, a, 'l')),
        new("rjust", "self width fill= /", (run, a) => Pad(run, a, 'r')),
        new("zfill", "self width /", ZeroFill),
        new("count", "self sub start= end= /", Count),
        new("encode", "self encoding= errors=", Encode),
        new("expandtabs", "self tabsize=", ExpandTabs),
        new("find", "self sub start= end= /", (run, a) => Value.Of(Find(run, a, false))),
        new("rfind", "self sub start= end= /", (run, a) => Value.Of(Find(run, a, true))),
        new("index", "self sub start= end= /", (run, a) => Found(Find(run, a, false))),
        new("rindex", "self sub start= end= /", (run, a) => Found(Find(run, a, true))),
        new("format", Format),
        new("format_map", "self mapping /", (run, a) => BraceFormat.Apply(run, a[0], [], a[1].Kind == Kind.Dict ? a[1].Dict
            : throw Fault.Type($"'{a[1].TypeName}' object is not subscriptable"))),
        new("join", "self items /", (run, a) => Value.Of(Join(run, a[0].Text, a[1]))),
        new("partition", "self sep /", (run, a) => Partition(run, a, false)),
        new("rpartition", "self sep /", (run, a) => Partition(run, a, true)),
        new("removeprefix", "self prefix /", (_, a) => Value.Of(a[0].Text.StartsWith(Arguments.Str(a[1], "prefix"), StringComparison.Ordinal)
            ? a[0].Text[a[1].Text.Length..] : a[0].Text)),
        new("removesuffix", "self suffix /", (_, a) => Value.Of(a[0].Text.EndsWith(Arguments.Str(a[1], "suffix"), StringComparison.Ordinal)
            ? a[0].Text[..^a[1].Text.Length] : a[0].Text)),
        new("replace", "self old new count= /", (run, a) => Value.Of(Replace(
            run, a[0].Text, Arguments.Str(a[1], "replace() argument 1"), Arguments.Str(a[2], "replace() argument 2"), Arguments.Int(a[3], -1, "count")))),
        new("split", "self sep= maxsplit=", (run, a) => Splitting.Split(run, a, false)),
        new("rsplit", "self sep= maxsplit=", (run, a) => Splitting.Split(run, a, true)),
        new("splitlines", "self keepends=", (run, a) => Splitting.Lines(run, a[0].Text, Arguments.Flag(run, a[1], false))),
        new("strip", "self chars= /", (run, a) => Strip(run, a, true, true)),
        new("lstrip", "self chars= /", (run, a) => Strip(run, a, true, false)),
        new("rstrip", "self chars= /", (run, a) => Strip(run, a, false, true)),
        new("translate", "self table /", Translate),
    ];

    /// <summary>Replaces up to <paramref name="count"/> places, all when it is negative.</summary>
    public static string Replace(Run run, string text, string old, string with, long count)
    {
        var most = count < 0 ? long.MaxValue : count;
        run.Steps(text.Length / 64);
        if (old.Length == 0)
        {
            return Interleave(run, text, with, most);
        }

        long found = 0;
        for (var at = 0; found < most && (at = text.IndexOf(old, at, StringComparison.Ordinal)) >= 0; at += old.Length)
        {
            found++;
        }

        if (found == 0)
        {
            return text;
        }

        run.ChargeChars(text.Length + (found * (with.Length - (long)old.Length)));
        if (found < most)
        {
            return text.Replace(old, with, StringComparison.Ordinal);
        }

        var result = new StringBuilder(text.Length);
        var from = 0;
        for (var i = 0; i < found; i++)
        {
            var next = text.IndexOf(old, from, StringComparison.Ordinal);
            result.Append(text, from, next - from).Append(with);
            from = next + old.Length;
        }

        return result.Append(text, from, text.Length - from).ToString();
    }

    /// <summary>The items, which must be strings, with a separator between them.</summary>
    public static string Join(Run run, string separator, Value items)
    {
        var iterator = PySequence.TryIterate(run, items) ?? throw Fault.Type("can only join an iterable");
        var text = new StringBuilder();
        for (var i = 0; iterator.Next(run, out var item); i++)
        {
            if (!item.IsString)
            {
                throw Fault.Type($"sequence item {i}: expected str instance, {item.TypeName} found");
            }

            run.ChargeChars((i > 0 ? separator.Length : 0) + (long)item.Text.Length);
            text.Append(i > 0 ? separator : string.Empty).Append(item.Text);
        }

        return text.ToString();
    }

    /// <summary>Centred as Python does: the odd blank goes left when the width is odd too.</summary>
    public static string Center(Run run, string text, long width, string fill = " ")
    {
        var missing = width - PyText.Length(text);
        if (missing <= 0)
        {
            return text;
        }

        var left = (missing / 2) + (missing & width & 1);
        return Fills(run, fill, left) + text + Fills(run, fill, missing - left);
    }

    private static string Fills(Run run, string fill, long count)
    {
        run.ChargeChars(fill.Length * Math.Min(count, long.MaxValue / 4));
        return fill.Length == 1 ? new string(fill[0], (int)count) : string.Concat(Enumerable.Repeat(fill, (int)count));
    }

    private static Builtin Mapping(string name, Func<string, string> map) => new(name, "self /", (run, a) =>
    {
        run.ChargeChars(a[0].Text.Length);
        run.Steps(a[0].Text.Length / 64);
        return Value.Of(map(a[0].Text));
    });

    private static Value Pad(Run run, ReadOnlySpan<Value> a, char side)
    {
        var fill = a[2].IsSet ? Arguments.Str(a[2], "The fill character") : " ";
        if (PyText.Length(fill) != 1)
        {
            throw Fault.Type("The fill character must be exactly one character long");
        }

        var width = Arguments.Int(a[1], "width");
        var text = a[0].Text;
        var missing = width - PyText.Length(text);
        return Value.Of(missing <= 0 ? text : side switch
        {
            'l' => text + Fills(run, fill, missing),
            'r' => Fills(run, fill, missing) + text,
            _ => Center(run, text, width, fill),
        });
    }

    private static Value ZeroFill(Run run, ReadOnlySpan<Value> a)
    {
        var text = a[0].Text;
        var missing = Arguments.Int(a[1], "width") - PyText.Length(text);
        if (missing <= 0)
        {
            return Value.Of(text);
        }

        var sign = text.Length > 0 && text[0] is '+' or '-' ? 1 : 0;
        return Value.Of(text[..sign] + Fills(run, "0", missing) + text[sign..]);
    }

    // The part of the text that optional start and end bounds cut out, and its first code point.
    private static (string Part, long From)? Part(string text, Value start, Value end)
    {
        if (!start.IsSet && !end.IsSet)
        {
            return (text, 0);
        }

        var length = PyText.Length(text);
        var (from, count, _) = PySequence.Span(Arguments.Or(start, Value.None), Arguments.Or(end, Value.None), Value.None, length);
        if (count == 0)
        {
            from = start.IsSet && !start.IsNone ? Math.Max(0, start.Bits < 0 ? start.Bits + length : start.Bits) : 0;
            return from > length ? null : (string.Empty, from);
        }

        var first = PyText.UnitIndex(text, (int)from);
        return (text[first..PyText.UnitIndex(text, (int)(from + count))], from);
    }

    private static Value Count(Run run, ReadOnlySpan<Value> a)
    {
        var sub = Arguments.Str(a[1], "argument");
        run.Steps(a[0].Text.Length / 64);
        if (Part(a[0].Text, a[2], a[3]) is not { } part)
        {
            return Value.Of(0L);
        }

        if (sub.Length == 0)
        {
            return Value.Of((long)PyText.Length(part.Part) + 1);
        }

        long count = 0;
        for (var at = 0; (at = part.Part.IndexOf(sub, at, StringComparison.Ordinal)) >= 0; at += sub.Length)
        {
            count++;
        }

        return Value.Of(count);
    }

    private static long Find(Run run, ReadOnlySpan<Value> a, bool last)
    {
        var sub = Arguments.Str(a[1], "argument");
        run.Steps(a[0].Text.Length / 64);
        if (Part(a[0].Text, a[2], a[3]) is not { } part)
        {
            return -1;
        }

        var at = last ? part.Part.AsSpan().LastIndexOf(sub) : part.Part.AsSpan().IndexOf(sub);
        at = last && sub.Length == 0 ? part.Part.Length : at;
        return at < 0 ? -1 : part.From + PyText.Length(part.Part.AsSpan(0, at));
    }

    private static Value Found(long at) => at >= 0 ? Value.Of(at) : throw Fault.Value("substring not found");

    private static Value Encode(Run run, ReadOnlySpan<Value> a)
    {
        run.ChargeChars(a[0].Text.Length * 2L);
        var name = a[1].IsSet ? Arguments.Str(a[1], "encoding") : "utf-8";
        var simple = name.ToLowerInvariant().Replace('_', '-');
        var text = a[0].Text;
        return simple switch
        {
            "utf-8" or "utf8" => Value.Of(new PyBytes(Encoding.UTF8.GetBytes(text))),
            "ascii" or "us-ascii" when Ascii.IsValid(text) => Value.Of(new PyBytes(Encoding.ASCII.GetBytes(text))),
            "latin-1" or "latin1" or "iso-8859-1" when !text.AsSpan().ContainsAnyExceptInRange('\0', '\u00ff') =>
                Value.Of(new PyBytes(Encoding.Latin1.GetBytes(text))),
            "ascii" or "us-ascii" or "latin-1" or "latin1" or "iso-8859-1" =>
                throw new Fault(TemplateErrorKind.Type, "UnicodeEncodeError", $"'{name}' codec can't encode the text"),
            _ => throw new Fault(TemplateErrorKind.Type, "LookupError", $"unknown encoding: {name}"),
        };
    }

    private static Value ExpandTabs(Run run, ReadOnlySpan<Value> a)
    {
        var size = Arguments.Int(a[1], 8, "tabsize");
        var text = new StringBuilder();
        long column = 0;
        foreach (var c in a[0].Text)
        {
            if (c == '\t')
            {
                var blanks = size <= 0 ? 0 : size - (column % size);
                run.ChargeChars(blanks);
                text.Append(' ', (int)blanks);
                column += blanks;
            }
            else
            {
                text.Append(c);
                column = c is '\n' or '\r' ? 0 : char.IsLowSurrogate(c) ? column : column + 1;
            }
        }

        return Value.Of(text.ToString());
    }

    private static Value Format(Run run, in CallArguments arguments)
    {
        var named = new PyDict(arguments.Names.Length);
        for (var i = 0; i < arguments.Names.Length; i++)
        {
            named.Set(run, arguments.Names[i], arguments.Named[i]);
        }

        return BraceFormat.Apply(run, arguments.Positional[0], arguments.Positional[1..].ToArray(), named);
    }

    private static Value Partition(Run run, ReadOnlySpan<Value> a, bool last)
    {
        var separator = Arguments.Str(a[1], "separator");
        if (separator.Length == 0)
        {
            throw Fault.Value("empty separator");
        }

        var text = a[0].Text;
        run.ChargeChars(text.Length);
        var at = last ? text.LastIndexOf(separator, StringComparison.Ordinal) : text.IndexOf(separator, StringComparison.Ordinal);
        string[] parts = at >= 0 ? [text[..at], separator, text[(at + separator.Length)..]]
            : last ? [string.Empty, string.Empty, text] : [text, string.Empty, string.Empty];
        return Value.Of(new PyTuple(Array.ConvertAll(parts, Value.Of)));
    }

    private static Value Strip(Run run, ReadOnlySpan<Value> a, bool start, bool end)
    {
        run.ChargeChars(a[0].Text.Length);
        return Value.Of(!a[1].IsSet || a[1].IsNone ? PyText.Strip(a[0].Text, start, end)
            : PyText.Strip(a[0].Text, Arguments.Str(a[1], "strip arg"), start, end));
    }

    private static Value Translate(Run run, ReadOnlySpan<Value> a)
    {
        if (a[1].Kind != Kind.Dict)
        {
            throw Fault.Type($"'{a[1].TypeName}' object is not subscriptable");
        }

        var text = new StringBuilder();
        foreach (var one in PyText.Split(a[0].Text))
        {
            run.Step();
            if (!a[1].Dict.TryGet(run, Value.Of((long)PyText.CodePointAt(one, 0)), out var to))
            {
                text.Append(one);
            }
            else if (to.IsString)
            {
                run.ChargeChars(to.Text.Length);
                text.Append(to.Text);
            }
            else if (to.Kind == Kind.Int && to.Bits is >= 0 and <= 0x10FFFF)
            {
                text.Append(PyText.OfCodePoint((int)to.Bits));
            }
        }

        return Value.Of(text.ToString());
    }

    private static string Interleave(Run run, string text, string with, long most)
    {
        var parts = PyText.Split(text);
        var inserted = Math.Min(most, parts.Count + 1L);
        run.ChargeChars(text.Length + (inserted * with.Length));
        var result = new StringBuilder();
        for (var i = 0; i <= parts.Count; i++)
        {
            result.Append(i < inserted ? with : string.Empty).Append(i < parts.Count ? parts[i] : string.Empty);
        }

        return result.ToString();
    }
}
