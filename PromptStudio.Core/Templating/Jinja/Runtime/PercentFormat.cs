using System.Globalization;
using System.Numerics;
using System.Text;

namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>Python's <c>format % values</c>.</summary>
internal sealed class PercentFormat
{
    private readonly Run _run;
    private readonly string _format;
    private readonly bool _escapes;
    private readonly Value _arguments;
    private readonly Value[] _values;
    private readonly StringBuilder _text = new();
    private int _at;
    private int _used;

    private PercentFormat(Run run, Value format, Value arguments)
    {
        _run = run;
        _format = format.Text;
        _escapes = format.Kind == Kind.Markup;
        _arguments = arguments;
        _values = arguments.Kind == Kind.Tuple ? arguments.Tuple.Items : [arguments];
    }

    public static Value Apply(Run run, Value format, Value arguments)
    {
        run.ChargeChars(format.Text.Length);
        var text = new PercentFormat(run, format, arguments).Write();
        return format.Kind == Kind.Markup ? Value.Markup(text) : Value.Of(text);
    }

    // Values with items may be there for keys that the format does not use.
    private static bool HasItems(Value value) => value.Kind is Kind.Dict or Kind.List or Kind.Undefined
        || (value.Kind == Kind.Object && value.Object.HasItems);

    private static Fault NotEnough() => Fault.Type("not enough arguments for format string");

    private string Write()
    {
        while (_at < _format.Length)
        {
            var percent = _format.IndexOf('%', _at);
            if (percent < 0)
            {
                _text.Append(_format, _at, _format.Length - _at);
                break;
            }

            _text.Append(_format, _at, percent - _at);
            _at = percent + 1;
            Directive();
            _run.Step();
        }

        if (_used < _values.Length && _used != int.MaxValue && !HasItems(_arguments))
        {
            throw Fault.Type("not all arguments converted during string formatting");
        }

        return _text.ToString();
    }

    private void Directive()
    {
        Value? keyed = null;
        if (Peek() == '(')
        {
            keyed = Keyed();
        }

        var flags = string.Empty;
        while (Peek() is '-' or '+' or ' ' or '#' or '0')
        {
            flags += flags.Length < 8 ? _format[_at] : string.Empty;
            _at++;
        }

        var width = Number(out var negative);
        flags = negative ? flags + "-" : flags;
        var precision = -1L;
        if (Peek() == '.')
        {
            _at++;
            precision = Math.Max(0, Number(out _) ?? 0);
        }

        while (Peek() is 'h' or 'l' or 'L')
        {
            _at++;
        }

        var type = Peek();
        if (type == '\0')
        {
            throw Fault.Value("incomplete format");
        }

        _at++;
        if (type == '%')
        {
            _text.Append('%');
            return;
        }

        var value = keyed ?? NextValue();
        _run.ChargeChars(width ?? 0);
        _run.ChargeChars(Math.Max(0, precision));
        var part = Convert(type, value, flags, precision);
        _run.ChargeChars(part.Length);
        Pad(part, flags, (int)(width ?? 0), "diouxXeEfFgG".Contains(type, StringComparison.Ordinal));
    }

    private Value Keyed()
    {
        var depth = 1;
        var from = ++_at;
        while (_at < _format.Length && depth > 0)
        {
            depth += _format[_at] == '(' ? 1 : _format[_at] == ')' ? -1 : 0;
            _at++;
        }

        if (depth > 0)
        {
            throw Fault.Value("incomplete format key");
        }

        if (_arguments.Kind != Kind.Dict)
        {
            throw Fault.Type("format requires a mapping");
        }

        _used = int.MaxValue;
        var key = _format[from..(_at - 1)];
        return _arguments.Dict.TryGet(key, out var value) ? value
            : throw new Fault(TemplateErrorKind.Type, "KeyError", PyRepr.Quote(_run, key));
    }

    private long? Number(out bool negative)
    {
        negative = false;
        if (Peek() == '*')
        {
            _at++;
            var value = NextValue();
            if (!value.IsInteger)
            {
                throw Fault.Type("* wants int");
            }

            negative = value.Bits < 0;
            return value.Kind == Kind.Big ? long.MaxValue : Math.Abs(value.Bits);
        }

        long? number = null;
        while (char.IsAsciiDigit(Peek()))
        {
            number = Math.Min(((number ?? 0) * 10) + _format[_at++] - '0', long.MaxValue / 20);
        }

        return number;
    }

    private Value NextValue() => _used < _values.Length ? _values[_used++] : throw NotEnough();

    private char Peek() => _at < _format.Length ? _format[_at] : '\0';

