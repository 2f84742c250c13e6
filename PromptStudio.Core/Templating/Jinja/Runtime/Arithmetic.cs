using System.Numerics;

namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>Python's <c>+ - *</c> and the signs.</summary>
internal static class Arithmetic
{
    private const long MostBits = 1 << 20;

    public static Value Add(Run run, Value a, Value b)
    {
        if (a.Kind == Kind.Int && b.Kind == Kind.Int)
        {
            var sum = unchecked(a.Bits + b.Bits);
            return ((a.Bits ^ sum) & (b.Bits ^ sum)) < 0 ? Value.Of(a.Big + b.Big) : Value.Of(sum);
        }

        if (a.Kind == Kind.Str && b.Kind == Kind.Str)
        {
            run.ChargeChars((long)a.Text.Length + b.Text.Length);
            return Value.Of(string.Concat(a.Text, b.Text));
        }

        Undefined(a, b);
        if (a.IsNumber && b.IsNumber)
        {
            return a.Kind == Kind.Float || b.Kind == Kind.Float ? Value.Of(ToDouble(a) + ToDouble(b)) : Big(run, a.Big + b.Big);
        }

        if (a.IsString && b.IsString)
        {
            run.ChargeChars((long)a.Text.Length + b.Text.Length);
            return Value.Markup(Html.Escape(run, a) + Html.Escape(run, b));
        }

        if (a.Kind == Kind.List && b.Kind == Kind.List)
        {
            run.ChargeItems((long)a.List.Items.Count + b.List.Items.Count);
            return Value.Of(new PyList([.. a.List.Items, .. b.List.Items]));
        }

        if (a.Kind == Kind.Tuple && b.Kind == Kind.Tuple)
        {
            run.ChargeItems((long)a.Tuple.Items.Length + b.Tuple.Items.Length);
            return Value.Of(new PyTuple([.. a.Tuple.Items, .. b.Tuple.Items]));
        }

        if (a.IsString)
        {
            throw Fault.Type($"can only concatenate str (not \"{b.TypeName}\") to str");
        }

        throw a.Kind is Kind.List or Kind.Tuple
            ? Fault.Type($"can only concatenate {a.TypeName} (not \"{b.TypeName}\") to {a.TypeName}")
            : Unsupported("+", a, b);
    }

    public static Value Subtract(Run run, Value a, Value b)
    {
        if (a.Kind == Kind.Int && b.Kind == Kind.Int)
        {
            var difference = unchecked(a.Bits - b.Bits);
            return ((a.Bits ^ b.Bits) & (a.Bits ^ difference)) < 0 ? Value.Of(a.Big - b.Big) : Value.Of(difference);
        }

        Numbers("-", a, b);
        return a.Kind == Kind.Float || b.Kind == Kind.Float ? Value.Of(ToDouble(a) - ToDouble(b)) : Big(run, a.Big - b.Big);
    }

    public static Value Multiply(Run run, Value a, Value b)
    {
        Undefined(a, b);
        if (a.IsNumber && b.IsNumber)
        {
            if (a.Kind == Kind.Float || b.Kind == Kind.Float)
            {
                return Value.Of(ToDouble(a) * ToDouble(b));
            }

            if (a.Kind != Kind.Big && b.Kind != Kind.Big)
            {
                var high = Math.BigMul(a.Bits, b.Bits, out var low);
                return (high == 0 && low >= 0) || (high == -1 && low < 0) ? Value.Of(low) : Value.Of(a.Big * b.Big);
            }

            ChargeBits(run, a.Big.GetBitLength() + b.Big.GetBitLength());
            return Big(run, a.Big * b.Big);
        }

        var (sequence, count) = b.IsInteger ? (a, b) : (b, a);
        if (!count.IsInteger || sequence.Kind is not (Kind.Str or Kind.Markup or Kind.List or Kind.Tuple))
        {
            throw a.Kind is Kind.Str or Kind.Markup or Kind.List or Kind.Tuple
                ? Fault.Type($"can't multiply sequence by non-int of type '{b.TypeName}'") : Unsupported("*", a, b);
        }

        return Repeat(run, sequence, count);
    }

