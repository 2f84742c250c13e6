using System.Globalization;
using System.Numerics;

namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>Floats as Python prints and rounds them: from their exact binary value, ties to even.</summary>
internal static class PyFloat
{
    private static readonly ulong[] PowersOfTen =
    [
        1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000, 10_000_000_000, 100_000_000_000,
        1_000_000_000_000, 10_000_000_000_000, 100_000_000_000_000, 1_000_000_000_000_000,
    ];

    /// <summary>No float has more digits in decimal (2⁻¹⁰⁷⁴ has this many after its point): beyond them there are zeros only, which need no arithmetic.</summary>
    private const int MostDigits = 1_074;

    public static string Repr(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }

        Span<char> buffer = stackalloc char[32];
        value.TryFormat(buffer, out var written, "R", CultureInfo.InvariantCulture);
        var (digits, exponent, negative) = Shortest(buffer[..written]);
        return (negative ? "-" : string.Empty) + (exponent is < -4 or >= 16 ? Scientific(digits, exponent) : Plain(digits, exponent));
    }

    /// <summary>Digits after the point, rounded exactly.</summary>
    public static string Fixed(double value, int precision)
    {
        var exact = Math.Min(precision, MostDigits);
        var scaled = TryScale(Math.Abs(value), exact, out var small) ? small.ToString(CultureInfo.InvariantCulture)
            : Scale(Math.Abs(value), exact).ToString(CultureInfo.InvariantCulture);
        if (precision > exact)
            scaled = scaled.PadRight(scaled.Length + precision - exact, '0');
        if (precision > 0)
        {
            scaled = scaled.PadLeft(precision + 1, '0');
            scaled = string.Concat(scaled.AsSpan(0, scaled.Length - precision), ".", scaled.AsSpan(scaled.Length - precision));
        }

        return double.IsNegative(value) ? "-" + scaled : scaled;
    }

    /// <summary>One digit, the point, <paramref name="precision"/> digits, the exponent.</summary>
    public static string Exponent(double value, int precision, bool keepPoint = false)
    {
        var (digits, exponent) = Significant(Math.Abs(value), Math.Min(precision, MostDigits) + 1);
        digits = digits.PadRight(precision + 1, '0');
        var mantissa = precision > 0 ? $"{digits[0]}.{digits[1..]}" : keepPoint ? digits + "." : digits;
        return (double.IsNegative(value) ? "-" : string.Empty) + mantissa + ExponentPart(exponent);
    }

    /// <summary>Python's <c>g</c>: significant digits, trailing zeros dropped unless <paramref name="keepZeros"/>; <paramref name="room"/> digits are kept free for a fraction.</summary>
    public static string General(double value, int precision, bool keepZeros = false, int room = 0)
    {
        precision = Math.Max(1, precision);
        var (digits, exponent) = Significant(Math.Abs(value), Math.Min(precision, MostDigits));
        digits = digits.PadRight(precision, '0');
        var sign = double.IsNegative(value) ? "-" : string.Empty;
        if (!keepZeros)
        {
            digits = digits.TrimEnd('0');
            digits = digits.Length == 0 ? "0" : digits;
        }

        if (exponent < -4 || exponent >= precision - room)
        {
            return sign + (digits.Length > 1 ? $"{digits[0]}.{digits[1..]}" : keepZeros ? digits + "." : digits) + ExponentPart(exponent);
        }

        if (exponent < 0)
        {
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        }

        if (digits.Length <= exponent + 1)
        {
            return sign + digits.PadRight(exponent + 1, '0') + (keepZeros ? "." : string.Empty);
        }

        return $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    /// <summary>Python's <c>round(value, places)</c>.</summary>
    public static double Round(double value, int places)
    {
        if (!double.IsFinite(value) || places > 323)
        {
            return value;
        }

        if (places < -308)
        {
            return double.IsNegative(value) ? -0.0 : 0.0;
        }

        if (places >= 0)
        {
            return double.Parse(Fixed(value, places), CultureInfo.InvariantCulture);
        }

        var unit = BigInteger.Pow(10, -places);
        var rounded = (double)(RoundedRatio(ExactInteger(Math.Abs(value), out var denominator), denominator * unit) * unit);
        return double.IsNegative(value) ? -rounded : rounded;
    }

    /// <summary>The exact fraction of a float.</summary>
    public static (BigInteger Numerator, BigInteger Denominator) Ratio(double value)
    {
        var numerator = ExactInteger(Math.Abs(value), out var denominator);
        var shared = BigInteger.GreatestCommonDivisor(numerator, denominator);
        return ((value < 0 ? -numerator : numerator) / shared, denominator / shared);
    }

    /// <summary>A whole number as the nearest float; fails when it is too large.</summary>
    public static double OfInteger(BigInteger value)
    {
        var result = (double)value;
        if (double.IsInfinity(result))
        {
            throw Fault.Overflow("int too large to convert to float");
        }

        // The runtime truncates: the value is rounded by reading its digits when they do not fit.
        return value.GetBitLength() <= 53 ? result
            : value.GetBitLength() <= 63 ? (long)value
            : double.Parse(value.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }

    private static BigInteger ExactInteger(double magnitude, out BigInteger denominator)
    {
        var bits = BitConverter.DoubleToInt64Bits(magnitude);
        var exponent = (int)(bits >> 52);
        var mantissa = bits & 0xFFFFFFFFFFFFF;
        if (exponent == 0)
        {
            exponent++;
        }
        else
        {
            mantissa |= 1L << 52;
        }

        exponent -= 1075;
        denominator = exponent < 0 ? BigInteger.One << -exponent : BigInteger.One;
        return exponent > 0 ? (BigInteger)mantissa << exponent : mantissa;
    }

    // The usual case without big numbers: 53 bits times at most 10^15 fit into 128.
    private static bool TryScale(double magnitude, int powerOfTen, out ulong scaled)
    {
        scaled = 0;
        var bits = BitConverter.DoubleToInt64Bits(magnitude);
        var shift = 1075 - (int)(bits >> 52);
        if (powerOfTen is < 0 or > 15 || shift is < 1 or > 126 || magnitude >= 1000)
        {
            return false;
        }

        var product = (UInt128)(ulong)((bits & 0xFFFFFFFFFFFFF) | (1L << 52)) * PowersOfTen[powerOfTen];
        var whole = (ulong)(product >> shift);
        var low = product - ((UInt128)whole << shift);
        var half = UInt128.One << (shift - 1);
        scaled = low > half || (low == half && (whole & 1) == 1) ? whole + 1 : whole;
        return true;
    }

    private static BigInteger Scale(double magnitude, int powerOfTen)
    {
        if (TryScale(magnitude, powerOfTen, out var scaled))
        {
            return scaled;
        }

        var numerator = ExactInteger(magnitude, out var denominator);
        if (powerOfTen >= 0)
        {
            numerator *= BigInteger.Pow(10, powerOfTen);
        }
        else
        {
            denominator *= BigInteger.Pow(10, -powerOfTen);
        }

        return RoundedRatio(numerator, denominator);
    }

    private static BigInteger RoundedRatio(BigInteger numerator, BigInteger denominator)
    {
        var quotient = BigInteger.DivRem(numerator, denominator, out var rest);
        var twice = rest * 2;
        return twice > denominator || (twice == denominator && !quotient.IsEven) ? quotient + 1 : quotient;
    }

    private static (string Digits, int Exponent) Significant(double magnitude, int count)
    {
        if (magnitude == 0)
        {
            return (new string('0', count), 0);
        }

        Span<char> buffer = stackalloc char[32];
        magnitude.TryFormat(buffer, out var written, "R", CultureInfo.InvariantCulture);
        var exponent = Shortest(buffer[..written]).Exponent;
        var digits = Scale(magnitude, count - 1 - exponent).ToString(CultureInfo.InvariantCulture);
        return digits.Length > count ? (digits[..count], exponent + 1) : (digits, exponent);
    }

    // Digits without leading and trailing zeros, and the power of ten of the first one.
    private static (string Digits, int Exponent, bool Negative) Shortest(ReadOnlySpan<char> text)
    {
        var negative = text[0] == '-';
        if (negative)
        {
            text = text[1..];
        }

        var exponent = 0;
        var e = text.IndexOf('E');
        if (e >= 0)
        {
            exponent = int.Parse(text[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            text = text[..e];
        }

        var point = text.IndexOf('.');
        var whole = point < 0 ? text : text[..point];
        var digits = point < 0 ? text.ToString() : string.Concat(whole, text[(point + 1)..]);
        exponent += whole.Length - 1;
        var leading = digits.AsSpan().IndexOfAnyExcept('0');
        if (leading < 0)
        {
            return ("0", 0, negative);
        }

        return (digits[leading..].TrimEnd('0'), exponent - leading, negative);
    }

    private static string Plain(string digits, int exponent)
    {
        if (exponent < 0)
        {
            return $"0.{new string('0', -exponent - 1)}{digits}";
        }

        return digits.Length <= exponent + 1 ? digits.PadRight(exponent + 1, '0') + ".0"
            : $"{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    private static string Scientific(string digits, int exponent) =>
        (digits.Length > 1 ? $"{digits[0]}.{digits[1..]}" : digits) + ExponentPart(exponent);

    private static string ExponentPart(int exponent) =>
        (exponent < 0 ? "e-" : "e+") + Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture);
}
