using System.Globalization;
using System.Numerics;
using System.Text;

namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>Python's <c>format(value, spec)</c>.</summary>
internal readonly struct FormatSpec
{
    private FormatSpec(string fill, char align, char sign, bool alternate, bool zero, long width, char grouping, long precision, char type)
    {
        Fill = fill;
        Align = align;
        Sign = sign;
        IsAlternate = alternate;
        IsZero = zero;
        Width = width;
        Grouping = grouping;
        Precision = precision;
        Type = type;
    }

    private string Fill { get; }

    private char Align { get; }

    private char Sign { get; }

    private bool IsAlternate { get; }

    private bool IsZero { get; }

    private long Width { get; }

    private char Grouping { get; }

    private long Precision { get; }

    private char Type { get; }

    public static string Apply(Run run, Value value, string spec)
    {
        if (spec.Length == 0)
        {
            return PyRepr.Text(run, value);
        }

        if (!value.IsNumber && !value.IsString)
        {
            throw value.IsUndefined ? value.Undefined.Fault() : Fault.Type($"unsupported format string passed to {value.TypeName}.__format__");
        }

        var parsed = Parse(spec, value);
        run.ChargeChars(parsed.Width);
        run.ChargeChars(Math.Max(0, parsed.Precision));
        var text = value.IsString ? parsed.Text(value) : parsed.Number(run, value);
        run.ChargeChars(text.Length);
        return text;
    }

    /// <summary>A float by one of <c>e f g</c>, without sign rules.</summary>
    public static string Float(char type, double value, int precision, bool alternate)
    {
        if (!double.IsFinite(value))
        {
            return PyFloat.Repr(value);
        }

        var text = type switch
        {
            'e' => PyFloat.Exponent(value, precision, alternate),
            'g' => PyFloat.General(value, precision, alternate),
            _ => PyFloat.Fixed(value, precision),
        };
        return alternate && type == 'f' && precision == 0 ? text + "." : text;
    }

    public static string Digits(Run run, BigInteger value, char type) => type switch
    {
        'x' => Radix(value, 4),
        'X' => Radix(value, 4).ToUpperInvariant(),
        'o' => Radix(value, 3),
        'b' => Radix(value, 1),
        _ => value < long.MaxValue ? ((long)value).ToString(CultureInfo.InvariantCulture) : PyRepr.OfBig(run, value),
    };

    private static string Radix(BigInteger value, int shift)
    {
        if (value.IsZero)
        {
            return "0";
        }

        var digits = new StringBuilder();
        var bytes = value.ToByteArray(isUnsigned: true);
        var bits = (int)value.GetBitLength();
        for (var low = (bits + shift - 1) / shift * shift; (low -= shift) >= 0;)
        {
            var digit = 0;
            for (var i = shift - 1; i >= 0; i--)
            {
                var bit = low + i;
                digit = (digit << 1) | (bit / 8 < bytes.Length ? (bytes[bit / 8] >> (bit % 8)) & 1 : 0);
            }

            digits.Append("0123456789abcdef"[digit]);
        }

        return digits.ToString();
    }

    private static FormatSpec Parse(string spec, Value value)
    {
        var at = 0;
        var fill = " ";
        var align = '\0';
        var first = PyText.UnitsAt(spec, 0);
        if (spec.Length > first && spec[first] is '<' or '>' or '=' or '^')
        {
            fill = spec[..first];
            align = spec[first];
            at = first + 1;
        }
        else if (spec[0] is '<' or '>' or '=' or '^')
        {
            align = spec[at++];
        }

        char Peek() => at < spec.Length ? spec[at] : '\0';
        var sign = Peek() is '+' or '-' or ' ' ? spec[at++] : '\0';
        at += Peek() == 'z' ? 1 : 0;
        var alternate = Peek() == '#';
        at += alternate ? 1 : 0;
        var zero = Peek() == '0';
        if (zero)
        {
            at++;
            fill = align == '\0' ? "0" : fill;
            align = align == '\0' ? value.IsString ? '<' : '=' : align;
        }

        var width = ReadNumber(spec, ref at) ?? 0;
        var grouping = Peek() is ',' or '_' ? spec[at++] : '\0';
        var precision = -1L;
        if (Peek() == '.')
        {
            at++;
            precision = ReadNumber(spec, ref at) ?? throw Fault.Value("Format specifier missing precision");
        }

        var type = Peek();
        if (at + (type == '\0' ? 0 : 1) < spec.Length)
        {
            throw Fault.Value($"Invalid format specifier '{spec}' for object of type '{value.TypeName}'");
        }

        return new FormatSpec(fill, align, sign, alternate, zero, width, grouping, precision, type);
    }

    private static long? ReadNumber(string spec, ref int at)
    {
        long? number = null;
        while (at < spec.Length && char.IsAsciiDigit(spec[at]))
        {
            number = Math.Min(((number ?? 0) * 10) + spec[at++] - '0', long.MaxValue / 20);
        }

        return number > int.MaxValue ? throw Fault.Value("Too many decimal digits in format string") : number;
    }

    private string Text(Value value)
    {
        if (Type is not ('\0' or 's'))
        {
            throw Fault.Value($"Unknown format code '{Type}' for object of type 'str'");
        }

        if (Sign != '\0' || IsAlternate || Align == '=' || Grouping != '\0')
        {
            throw Fault.Value(Align == '=' ? "'=' alignment not allowed in string format specifier"
                : Sign != '\0' ? "Sign not allowed in string format specifier" : "Cannot specify that with 's'.");
        }

        var text = value.Text;
        return Pad(Precision < 0 ? text : text[..PyText.UnitIndex(text, (int)Precision)], '<', 0);
    }

    private string Number(Run run, Value value)
    {
        string digits;
        bool negative;
        var prefix = string.Empty;
        if (value.Kind == Kind.Float || Type is 'e' or 'E' or 'f' or 'F' or 'g' or 'G' or '%')
        {
            var number = Arithmetic.ToDouble(value);
            negative = double.IsNegative(number) && !double.IsNaN(number);
            digits = FloatDigits(Math.Abs(number));
        }
        else if (Type is '\0' or 'd' or 'n' or 'b' or 'o' or 'x' or 'X')
        {
            if (Precision >= 0)
            {
                throw Fault.Value("Precision not allowed in integer format specifier");
            }

            negative = value.Big.Sign < 0;
            digits = Digits(run, BigInteger.Abs(value.Big), Type);
            prefix = !IsAlternate ? string.Empty : Type switch { 'b' => "0b", 'o' => "0o", 'x' => "0x", 'X' => "0X", _ => string.Empty };
        }
        else if (Type == 'c' && value.Kind is Kind.Int or Kind.Bool && value.Bits is >= 0 and <= 0x10FFFF)
        {
            return Pad(PyText.OfCodePoint((int)value.Bits), '<', 0);
        }
        else
        {
            throw Fault.Value($"Unknown format code '{Type}' for object of type '{value.TypeName}'");
        }

        var sign = negative ? "-" : Sign is '+' or ' ' ? Sign.ToString() : string.Empty;
        digits = Group(digits, sign.Length + prefix.Length);
        return Pad(sign + prefix + digits, '>', sign.Length + prefix.Length);
    }

    private string FloatDigits(double number)
    {
        var precision = (int)(Precision < 0 ? 6 : Precision);
        switch (Type)
        {
            case '\0':
                if (Precision < 0 || !double.IsFinite(number))
                {
                    return PyFloat.Repr(number);
                }

                var general = PyFloat.General(number, precision, IsAlternate, room: 1);
                return general.Contains('.', StringComparison.Ordinal) || general.Contains('e', StringComparison.Ordinal) ? general : general + ".0";
            case '%':
                return Float('f', number * 100, precision, IsAlternate) + "%";
            case 'n':
                return Float('g', number, precision, IsAlternate);
            case 'e' or 'f' or 'g':
                return Float(Type, number, precision, IsAlternate);
            case 'E' or 'F' or 'G':
                return Float(char.ToLowerInvariant(Type), number, precision, IsAlternate).ToUpperInvariant();
            default:
                throw Fault.Value($"Unknown format code '{Type}' for object of type 'float'");
        }
    }

    private string Group(string digits, int before)
    {
        if (Grouping == '\0')
        {
            return digits;
        }

        var whole = digits.AsSpan().IndexOfAnyExceptInRange('0', '9');
        whole = whole < 0 || Type is 'x' or 'X' ? digits.Length : whole;
        var every = Type is 'b' or 'o' or 'x' or 'X' ? 4 : 3;
        var grouped = new StringBuilder();
        for (var i = 0; i < whole; i++)
        {
            if (i > 0 && (whole - i) % every == 0)
            {
                grouped.Append(Grouping);
            }

            grouped.Append(digits[i]);
        }

        // Zeros that fill a width are grouped too.
        if (IsZero && Align == '=')
        {
            for (var count = whole; grouped.Length + digits.Length - whole + before < Width; count++)
            {
                grouped.Insert(0, count % every == 0 ? "0" + Grouping : "0");
            }
        }

        return grouped.Append(digits, whole, digits.Length - whole).ToString();
    }

    private string Pad(string text, char usual, int signLength)
    {
        var missing = (int)Width - PyText.Length(text);
        if (missing <= 0)
        {
            return text;
        }

        var fill = Fill;
        string Fills(int count) => fill.Length == 1 ? new string(fill[0], count) : string.Concat(Enumerable.Repeat(fill, count));
        return (Align == '\0' ? usual : Align) switch
        {
            '<' => text + Fills(missing),
            '^' => Fills(missing / 2) + text + Fills(missing - (missing / 2)),
            '=' => text[..signLength] + Fills(missing) + text[signLength..],
            _ => Fills(missing) + text,
        };
    }
}
