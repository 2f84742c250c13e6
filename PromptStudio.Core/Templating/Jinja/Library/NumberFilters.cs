using System.Globalization;
using System.Numerics;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Library;

/// <summary>Filters about numbers, and Python's <c>int()</c> and <c>float()</c>.</summary>
internal static class NumberFilters
{
    public static IEnumerable<Builtin> All { get; } =
    [
        new("abs", "x /", Abs),
        new("float", "value default=", (run, a) => ToFloat(run, a[0]) is { } number ? Value.Of(number) : Arguments.Or(a[1], Value.Of(0.0))),
        new("int", "value default= base=", Int),
        new("round", "value precision= method=", Round),
        new("sum", "iterable attribute= start=", Sum),
    ];

    /// <summary>Python's <c>float(value)</c>; null where that fails.</summary>
    public static double? ToFloat(Run run, Value value)
    {
        if (value.IsUndefined)
        {
            throw value.Undefined.Fault();
        }

        if (value.IsNumber)
        {
            return Arithmetic.ToDouble(value);
        }

        if (!value.IsString)
        {
            return null;
        }

        run.Steps(value.Text.Length / 64);
        return ParseFloat(PyText.AsciiDigits(PyText.Strip(value.Text)));
    }

    /// <summary>The whole part of a float.</summary>
    public static Value Truncated(double number)
    {
        if (!double.IsFinite(number))
        {
            throw double.IsNaN(number) ? Fault.Value("cannot convert float NaN to integer")
                : Fault.Overflow("cannot convert float infinity to integer");
        }

        return Value.Of(new BigInteger(Math.Truncate(number)));
    }

    private static double? ParseFloat(string text)
    {
        var sign = text.Length > 0 && text[0] is '+' or '-' ? 1 : 0;
        var body = text[sign..];
        switch (body.ToLowerInvariant())
        {
            case "inf" or "infinity":
                return text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
            case "nan":
                return double.NaN;
        }

        // Underscores may stand between digits only.
        for (var i = 0; i < body.Length; i++)
        {
            if (body[i] == '_' && (i == 0 || i + 1 == body.Length || !char.IsAsciiDigit(body[i - 1]) || !char.IsAsciiDigit(body[i + 1])))
            {
                return null;
            }
        }

        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        var plain = body.Replace("_", string.Empty, StringComparison.Ordinal);
        return plain.Length > 0 && (char.IsAsciiDigit(plain[0]) || plain[0] == '.')
            && double.TryParse(plain, Style, CultureInfo.InvariantCulture, out var number) ? sign == 1 && text[0] == '-' ? -number : number : null;
    }

    private static BigInteger? ParseInt(Run run, string text, long radix)
    {
        text = PyText.AsciiDigits(PyText.Strip(text));
        var negative = text.StartsWith('-');
        text = text.Length > 0 && text[0] is '+' or '-' ? text[1..] : text;
        var prefix = text.Length > 2 && text[0] == '0' ? char.ToLowerInvariant(text[1]) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 0 } : 0;
        if (prefix != 0 && (radix == prefix || radix == 0))
        {
            radix = prefix;
            text = text[2..];
            text = text.StartsWith('_') ? text[1..] : text;
        }
        else if (radix == 0)
        {
            radix = 10;
            if (text.Length > 1 && text[0] == '0' && text.AsSpan().ContainsAnyExcept('0', '_'))
            {
                return null;
            }
        }

        if (radix is < 2 or > 36)
        {
            throw Fault.Value("int() base must be >= 2 and <= 36, or 0");
        }

        if (text.Length == 0 || text.Length > 4300)
        {
            return null;
        }

        run.Steps(text.Length);
        var value = BigInteger.Zero;
        var afterDigit = false;
        foreach (var c in text)
        {
            var digit = char.IsAsciiDigit(c) ? c - '0' : char.IsAsciiLetter(c) ? char.ToLowerInvariant(c) - 'a' + 10 : c == '_' && afterDigit ? -1 : 99;
            if (digit >= radix)
            {
                return null;
            }

            afterDigit = digit >= 0;
            value = digit < 0 ? value : (value * radix) + digit;
        }