    private string Convert(char type, Value value, string flags, long precision)
    {
        switch (type)
        {
            case 's' or 'r' or 'a':
                var text = type == 's' ? PyRepr.Text(_run, value) : PyRepr.Of(_run, value);
                text = type == 'a' ? PyAscii.Escape(text) : text;
                text = _escapes && !(type == 's' && value.Kind == Kind.Markup) ? Html.Escape(_run, text) : text;
                return precision < 0 ? text : text[..PyText.UnitIndex(text, (int)Math.Min(precision, int.MaxValue))];
            case 'c':
                if (value.IsString && PyText.Length(value.Text) == 1)
                {
                    return value.Text;
                }

                return value.IsInteger ? value.Kind != Kind.Big && value.Bits is >= 0 and <= 0x10FFFF ? PyText.OfCodePoint((int)value.Bits)
                    : throw Fault.Overflow("%c arg not in range(0x110000)") : throw Fault.Type("%c requires int or char");
            case 'd' or 'i' or 'u' or 'o' or 'x' or 'X':
                return Whole(type, value, flags, (int)Math.Max(0, precision));
            case 'e' or 'E' or 'f' or 'F' or 'g' or 'G':
                if (!value.IsNumber)
                {
                    throw value.IsUndefined ? value.Undefined.Fault() : Fault.Type($"must be real number, not {value.TypeName}");
                }

                var number = FormatSpec.Float(char.ToLowerInvariant(type), Arithmetic.ToDouble(value), (int)(precision < 0 ? 6 : precision), flags.Contains('#', StringComparison.Ordinal));
                return Signed(char.IsUpper(type) ? number.ToUpperInvariant() : number, flags);
            default:
                throw Fault.Value($"unsupported format character '{type}'");
        }
    }

    private string Whole(char type, Value value, string flags, int precision)
    {
        if (!value.IsNumber || (value.Kind == Kind.Float && type is 'o' or 'x' or 'X'))
        {
            throw Fault.Type(type is 'o' or 'x' or 'X' ? $"%{type} format: an integer is required, not {value.TypeName}"
                : $"%{type} format: a real number is required, not {value.TypeName}");
        }

        if (value.Kind == Kind.Float && !double.IsFinite(value.Double))
        {
            throw double.IsNaN(value.Double) ? Fault.Value("cannot convert float NaN to integer")
                : Fault.Overflow("cannot convert float infinity to integer");
        }

        var whole = value.Kind == Kind.Float ? new BigInteger(Math.Truncate(value.Double)) : value.Big;
        var digits = FormatSpec.Digits(_run, BigInteger.Abs(whole), type);
        digits = digits.PadLeft(precision, '0');
        if (flags.Contains('#', StringComparison.Ordinal))
        {
            digits = type switch { 'o' => "0o", 'x' => "0x", 'X' => "0X", _ => string.Empty } + digits;
        }

        return Signed(whole.Sign < 0 ? "-" + digits : digits, flags);
    }

    private static string Signed(string number, string flags) => number.StartsWith('-') ? number
        : flags.Contains('+', StringComparison.Ordinal) ? "+" + number : flags.Contains(' ', StringComparison.Ordinal) ? " " + number : number;

    private void Pad(string part, string flags, int width, bool isNumber)
    {
        var missing = width - PyText.Length(part);
        if (missing <= 0)
        {
            _text.Append(part);
        }
        else if (flags.Contains('-', StringComparison.Ordinal))
        {
            _text.Append(part).Append(' ', missing);
        }
        else if (isNumber && flags.Contains('0', StringComparison.Ordinal))
        {
            var sign = part[0] is '-' or '+' or ' ' ? 1 : 0;
            sign += part.Length > sign + 1 && part[sign] == '0' && char.IsAsciiLetter(part[sign + 1]) ? 2 : 0;
            _text.Append(part, 0, sign).Append('0', missing).Append(part, sign, part.Length - sign);
        }
        else
        {
            _text.Append(' ', missing).Append(part);
        }
    }
}

/// <summary>Python's <c>ascii()</c>.</summary>
internal static class PyAscii
{
    public static string Escape(string repr)
    {
        var text = new StringBuilder(repr.Length);
        for (var i = 0; i < repr.Length; i += PyText.UnitsAt(repr, i))
        {
            var codePoint = PyText.CodePointAt(repr, i);
            _ = codePoint switch
            {
                < 128 => text.Append((char)codePoint),
                < 256 => text.Append(CultureInfo.InvariantCulture, $"\\x{codePoint:x2}"),
                < 65536 => text.Append(CultureInfo.InvariantCulture, $"\\u{codePoint:x4}"),
                _ => text.Append(CultureInfo.InvariantCulture, $"\\U{codePoint:x8}"),
            };
        }

        return text.ToString();
    }
}
