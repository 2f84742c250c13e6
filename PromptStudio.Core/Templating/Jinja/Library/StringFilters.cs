using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Library;

/// <summary>Filters that change a string's characters.</summary>
internal static class StringFilters
{
    public static IEnumerable<Builtin> All { get; } =
    [
        Method("capitalize"),
        Method("lower", (run, mark) => ChangeCase(run, mark, Ascii.ToLowerInPlace(run.Output.From(mark), out _), PyCase.Lower)),
        Method("upper", (run, mark) => ChangeCase(run, mark, Ascii.ToUpperInPlace(run.Output.From(mark), out _), PyCase.Upper)),
        new("center", "value width=", (run, a) => Call(run, "center", Soft(run, a[0]), Arguments.Or(a[1], Value.Of(80L)))),
        new("trim", "value chars=", Trim) { Change = TrimFrom },
        new("title", "value", Title),
        new("string", "value", (run, a) => Soft(run, a[0])),
        new("replace", "s old new count=", Replace),
        new("format", Format),
        new("truncate", "s length= killwords= end= leeway=", Truncate),
        new("indent", "s width= first= blank=", Indent),
        new("join", "value d= attribute=", Join) { Print = PrintJoin },
        new("wordcount", "s", WordCount),
        new("wordwrap", "s width= break_long_words= wrapstring= break_on_hyphens=", WordWrap),
    ];

    /// <summary>The value as a string; safe HTML stays safe.</summary>
    public static Value Soft(Run run, Value value) => value.IsString ? value : Value.Of(PyRepr.Text(run, value));

    private static Builtin Method(string name, Action<Run, int>? change = null)
    {
        var ofStr = Methods.Find(Kind.Str, name)!;
        var ofMarkup = Methods.Find(Kind.Markup, name)!;
        return new(name, "s", (run, a) =>
        {
            var text = Soft(run, a[0]);
            return (text.Kind == Kind.Str ? ofStr : ofMarkup).Invoke(run, new CallArguments(new ReadOnlySpan<Value>(in text)));
        })
        {
            Change = change,
        };
    }

    // ASCII has been changed where it stands, up to the first character that is none: the length of others may change.
    private static void ChangeCase(Run run, int mark, OperationStatus status, Func<string, string> change)
    {
        run.Steps((run.Output.Length - mark) / 64);
        if (status != OperationStatus.Done)
        {
            run.Output.Write(change(run.Output.Cut(mark, run)));
        }
    }

    private static void TrimFrom(Run run, int mark)
    {
        var text = run.Output.From(mark);
        var (start, end) = PyText.Ends(text);
        text[start..end].CopyTo(text);
        run.Output.Truncate(mark + end - start);
    }

    private static Value Trim(Run run, ReadOnlySpan<Value> a)
    {
        var text = Soft(run, a[0]);
        if (a[1].IsSet)
        {
            return Call(run, "strip", text, a[1]);
        }

        if (text.Kind != Kind.Str)
        {
            return Call(run, "strip", text);
        }

        run.ChargeChars(text.Text.Length);
        return Value.Of(PyText.Strip(text.Text));
    }

    private static Value Call(Run run, string method, params ReadOnlySpan<Value> arguments) =>
        Methods.Find(arguments[0].Kind, method)!.Invoke(run, new CallArguments(arguments));

    private static Value Title(Run run, ReadOnlySpan<Value> a)
    {
        var text = PyRepr.Text(run, a[0]);
        run.ChargeChars(text.Length * 2L);
        var title = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            run.Step();
            var start = i;
            var isGap = IsGap(text[i]);
            while (i < text.Length && IsGap(text[i]) == isGap)
            {
                i++;
            }

            var first = PyText.UnitsAt(text, start);
            title.Append(PyCase.Upper(text.Substring(start, first))).Append(PyCase.Lower(text[(start + first)..i]));
        }

