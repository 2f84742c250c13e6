using System.Globalization;
using System.Text;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Library;

/// <summary>Python's <c>json.dumps</c>.</summary>
internal sealed class JsonWriter
{
    private readonly Run _run;
    private readonly StringBuilder _text = new();
    private readonly List<PyObject> _open = [];
    private readonly string? _indent;
    private readonly string _itemSeparator;
    private readonly string _keySeparator;
    private readonly bool _sorts;
    private readonly bool _ascii;
    private readonly bool _forHtml;

    private JsonWriter(Run run, Value indent, Value separators, bool sorts, bool ascii, bool forHtml)
    {
        _run = run;
        _sorts = sorts;
        _ascii = ascii;
        _forHtml = forHtml;
        if (indent.IsString)
        {
            _indent = indent.Text;
        }
        else if (!indent.IsNone)
        {
            var width = Math.Max(0, Arguments.Int(indent, "indent"));
            run.ChargeChars(width);
            _indent = new string(' ', (int)width);
        }

        (_itemSeparator, _keySeparator) = (_indent is null ? ", " : ",", ": ");
        if (!separators.IsNone)
        {
            var pair = PySequence.ToArray(run, separators);
            if (pair.Length != 2)
            {
                throw Fault.Value("separators must be a pair");
            }

            (_itemSeparator, _keySeparator) = (Arguments.Str(pair[0], "separator"), Arguments.Str(pair[1], "separator"));
        }
    }

    /// <summary><c>tojson</c> as Hugging Face's chat templates have it.</summary>
    public static Builtin ChatFilter { get; } = new("tojson", "x ensure_ascii= indent= separators= sort_keys=", (run, a) => Value.Of(Write(
        run,
        a[0],
        new JsonWriter(
            run,
            Arguments.Or(a[2], Value.None),
            Arguments.Or(a[3], Value.None),
            Arguments.Flag(run, a[4], false),
            Arguments.Flag(run, a[1], false),
            false))));

    /// <summary><c>tojson</c> as Jinja2 has it: sorted, ASCII, safe inside HTML.</summary>
    public static string ForHtml(Run run, Value value, Value indent) =>
        Write(run, value, new JsonWriter(run, indent, Value.None, true, true, true));

    private static string Write(Run run, Value value, JsonWriter writer)
    {
        writer.Write(value, 1);
        run.ChargeChars(writer._text.Length);
        return writer._text.ToString();
    }

    private void Write(Value value, int depth)
    {
        switch (value.Kind)
        {
            case Kind.None:
                _text.Append("null");
                break;
            case Kind.Bool:
                _text.Append(value.Bits != 0 ? "true" : "false");
                break;
            case Kind.Int or Kind.Big:
                _text.Append(PyRepr.Text(_run, value));
                break;
            case Kind.Float:
                _text.Append(Float(value.Double));
                break;
            case Kind.Str or Kind.Markup:
                WriteText(value.Text);
                break;
            case Kind.List or Kind.Tuple:
                WriteItems(value, depth);
                break;
            case Kind.Dict:
                WriteDict(value.Dict, depth);
                break;
            default:
                throw Fault.Type($"Object of type {value.TypeName} is not JSON serializable");
        }
    }

    private static string Float(double number) => double.IsNaN(number) ? "NaN" : double.IsInfinity(number)
        ? number > 0 ? "Infinity" : "-Infinity" : PyFloat.Repr(number);

    private void Open(PyObject value)
    {
        _run.GuardStack();
        _run.Charge(16);
        if (_open.Count > 500)
        {
            throw Fault.Recursion("values are nested too deeply for JSON");
        }

        foreach (var outer in _open)
        {
            if (ReferenceEquals(outer, value))
            {
                throw Fault.Value("Circular reference detected");
            }
        }

        _open.Add(value);
    }

    private void Break(int depth)
    {
        if (_indent is null)
        {
            return;
        }

        _run.ChargeChars((_indent.Length * (long)depth) + 1);
        _text.Append('\n').Insert(_text.Length, _indent, depth);
    }

    private void WriteItems(Value value, int depth)
    {
        Open(value.Object);
        IReadOnlyList<Value> items = value.Kind == Kind.List ? value.List.Items : value.Tuple.Items;
        _text.Append('[');
        for (var i = 0; i < items.Count; i++)
        {
            _run.Step();
            _text.Append(i > 0 ? _itemSeparator : string.Empty);
            Break(depth);
            Write(items[i], depth + 1);
        }

        if (items.Count > 0)
        {
            Break(depth - 1);
        }

        _text.Append(']');
        _open.RemoveAt(_open.Count - 1);
    }

    private void WriteDict(PyDict dict, int depth)
    {
        Open(dict);
        _text.Append('{');
        IReadOnlyList<Value> keys = PySequence.ToList(_run, Value.Of(dict)).Items;
        if (_sorts)
        {
            keys = Ordering.Sort(_run, keys, static key => key, false);
        }

        var first = true;
        foreach (var key in keys)
        {
            _run.Step();
            dict.TryGet(_run, key, out var value);
            _text.Append(first ? string.Empty : _itemSeparator);
            first = false;
            Break(depth);
            WriteText(key.Kind switch
            {
                Kind.Str or Kind.Markup => key.Text,
                Kind.Bool => key.Bits != 0 ? "true" : "false",
                Kind.None => "null",
                Kind.Int or Kind.Big => PyRepr.Text(_run, key),
                Kind.Float => Float(key.Double),
                _ => throw Fault.Type($"keys must be str, int, float, bool or None, not {key.TypeName}"),
            });
            _text.Append(_keySeparator);
            Write(value, depth + 1);
        }

        if (!first)
        {
            Break(depth - 1);
        }

        _text.Append('}');
        _open.RemoveAt(_open.Count - 1);
    }

    private void WriteText(string text)
    {
        _run.ChargeChars(text.Length);
        _run.Steps(text.Length / 64);
        _text.Append('"');
        foreach (var c in text)
        {
            switch (c)
            {
                case '"':
                    _text.Append("\\\"");
                    break;
                case '\\':
                    _text.Append("\\\\");
                    break;
                case '\n':
                    _text.Append("\\n");
                    break;
                case '\r':
                    _text.Append("\\r");
                    break;
                case '\t':
                    _text.Append("\\t");
                    break;
                case '\b':
                    _text.Append("\\b");
                    break;
                case '\f':
                    _text.Append("\\f");
                    break;
                default:
                    if (c < ' ' || (_ascii && c > '~') || (_forHtml && c is '<' or '>' or '&' or '\''))
                    {
                        _text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
                    }
                    else
                    {
                        _text.Append(c);
                    }

                    break;
            }
        }

        _text.Append('"');
    }
}