    public static Value Negate(Run run, Value value)
    {
        Undefined(value, value);
        return value.Kind switch
        {
            Kind.Float => Value.Of(-value.Double),
            Kind.Int when value.Bits != long.MinValue => Value.Of(-value.Bits),
            Kind.Int or Kind.Bool or Kind.Big => Big(run, -value.Big),
            _ => throw Fault.Type($"bad operand type for unary -: '{value.TypeName}'"),
        };
    }

    public static Value Positive(Value value)
    {
        Undefined(value, value);
        return value.Kind switch
        {
            Kind.Float or Kind.Int or Kind.Big => value,
            Kind.Bool => Value.Of(value.Bits),
            _ => throw Fault.Type($"bad operand type for unary +: '{value.TypeName}'"),
        };
    }

    public static double ToDouble(Value value) => value.Kind switch
    {
        Kind.Float => value.Double,
        Kind.Big => PyFloat.OfInteger(value.Big),
        _ => value.Bits,
    };

    public static Value Big(Run run, BigInteger value)
    {
        if (value.GetBitLength() > 63)
        {
            run.Charge(value.GetBitLength() / 8);
        }

        return Value.Of(value);
    }

    /// <summary>Charges a big number before it is computed; refuses one beyond all use.</summary>
    public static void ChargeBits(Run run, double bits)
    {
        if (bits > MostBits)
        {
            throw Fault.OverLimit(nameof(RenderLimits.AllocatedBytes), $"a number has more than {MostBits:N0} bits");
        }

        run.Charge((long)(bits / 8));
        var words = bits / 64;
        run.Steps((long)(words * Math.Sqrt(words) / 16));
    }

    /// <summary>Fails when one of two operands is undefined.</summary>
    public static void Undefined(Value a, Value b)
    {
        if (a.IsUndefined || b.IsUndefined)
        {
            throw (a.IsUndefined ? a : b).Undefined.Fault();
        }
    }

    public static void Numbers(string sign, Value a, Value b)
    {
        Undefined(a, b);
        if (!a.IsNumber || !b.IsNumber)
        {
            throw Unsupported(sign, a, b);
        }
    }

    public static Fault Unsupported(string sign, Value a, Value b) =>
        Fault.Type($"unsupported operand type(s) for {sign}: '{a.TypeName}' and '{b.TypeName}'");

    private static Value Repeat(Run run, Value sequence, Value count)
    {
        if (count.Kind == Kind.Big)
        {
            throw Fault.Overflow("cannot fit 'int' into an index-sized integer");
        }

        var times = Math.Max(0, count.Bits);
        if (sequence.IsString)
        {
            var text = sequence.Text;
            run.ChargeChars(text.Length == 0 ? 0 : times > int.MaxValue ? -1 : text.Length * times);
            var repeated = text.Length == 0 ? string.Empty : Repeat(text, (int)times);
            return sequence.Kind == Kind.Markup ? Value.Markup(repeated) : Value.Of(repeated);
        }

        var items = sequence.Kind == Kind.List ? [.. sequence.List.Items] : sequence.Tuple.Items;
        run.ChargeItems(items.Length == 0 ? 0 : times > int.MaxValue ? -1 : items.Length * times);
        var all = new Value[items.Length == 0 ? 0 : items.Length * times];
        for (var i = 0; i < all.Length; i += items.Length)
        {
            items.CopyTo(all, i);
        }

        return sequence.Kind == Kind.List ? Value.Of(new PyList([.. all])) : Value.Of(new PyTuple(all));
    }

    private static string Repeat(string text, int times) => times == 1 ? text
        : text.Length == 1 ? new string(text[0], times)
        : string.Create(text.Length * times, text, static (span, part) =>
        {
            for (var i = 0; i < span.Length; i += part.Length)
            {
                part.CopyTo(span[i..]);
            }
        });
}
