using System.Numerics;

namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>Python's <c>/ // % **</c>.</summary>
internal static class Division
{
    public static Value True(Run run, Value a, Value b)
    {
        Arithmetic.Numbers("/", a, b);
        if (a.Kind == Kind.Float || b.Kind == Kind.Float)
        {
            var divisor = Arithmetic.ToDouble(b);
            return divisor == 0 ? throw Fault.ZeroDivision("float division by zero") : Value.Of(Arithmetic.ToDouble(a) / divisor);
        }

        if (b.Big.IsZero)
        {
            throw Fault.ZeroDivision("division by zero");
        }

        const long Exact = 1L << 53;
        return a.Kind != Kind.Big && b.Kind != Kind.Big && Math.Abs(a.Bits / 2) < Exact / 2 && Math.Abs(b.Bits / 2) < Exact / 2
            ? Value.Of((double)a.Bits / b.Bits) : Value.Of(Quotient(a.Big, b.Big));
    }

    public static Value Floor(Run run, Value a, Value b)
    {
        Arithmetic.Numbers("//", a, b);
        if (a.Kind == Kind.Float || b.Kind == Kind.Float)
        {
            var (quotient, _) = FloatDivMod(Arithmetic.ToDouble(a), Arithmetic.ToDouble(b), "float floor division by zero");
            return Value.Of(quotient);
        }

        return DivMod(run, a, b, "integer division or modulo by zero").Quotient;
    }

    public static Value Modulo(Run run, Value a, Value b)
    {
        if (a.IsString)
        {
            return PercentFormat.Apply(run, a, b);
        }

        if (a.Kind == Kind.Int && b.Kind == Kind.Int && b.Bits > 0)
        {
            var rest = a.Bits % b.Bits;
            return Value.Of(rest < 0 ? rest + b.Bits : rest);
        }

        Arithmetic.Numbers("%", a, b);
        if (a.Kind == Kind.Float || b.Kind == Kind.Float)
        {
            return Value.Of(FloatDivMod(Arithmetic.ToDouble(a), Arithmetic.ToDouble(b), "float modulo").Remainder);
        }

        return DivMod(run, a, b, "integer modulo by zero").Remainder;
    }

    public static Value Power(Run run, Value a, Value b)
    {
        Arithmetic.Undefined(a, b);
        if (!a.IsNumber || !b.IsNumber)
        {
            throw Arithmetic.Unsupported("** or pow()", a, b);
        }

        if (a.Kind == Kind.Float || b.Kind == Kind.Float || b.Big.Sign < 0)
        {
            return FloatPower(Arithmetic.ToDouble(a), Arithmetic.ToDouble(b));
        }

        var number = a.Big;
        if (b.Kind == Kind.Big && !number.IsOne && !number.IsZero && number != BigInteger.MinusOne)
        {
            Arithmetic.ChargeBits(run, double.MaxValue);
        }

        if (number.IsOne || number.IsZero || number == BigInteger.MinusOne)
        {
            var isOne = number.IsOne || b.Big.IsZero || (number == BigInteger.MinusOne && b.Big.IsEven);
            return Value.Of(isOne ? 1L : number.IsZero ? 0L : -1L);
        }

        Arithmetic.ChargeBits(run, (double)number.GetBitLength() * b.Bits);
        return Arithmetic.Big(run, BigInteger.Pow(number, (int)b.Bits));
    }

    private static Value FloatPower(double number, double exponent)
    {
        if (number == 0 && exponent < 0)
        {
            throw Fault.ZeroDivision("0.0 cannot be raised to a negative power");
        }

        var power = Math.Pow(number, exponent);
        if (double.IsInfinity(power) && double.IsFinite(number) && double.IsFinite(exponent))
        {
            throw Fault.Overflow("(34, 'Numerical result out of range')");
        }

        return number < 0 && double.IsFinite(number) && double.IsFinite(exponent) && !double.IsInteger(exponent)
            ? throw Fault.Type("complex numbers are not supported") : Value.Of(power);
    }

    private static (Value Quotient, Value Remainder) DivMod(Run run, Value a, Value b, string zero)
    {
        var divisor = b.Big;
        if (divisor.IsZero)
        {
            throw Fault.ZeroDivision(zero);
        }

        if (a.Kind == Kind.Big)
        {
            Arithmetic.ChargeBits(run, a.Big.GetBitLength());
        }

        var quotient = BigInteger.DivRem(a.Big, divisor, out var rest);
        if (!rest.IsZero && rest.Sign != divisor.Sign)
        {
            quotient--;
            rest += divisor;
        }

        return (Value.Of(quotient), Value.Of(rest));
    }

    private static (double Quotient, double Remainder) FloatDivMod(double a, double b, string zero)
    {
        if (b == 0)
        {
            throw Fault.ZeroDivision(zero);
        }

        var rest = a % b;
        var quotient = (a - rest) / b;
        if (rest != 0)
        {
            if ((b < 0) != (rest < 0))
            {
                rest += b;
                quotient -= 1;
            }
        }
        else
        {
            rest = Math.CopySign(0, b);
        }

        if (quotient == 0)
        {
            return (Math.CopySign(0, a / b), rest);
        }

        var floor = Math.Floor(quotient);
        return (quotient - floor > 0.5 ? floor + 1 : floor, rest);
    }

    // The nearest float to an exact ratio: 66 bits of quotient, a sticky bit, one rounding.
    private static double Quotient(BigInteger a, BigInteger b)
    {
        if (a.IsZero)
        {
            return 0;
        }

        var negative = (a.Sign < 0) != (b.Sign < 0);
        a = BigInteger.Abs(a);
        b = BigInteger.Abs(b);
        var shift = (int)(b.GetBitLength() - a.GetBitLength()) + 66;
        var scaled = shift >= 0 ? BigInteger.DivRem(a << shift, b, out var rest) : BigInteger.DivRem(a, b << -shift, out rest);
        if (!rest.IsZero)
        {
            scaled |= 1;
        }

        // Rounds to 53 bits, ties to even, then scales by a power of two.
        var extra = (int)scaled.GetBitLength() - 53;
        var half = BigInteger.One << (extra - 1);
        var low = scaled & ((BigInteger.One << extra) - 1);
        var kept = scaled >> extra;
        if (low > half || (low == half && !kept.IsEven))
        {
            kept++;
        }

        var result = Math.ScaleB((double)kept, extra - shift);
        return double.IsInfinity(result) ? throw Fault.Overflow("integer division result too large for a float")
            : negative ? -result : result;
    }
}
