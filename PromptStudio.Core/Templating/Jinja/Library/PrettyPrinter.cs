using System.Text;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Library;

/// <summary>Python's <c>pprint.pformat</c>: values over several lines when they are wider than 80.</summary>
internal sealed class PrettyPrinter
{
    private const int Width = 80;

    private readonly Run _run;
    private readonly StringBuilder _text = new();
    private readonly List<PyObject> _open = [];

    private PrettyPrinter(Run run) => _run = run;

    public static string Print(Run run, Value value)
    {
        var printer = new PrettyPrinter(run);
        printer.Write(value, 0, 0);
        run.ChargeChars(printer._text.Length);
        return printer._text.ToString();
    }

    private void Write(Value value, int indent, int allowance)
    {
        _run.GuardStack();
        if (value.Ref is PyObject again && _open.Contains(again))
        {
            _text.Append("<Recursion on ").Append(value.TypeName).Append('>');
            return;
        }

        var repr = Sorted(value);
        _run.ChargeChars(repr.Length);
        if (PyText.Length(repr) <= Width - indent - allowance || value.Kind is not (Kind.List or Kind.Tuple or Kind.Dict or Kind.Str))
        {
            _text.Append(repr);
            return;
        }

        switch (value.Kind)
        {
            case Kind.Str:
                WriteText(value.Text, indent, allowance);
                return;
            case Kind.Dict:
                WriteDict(value.Dict, indent, allowance);
                return;
        }

        var items = PySequence.ToArray(_run, value);
        _open.Add(value.Object);
        var isTuple = value.Kind == Kind.Tuple;
        _text.Append(isTuple ? '(' : '[');
        var close = isTuple && items.Length == 1 ? ",)" : isTuple ? ")" : "]";
        for (var i = 0; i < items.Length; i++)
        {
            Write(items[i], indent + 1, i == items.Length - 1 ? allowance + close.Length : 1);
            _text.Append(i < items.Length - 1 ? ",\n" + Blanks(indent + 1) : string.Empty);
        }

        _text.Append(close);
        _open.RemoveAt(_open.Count - 1);
    }

    private string Blanks(int count)
    {
        _run.ChargeChars(count);
        return new string(' ', count);
    }

    private string Sorted(Value value) => value.Kind is Kind.List or Kind.Tuple or Kind.Dict
        ? PyRepr.Of(_run, SortDicts(value, 0)) : PyRepr.Of(_run, value);

    // A copy with the keys of dicts in order.
    private Value SortDicts(Value value, int depth)
    {
        _run.GuardStack();
        if (depth > 100)
        {
            return value;
        }

        switch (value.Kind)
        {
            case Kind.List:
                return Value.Of(new PyList(value.List.Items.ConvertAll(item => SortDicts(item, depth + 1))));
            case Kind.Tuple:
                return Value.Of(new PyTuple(Array.ConvertAll(value.Tuple.Items, item => SortDicts(item, depth + 1))));
            case Kind.Dict:
                var sorted = new PyDict(value.Dict.Count);
                foreach (var key in Keys(value.Dict))
                {
                    value.Dict.TryGet(_run, key, out var item);
                    sorted.Set(_run, key, SortDicts(item, depth + 1));
                }

                return Value.Of(sorted);
            default:
                return value;
        }
    }

    private List<Value> Keys(PyDict dict)
    {
        var keys = PySequence.ToList(_run, Value.Of(dict)).Items;
        keys.Sort((a, b) => a.IsString && b.IsString ? PyText.Compare(a.Text, b.Text)
            : a.IsNumber && b.IsNumber ? PyCompare.Order(_run, a, b, "<") ?? 0
            : string.CompareOrdinal(a.TypeName, b.TypeName));
        return keys;
    }

    private void WriteDict(PyDict dict, int indent, int allowance)
    {
        _open.Add(dict);
        _text.Append('{');
        var keys = Keys(dict);
        for (var i = 0; i < keys.Count; i++)
        {
            var key = PyRepr.Of(_run, keys[i]);
            _text.Append(key).Append(": ");
            dict.TryGet(_run, keys[i], out var value);
            Write(value, indent + PyText.Length(key) + 3, i == keys.Count - 1 ? allowance + 1 : 1);
            _text.Append(i < keys.Count - 1 ? ",\n" + Blanks(indent + 1) : string.Empty);
        }

        _text.Append('}');
        _open.RemoveAt(_open.Count - 1);
    }

    // A long string becomes several literals, cut after white space; in parentheses when it stands alone.
    private void WriteText(string text, int indent, int allowance)
    {
        var alone = _open.Count == 0;
        indent += alone ? 1 : 0;
        allowance += alone ? 1 : 0;
        var chunks = new List<string>();
        var lines = new List<string>();
        foreach (var (start, _, next) in Splitting.LinesOf(text))
        {
            lines.Add(text[start..next]);
        }

        for (var i = 0; i < lines.Count; i++)
        {
            var room = Width - indent - (i == lines.Count - 1 ? allowance : 0);
            if (PyRepr.Quote(_run, lines[i]).Length <= room)
            {
                chunks.Add(PyRepr.Quote(_run, lines[i]));
                continue;
            }

            Cut(lines[i], i == lines.Count - 1, indent, allowance, chunks);
        }

        if (chunks.Count == 1)
        {
            _text.Append(chunks[0]);
            return;
        }

        _text.Append(alone ? "(" : string.Empty).AppendJoin("\n" + Blanks(indent), chunks).Append(alone ? ")" : string.Empty);
    }

    private void Cut(string line, bool isLast, int indent, int allowance, List<string> chunks)
    {
        var parts = new List<string>();
        for (var at = 0; at < line.Length;)
        {
            var end = at;
            while (end < line.Length && !PyText.IsSpace(line[end]))
            {
                end++;
            }

            while (end < line.Length && PyText.IsSpace(line[end]))
            {
                end++;
            }

            parts.Add(line[at..end]);
            at = end;
        }

        var current = string.Empty;
        for (var j = 0; j < parts.Count; j++)
        {
            _run.Step();
            var candidate = current + parts[j];
            _run.ChargeChars(candidate.Length);
            var most = j == parts.Count - 1 && isLast ? Width - indent - allowance : Width - indent;
            if (PyRepr.Quote(_run, candidate).Length > most)
            {
                if (current.Length > 0)
                {
                    chunks.Add(PyRepr.Quote(_run, current));
                }

                current = parts[j];
            }
            else
            {
                current = candidate;
            }
        }

        if (current.Length > 0)
        {
            chunks.Add(PyRepr.Quote(_run, current));
        }
    }
}