        return Value.Of(title.ToString());
    }

    private static bool IsGap(char c) => c is '-' or '(' or '{' or '[' or '<' || PyText.IsSpace(c);

    private static Value Replace(Run run, ReadOnlySpan<Value> a)
    {
        var count = a[3].IsSet && !a[3].IsNone ? Arguments.Int(a[3], "count") : -1;
        if (!run.Autoescape)
        {
            return Value.Of(StrMethods.Replace(run, PyRepr.Text(run, a[0]), PyRepr.Text(run, a[1]), PyRepr.Text(run, a[2]), count));
        }

        var text = a[0].Kind != Kind.Markup && (a[1].Kind == Kind.Markup || a[2].Kind == Kind.Markup)
            ? Value.Markup(Html.Escape(run, a[0])) : Soft(run, a[0]);
        return Call(run, "replace", text, Soft(run, a[1]), Soft(run, a[2]), Value.Of(count));
    }

    private static Value Format(Run run, in CallArguments arguments)
    {
        var positional = arguments.Positional;
        if (positional.Length > 1 && arguments.Names.Length > 0)
        {
            throw Fault.FilterArgument("can't handle positional and keyword arguments at the same time");
        }

        if (arguments.Names.Length == 0)
        {
            return PercentFormat.Apply(run, Soft(run, positional[0]), Value.Of(new PyTuple(positional[1..].ToArray())));
        }

        var named = new PyDict(arguments.Names.Length);
        for (var i = 0; i < arguments.Names.Length; i++)
        {
            named.Set(run, arguments.Names[i], arguments.Named[i]);
        }

        return PercentFormat.Apply(run, Soft(run, positional[0]), Value.Of(named));
    }

    private static Value Truncate(Run run, ReadOnlySpan<Value> a)
    {
        var length = Arguments.Int(a[1], 255, "length");
        var killWords = Arguments.Flag(run, a[2], false);
        var end = a[3].IsSet ? PyRepr.Text(run, a[3]) : "...";
        var leeway = a[4].IsSet && !a[4].IsNone ? Arguments.Int(a[4], "leeway") : 5;
        var endLength = PyText.Length(end);
        if (length < endLength || leeway < 0)
        {
            throw new Fault(TemplateErrorKind.Type, "AssertionError", leeway < 0 ? $"expected leeway >= 0, got {leeway}"
                : $"expected length >= {endLength}, got {length}");
        }

        if (PySequence.Length(run, a[0]) <= length + leeway)
        {
            return a[0];
        }

        if (!a[0].IsString)
        {
            throw Fault.Type($"'{a[0].TypeName}' object cannot be truncated");
        }

        run.ChargeChars(length + (end.Length * 6L));
        var cut = a[0].Text[..PyText.UnitIndex(a[0].Text, (int)(length - endLength))];
        var space = killWords ? -1 : cut.LastIndexOf(' ');
        cut = space < 0 ? cut : cut[..space];
        return a[0].Kind == Kind.Markup ? Value.Markup(cut + Html.Escape(run, a[3].IsSet ? a[3] : Value.Of(end)))
            : a[3].Kind == Kind.Markup ? Value.Markup(Html.Escape(run, cut) + end) : Value.Of(cut + end);
    }

    private static Value Indent(Run run, ReadOnlySpan<Value> a)
    {
        if (!a[0].IsString)
        {
            throw a[0].IsUndefined ? a[0].Undefined.Fault()
                : a[0].Kind == Kind.List ? new Fault(TemplateErrorKind.Type, "AttributeError", "'list' object has no attribute 'splitlines'")
                : Arithmetic.Unsupported("+=", a[0], Value.EmptyString);
        }

        string by;
        if (a[1].IsString)
        {
            by = a[1].Text;
        }
        else
        {
            var width = Math.Max(0, Arguments.Int(a[1], 4, "width"));
            run.ChargeChars(width);
            by = new string(' ', (int)width);
        }

        var blank = Arguments.Flag(run, a[3], false);
        var source = a[0].Text + "\n";
        var text = new StringBuilder(source.Length);
        var isFirst = true;
        foreach (var (start, end, _) in Splitting.LinesOf(source))
        {
            run.Step();
            run.ChargeChars(by.Length + end - start + 1L);
            if (!isFirst)
            {
                text.Append('\n').Append(blank || end > start ? by : string.Empty);
            }
            else if (Arguments.Flag(run, a[2], false))
            {
                text.Append(by);
            }

            isFirst = false;
            text.Append(source, start, end - start);
        }

        return a[0].Kind == Kind.Markup ? Value.Markup(text.ToString()) : Value.Of(text.ToString());
    }

    private static Value Join(Run run, ReadOnlySpan<Value> a)
    {
        var separator = Arguments.Or(a[1], Value.EmptyString);
        if (separator.Kind == Kind.Str && !a[2].IsSet && a[0].Kind == Kind.List && JoinPlain(run, a[0].List.Items, separator.Text) is { } joined)
        {
            return Value.Of(joined);
        }

        var parts = a[2].IsSet && !a[2].IsNone ? Attributes.Parts(a[2]) : [];
        var iterator = PySequence.Iterate(run, a[0]);
        var items = new List<Value>();
        var anySafe = separator.Kind == Kind.Markup;
        while (iterator.Next(run, out var item))
        {
            item = Attributes.Path(run, item, parts, default);
            run.Charge(24);
            anySafe |= item.Kind == Kind.Markup;
            items.Add(item);
        }

        var escapes = run.Autoescape && anySafe;
        var between = escapes ? Html.Escape(run, separator) : PyRepr.Text(run, separator);
        var text = new StringBuilder();
        for (var i = 0; i < items.Count; i++)
        {
            var item = escapes ? Html.Escape(run, items[i]) : PyRepr.Text(run, items[i]);
            run.ChargeChars(item.Length + (i > 0 ? between.Length : 0L));
            text.Append(i > 0 ? between : string.Empty).Append(item);
        }

        return escapes ? Value.Markup(text.ToString()) : Value.Of(text.ToString());
    }

    private static bool PrintJoin(Run run, ReadOnlySpan<Value> a) =>
        a[0].Ref is PyList list && !a[2].IsSet && a[1].Kind is Kind.Str or Kind.Unset && list.TryJoin(run, a[1]);

    // The usual case, strings only, in one piece; null when it is another case.
    private static string? JoinPlain(Run run, List<Value> items, string between)
    {
        long length = 0;
        foreach (ref readonly var item in CollectionsMarshal.AsSpan(items))
        {
            if (item.Kind != Kind.Str)
            {
                return null;
            }

            length += item.Text.Length + between.Length;
        }

        run.Steps(items.Count + 1);
        run.Charge(items.Count * 24L);
        if (items.Count == 0)
        {
            return string.Empty;
        }

        length -= between.Length;
        run.ChargeChars(length);
        return string.Create((int)length, (items, between), static (text, parts) =>
        {
            var isFirst = true;
            foreach (ref readonly var item in CollectionsMarshal.AsSpan(parts.items))
            {
                if (!isFirst)
                {
                    parts.between.CopyTo(text);
                    text = text[parts.between.Length..];
                }

                isFirst = false;
                item.Text.CopyTo(text);
                text = text[item.Text.Length..];
            }
        });
    }

    private static Value WordCount(Run run, ReadOnlySpan<Value> a)
    {
        var text = PyRepr.Text(run, a[0]);
        run.Steps(text.Length / 16);
        long count = 0;
        var inWord = false;
        for (var i = 0; i < text.Length; i += PyText.UnitsAt(text, i))
        {
            var isWord = PyText.IsWord(PyText.CodePointAt(text, i));
            count += isWord && !inWord ? 1 : 0;
            inWord = isWord;
        }

        return Value.Of(count);
    }

    private static Value WordWrap(Run run, ReadOnlySpan<Value> a)
    {
        if (!a[0].IsString)
        {
            throw a[0].IsUndefined ? a[0].Undefined.Fault()
                : new Fault(TemplateErrorKind.Type, "AttributeError", $"'{a[0].TypeName}' object has no attribute 'splitlines'");
        }

        var width = Arguments.Int(a[1], 79, "width");
        var between = a[3].IsSet && !a[3].IsNone ? PyRepr.Text(run, a[3]) : run.Options.NewlineSequence;
        var wrapper = new WordWrapper(run, width, Arguments.Flag(run, a[2], true), Arguments.Flag(run, a[4], true));
        var text = new StringBuilder();
        var isFirst = true;
        foreach (var (start, end, _) in Splitting.LinesOf(a[0].Text))
        {
            text.Append(isFirst ? string.Empty : between);
            isFirst = false;
            var isFirstPart = true;
            foreach (var part in wrapper.Wrap(a[0].Text[start..end]))
            {
                run.ChargeChars(part.Length + (long)between.Length);
                text.Append(isFirstPart ? string.Empty : between).Append(part);
                isFirstPart = false;
            }
        }

        return Value.Of(text.ToString());
    }
}