        return !afterDigit ? null : negative ? -value : value;
    }

    private static Value Abs(Run run, ReadOnlySpan<Value> a) => a[0].Kind switch
    {
        Kind.Float => Value.Of(Math.Abs(a[0].Double)),
        Kind.Int or Kind.Bool or Kind.Big => Value.Of(BigInteger.Abs(a[0].Big)),
        _ => throw Fault.Type($"bad operand type for abs(): '{a[0].TypeName}'"),
    };

    private static Value Int(Run run, ReadOnlySpan<Value> a)
    {
        var value = a[0];
        switch (value.Kind)
        {
            case Kind.Int or Kind.Big:
                return value;
            case Kind.Bool:
                return Value.Of(value.Bits);
            case Kind.Float when !double.IsNaN(value.Double):
                return Truncated(value.Double);
            case Kind.Str or Kind.Markup when ParseInt(run, value.Text, Arguments.Int(a[2], 10, "base")) is { } whole:
                return Value.Of(whole);
        }

        var number = ToFloat(run, value);
        return number is { } real && !double.IsNaN(real) ? Truncated(real) : Arguments.Or(a[1], Value.Of(0L));
    }

    private static Value Round(Run run, ReadOnlySpan<Value> a)
    {
        var method = a[2].IsSet ? PyRepr.Text(run, a[2]) : "common";
        if (method is not ("common" or "ceil" or "floor"))
        {
            throw Fault.FilterArgument("method must be common, ceil or floor");
        }

        var precision = Arguments.Or(a[1], Value.Of(0L));
        if (method == "common")
        {
            return Common(run, a[0], precision);
        }

        var scale = Division.Power(run, Value.Of(10L), precision);
        var scaled = Arithmetic.Multiply(run, a[0], scale);
        if (!scaled.IsNumber)
        {
            throw Fault.Type($"must be real number, not {scaled.TypeName}");
        }

        var whole = scaled.Kind != Kind.Float ? scaled
            : Truncated(method == "ceil" ? Math.Ceiling(scaled.Double) : Math.Floor(scaled.Double));
        return Division.True(run, whole, scale);
    }

    private static Value Common(Run run, Value value, Value precision)
    {
        if (!value.IsNumber)
        {
            throw Fault.Type($"type {value.TypeName} doesn't define __round__ method");
        }

        if (value.Kind == Kind.Float)
        {
            return precision.IsNone ? Truncated(PyFloat.Round(value.Double, 0))
                : Value.Of(PyFloat.Round(value.Double, (int)Math.Clamp(Arguments.Int(precision, "precision"), -400, 400)));
        }

        var places = precision.IsNone ? 0 : Arguments.Int(precision, "precision");
        if (places >= 0)
        {
            return Value.Of(value.Big);
        }

        if (places < -4300)
        {
            return Value.Of(0L);
        }

        var unit = BigInteger.Pow(10, (int)-places);
        var quotient = BigInteger.DivRem(BigInteger.Abs(value.Big), unit, out var rest);
        var twice = rest * 2;
        quotient += twice > unit || (twice == unit && !quotient.IsEven) ? 1 : 0;
        return Value.Of(quotient * unit * value.Big.Sign);
    }

    private static Value Sum(Run run, ReadOnlySpan<Value> a)
    {
        var parts = Attributes.Parts(a[1]);
        var sum = Arguments.Or(a[2], Value.Of(0L));
        var iterator = PySequence.Iterate(run, a[0]);
        if (sum.IsString)
        {
            throw Fault.Type("sum() can't sum strings [use ''.join(seq) instead]");
        }

        while (iterator.Next(run, out var item))
        {
            sum = Arithmetic.Add(run, sum, Attributes.Path(run, item, parts, default));
        }

        return sum;
    }
}
