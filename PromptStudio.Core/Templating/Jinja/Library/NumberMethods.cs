using System.Globalization;
using System.Numerics;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Library;

/// <summary>Methods of whole numbers and floats.</summary>
internal static class NumberMethods
{
    public static IEnumerable<Builtin> OfInt { get; } =
    [
        new("as_integer_ratio", "self /", (_, a) => Value.Of(new PyTuple([Value.Of(a[0].Big), Value.Of(1L)]))),
        new("bit_count", "self /", (_, a) => Value.Of(BitCount(BigInteger.Abs(a[0].Big)))),
        new("bit_length", "self /", (_, a) => Value.Of((long)(a[0].Big.IsZero ? 0 : BigInteger.Abs(a[0].Big).GetBitLength()))),
        new("conjugate", "self /", (_, a) => Value.Of(a[0].Big)),
        new("to_bytes", "self length= byteorder= / * signed=", ToBytes),
    ];

    public static IEnumerable<Builtin> OfFloat { get; } =
    [
        new("as_integer_ratio", "self /", Ratio),
        new("conjugate", "self /", (_, a) => a[0]),
        new("hex", "self /", (_, a) => Value.Of(Hex(a[0].Double))),
        new("is_integer", "self /", (_, a) => Value.Of(double.IsInteger(a[0].Double))),
    ];

    private static long BitCount(BigInteger value)
    {
        long count = 0;
        foreach (var one in value.ToByteArray())
        {
            count += BitOperations.PopCount(one);
        }

        return count;
    }

    private static Value ToBytes(Run run, ReadOnlySpan<Value> a)
    {
        var length = a[1].IsSet ? Arguments.Int(a[1], "length") : 1;
        var isLittle = a[2].IsSet && a[2].IsString && a[2].Text == "little";
        var signed = a[3].IsSet && PyCompare.Truth(run, a[3]);
        var value = a[0].Big;
        if (length < 0)
        {
            throw Fault.Value("length argument must be non-negative");
        }

        if (value.Sign < 0 && !signed)
        {
            throw Fault.Overflow("can't convert negative int to unsigned");
        }

        run.Charge(length);
        var bytes = value.ToByteArray(isUnsigned: !signed);
        if (bytes.Length > length && !(value.IsZero && length == 0))
        {
            throw Fault.Overflow("int too big to convert");
        }

        var all = new byte[length];
        Array.Fill(all, value.Sign < 0 ? (byte)255 : (byte)0);
        bytes.AsSpan(0, (int)Math.Min(length, bytes.Length)).CopyTo(all);
        if (!isLittle)
        {
            Array.Reverse(all);
        }

        return Value.Of(new PyBytes(all));
    }

    private static Value Ratio(Run run, ReadOnlySpan<Value> a)
    {
        if (!double.IsFinite(a[0].Double))
        {
            throw double.IsNaN(a[0].Double) ? Fault.Value("cannot convert NaN to integer ratio")
                : Fault.Overflow("cannot convert Infinity to integer ratio");
        }

        var (numerator, denominator) = PyFloat.Ratio(a[0].Double);
        return Value.Of(new PyTuple([Value.Of(numerator), Value.Of(denominator)]));
    }

    private static string Hex(double value)
    {
        if (!double.IsFinite(value))
        {
            return PyFloat.Repr(value);
        }

        var sign = double.IsNegative(value) ? "-" : string.Empty;
        var bits = BitConverter.DoubleToInt64Bits(Math.Abs(value));
        var exponent = (int)(bits >> 52);
        var lead = exponent == 0 ? 0 : 1;
        exponent = value == 0 ? 0 : exponent == 0 ? -1022 : exponent - 1023;
        return value == 0 ? $"{sign}0x0.0p+0" : string.Create(
            CultureInfo.InvariantCulture, $"{sign}0x{lead}.{bits & 0xFFFFFFFFFFFFF:x13}p{(exponent < 0 ? "-" : "+")}{Math.Abs(exponent)}");
    }
}
