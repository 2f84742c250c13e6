using System.Globalization;
using System.Numerics;
using System.Text;

namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>Python's <c>str()</c> and <c>repr()</c>.</summary>
internal static class PyRepr
{
    private const int MostIntegerDigits = 4300;

    /// <summary>Python's <c>str()</c>.</summary>
    public static string Text(Run run, Value value) => value.Kind switch
    {
        Kind.Str or Kind.Markup => value.Text,
        Kind.Int => value.Bits.ToString(CultureInfo.InvariantCulture),
        Kind.None => "None",
        Kind.Bool => value.Bits != 0 ? "True" : "False",
        Kind.Float => PyFloat.Repr(value.Double),
        Kind.Undefined => value.Undefined.Print(),
        Kind.Object => value.Object.Str(run),
        _ => Of(run, value),
    };

    /// <summary>Writes <c>str()</c> of a value to the output.</summary>
    public static void Write(Run run, in Value value)
    {
        if (value.Ref is JsonTape json)
        {
            json.Write(value.Bits, run.Output);
        }
        else if (value.Ref is string text)
        {
            run.Output.Write(text);
        }
        else if (value.Kind == Kind.Int)
        {
            run.Output.Write(value.Bits);
        }
        else
        {
            run.Output.Write(Text(run, value));
        }
    }

    /// <summary>Python's <c>repr()</c>.</summary>
    public static string Of(Run run, Value value)
    {
        switch (value.Kind)
        {
            case Kind.Str:
                return Quote(run, value.Text);
            case Kind.Markup:
                return $"Markup({Quote(run, value.Text)})";
            case Kind.Big:
                return OfBig(run, value.Big);
            case Kind.Undefined:
                return "Undefined";
            case Kind.Object:
                return value.Object.Repr(run);
            case Kind.List or Kind.Tuple or Kind.Dict:
                var text = new StringBuilder();
                Append(run, text, value);
                run.ChargeChars(text.Length);
                return text.ToString();
            default:
                return Text(run, value);
        }
    }

    public static string OfBig(Run run, BigInteger value)
    {
        if (value.GetBitLength() > MostIntegerDigits * 10L / 3)
        {
            var digits = (long)(value.GetBitLength() * 0.30103) + 1;
            if (digits > MostIntegerDigits)
            {
                throw Fault.Value($"Exceeds the limit ({MostIntegerDigits}) for integer string conversion");
            }
        }

        run.Steps(MostIntegerDigits / 100);
        return value.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>A string in quotes, with escapes.</summary>
    public static string Quote(Run run, string text)
    {
        var quoted = new StringBuilder(text.Length + 2);
        Quote(run, quoted, text);
        return quoted.ToString();
    }

    private static void Append(Run run, StringBuilder text, Value value)
    {
        switch (value.Kind)
        {
            case Kind.List or Kind.Tuple or Kind.Dict:
                break;
            case Kind.Str:
                Quote(run, text, value.Text);
                return;
            default:
                text.Append(Of(run, value));
                return;
        }

        run.GuardStack();
        run.Charge(32);
        var open = value.Object;
        foreach (var outer in run.InRepr)
        {
            if (ReferenceEquals(outer, open))
            {
                text.Append(value.Kind switch { Kind.List => "[...]", Kind.Tuple => "(...)", _ => "{...}" });
                return;
            }
        }

        run.InRepr.Add(open);
        if (open is PyDict dict)
        {
            AppendDict(run, text, dict);
        }
        else
        {
            var isList = value.Kind == Kind.List;
            var count = isList ? value.List.Items.Count : value.Tuple.Items.Length;
            text.Append(isList ? '[' : '(');
            for (var i = 0; i < count; i++)
            {
                run.Step();
                if (i > 0)
                {
                    text.Append(", ");
                }

                Append(run, text, isList ? value.List.Items[i] : value.Tuple.Items[i]);
            }

            text.Append(!isList && count == 1 ? ",)" : isList ? "]" : ")");
        }

        run.InRepr.RemoveAt(run.InRepr.Count - 1);
    }

    private static void AppendDict(Run run, StringBuilder text, PyDict dict)
    {
        text.Append('{');
        var first = true;
        for (var i = 0; i < dict.Places; i++)
        {
            if (dict.PairAt(i, out var key, out var value))
            {
                run.Step();
                if (!first)
                {
                    text.Append(", ");
                }

                first = false;
                Append(run, text, key);
                text.Append(": ");
                Append(run, text, value);
            }
        }

        text.Append('}');
    }

    private static void Quote(Run run, StringBuilder quoted, string text)
    {
        run.ChargeChars(text.Length);
        run.Steps(text.Length / 64);
        var quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        quoted.Append(quote);
        for (var i = 0; i < text.Length;)
        {
            var codePoint = PyText.CodePointAt(text, i);
            i += codePoint > 0xFFFF ? 2 : 1;
            switch (codePoint)
            {
                case '\n':
                    quoted.Append("\\n");
                    break;
                case '\r':
                    quoted.Append("\\r");
                    break;
                case '\t':
                    quoted.Append("\\t");
                    break;
                case '\\':
                    quoted.Append("\\\\");
                    break;
                case >= ' ' and < 127:
                    if (codePoint == quote)
                    {
                        quoted.Append('\\');
                    }

                    quoted.Append((char)codePoint);
                    break;
                default:
                    AppendOther(quoted, codePoint);
                    break;
            }
        }

        quoted.Append(quote);
    }

    private static void AppendOther(StringBuilder quoted, int codePoint)
    {
        if (PyText.IsPrintable(codePoint))
        {
            quoted.Append(PyText.OfCodePoint(codePoint));
        }
        else if (codePoint < 0x100)
        {
            quoted.Append(CultureInfo.InvariantCulture, $"\\x{codePoint:x2}");
        }
        else if (codePoint < 0x10000)
        {
            quoted.Append(CultureInfo.InvariantCulture, $"\\u{codePoint:x4}");
        }
        else
        {
            quoted.Append(CultureInfo.InvariantCulture, $"\\U{codePoint:x8}");
        }
    }
}
