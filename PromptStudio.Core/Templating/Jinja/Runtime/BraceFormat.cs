using System.Globalization;
using System.Text;
using PromptStudio.Core.Templating.Jinja.Library;

namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>Python's <c>str.format</c>.</summary>
internal sealed class BraceFormat
{
    private readonly Run _run;
    private readonly Value[] _positional;
    private readonly PyDict _named;
    private readonly bool _escapes;
    private int _automatic;

    private BraceFormat(Run run, Value[] positional, PyDict named, bool escapes)
    {
        _run = run;
        _positional = positional;
        _named = named;
        _escapes = escapes;
    }

    public static Value Apply(Run run, Value format, Value[] positional, PyDict named)
    {
        var text = new BraceFormat(run, positional, named, format.Kind == Kind.Markup).Write(format.Text, 2);
        run.ChargeChars(text.Length);
        return format.Kind == Kind.Markup ? Value.Markup(text) : Value.Of(text);
    }

    private string Write(string format, int depth)
    {
        if (depth < 0)
        {
            throw Fault.Value("Max string recursion exceeded");
        }

        var text = new StringBuilder(format.Length);
        for (var i = 0; i < format.Length; i++)
        {
            var c = format[i];
            if (c is not ('{' or '}'))
            {
                text.Append(c);
                continue;
            }

            if (i + 1 < format.Length && format[i + 1] == c)
            {
                text.Append(c);
                i++;
                continue;
            }

            if (c == '}')
            {
                throw Fault.Value("Single '}' encountered in format string");
            }

            var end = FieldEnd(format, i + 1);
            _run.Step();
            var part = Field(format[(i + 1)..end], depth);
            _run.ChargeChars(part.Length);
            text.Append(part);
            i = end;
        }

        return text.ToString();
    }

    private static int FieldEnd(string format, int from)
    {
        var depth = 1;
        for (var i = from; i < format.Length; i++)
        {
            depth += format[i] == '{' ? 1 : format[i] == '}' ? -1 : 0;
            if (depth == 0)
            {
                return i;
            }
        }

        throw Fault.Value(from >= format.Length ? "Single '{' encountered in format string" : "expected '}' before end of string");
    }

    private string Field(string field, int depth)
    {
        var nameEnd = 0;
        var inBrackets = false;
        while (nameEnd < field.Length && (inBrackets || field[nameEnd] is not ('!' or ':')))
        {
            inBrackets = field[nameEnd] == '[' || (inBrackets && field[nameEnd] != ']');
            nameEnd++;
        }

        var name = field[..nameEnd];
        var conversion = '\0';
        var at = nameEnd;
        if (at < field.Length && field[at] == '!')
        {
            conversion = at + 1 < field.Length ? field[at + 1] : throw Fault.Value("unmatched '{' in format spec");
            at += 2;
            if (at < field.Length && field[at] != ':')
            {
                throw Fault.Value("expected ':' after conversion specifier");
            }
        }

        var spec = at < field.Length ? field[(at + 1)..] : string.Empty;
        var value = Find(name);
        spec = spec.Contains('{', StringComparison.Ordinal) ? Write(spec, depth - 1) : spec;
        switch (conversion)
        {
            case '\0':
                break;
            case 's':
                value = Value.Of(PyRepr.Text(_run, value));
                break;
            case 'r':
                value = Value.Of(PyRepr.Of(_run, value));
                break;
            case 'a':
                value = Value.Of(PyAscii.Escape(PyRepr.Of(_run, value)));
                break;
            default:
                throw Fault.Value($"Unknown conversion specifier {conversion}");
        }

        if (!_escapes)
        {
            return FormatSpec.Apply(_run, value, spec);
        }

        return value.Kind == Kind.Markup && spec.Length == 0 ? value.Text : Html.Escape(_run, FormatSpec.Apply(_run, value, spec));
    }

    private Value Find(string name)
    {
        var end = name.AsSpan().IndexOfAny('.', '[');
        var first = end < 0 ? name : name[..end];
        var value = First(first);
        var at = end < 0 ? name.Length : end;
        while (at < name.Length)
        {
            if (name[at] == '.')
            {
                var next = name.AsSpan(at + 1).IndexOfAny('.', '[');
                var stop = next < 0 ? name.Length : at + 1 + next;
                value = Attribute(value, name[(at + 1)..stop]);
                at = stop;
            }
            else if (name[at] == '[' && name.IndexOf(']', at) is var close and > 0)
            {
                var key = name[(at + 1)..close];
                value = Item(value, long.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? Value.Of(index) : Value.Of(key));
                at = close + 1;
            }
            else
            {
                throw Fault.Value("Only '.' or '[' may follow ']' in format field specifier");
            }
        }

        return value;
    }

    private Value First(string name)
    {
        if (name.Length == 0)
        {
            if (_automatic < 0)
            {
                throw Fault.Value("cannot switch from manual field specification to automatic field numbering");
            }

            return At(_automatic++);
        }

        if (long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index))
        {
            if (_automatic > 0)
            {
                throw Fault.Value("cannot switch from automatic field numbering to manual field specification");
            }

            _automatic = -1;
            return At(index);
        }

        return _named.TryGet(name, out var value) ? value : throw new Fault(TemplateErrorKind.Type, "KeyError", PyRepr.Quote(_run, name));
    }

    private Value At(long index) => index < _positional.Length ? _positional[index]
        : throw new Fault(TemplateErrorKind.Type, "IndexError", $"Replacement index {index} out of range for positional args tuple");

    private Value Attribute(Value value, string name)
    {
        if (_run.Options.Sandbox != SandboxMode.None)
        {
            return Attributes.Get(_run, value, name, null);
        }

        var found = Attributes.Attribute(_run, value, name);
        return found.IsSet ? found
            : throw new Fault(TemplateErrorKind.Type, "AttributeError", $"'{value.TypeName}' object has no attribute '{name}'");
    }

    private Value Item(Value value, Value key)
    {
        if (_run.Options.Sandbox != SandboxMode.None)
        {
            return Attributes.Item(_run, value, key, null);
        }

        var found = PySequence.Item(_run, value, key);
        return found.IsSet ? found : value.Kind == Kind.Dict ? throw new Fault(TemplateErrorKind.Type, "KeyError", PyRepr.Of(_run, key))
            : value.Kind is Kind.List or Kind.Tuple or Kind.Str && key.IsInteger ? throw new Fault(TemplateErrorKind.Type, "IndexError", $"{value.TypeName} index out of range")
            : throw Fault.Type($"'{value.TypeName}' object is not subscriptable");
    }
}
