using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <content>Finds where the values are, a block of bytes at a time.</content>
internal sealed partial class JsonTape
{
    // Up to a whole number of blocks, of which the last is filled with blanks; what reads ahead finds enough of them.
    private void Copy(ReadOnlySpan<byte> json)
    {
        _run.Charge(json.Length);
        _length = (json.Length + OutputBuffer.ReadAhead + Block - 1) & -Block;
        if (_json.Length < _length)
        {
            _json = GC.AllocateUninitializedArray<byte>(Math.Max(_length, 2 * _json.Length));
        }

        json.CopyTo(_json);
        _json.AsSpan(json.Length, _length - json.Length).Fill((byte)' ');
    }

    // False when there are comments. What is not foreseeable in the text is counted, not branched on, as far as that goes.
    private bool TryScan()
    {
        var count = 0;
        var depth = 0;
        ulong isEscaped = 0;
        ulong isInString = 0;
        ulong isInScalar = 0;
        _hasEscapes = false;
        for (var block = 0; block < _length; block += Block)
        {
            var found = Classes.Of(_json.AsSpan(block, Block));
            var quotes = found.Quotes;
            if ((found.Escapes | isEscaped) != 0)
            {
                _hasEscapes = true;
                quotes &= ~Escaped(found.Escapes, ref isEscaped);
            }

            var inside = Between(quotes) ^ isInString;
            isInString = (ulong)((long)inside >> 63);
            if ((found.Slashes & ~inside) != 0)
            {
                return false;
            }

            var scalars = ~(found.Others | quotes | inside);
            var opening = found.Opening & ~inside;
            var closing = found.Closing & ~inside;
            var left = (quotes & inside) | opening | closing | (scalars & ~((scalars << 1) | isInScalar));
            isInScalar = scalars >> 63;
            Reserve(count, depth, BitOperations.PopCount(left));
            (count, depth) = Mark(block, left, opening, closing, count, depth);
        }

        _count = count;
        return true;
    }

    // Notes the marks of a block; gives the marks and the open objects and arrays so far.
    private (int Count, int Depth) Mark(int block, ulong left, ulong opening, ulong closing, int count, int depth)
    {
        var marks = _marks;
        var open = _open;
        while (left != 0)
        {
            var bit = BitOperations.TrailingZeroCount(left);
            left &= left - 1;
            if (((closing >> bit) & 1) != 0)
            {
                marks[open[--depth]].Behind = count;
                continue;
            }

            open[depth] = count;
            depth += (int)(opening >> bit) & 1;
            marks[count] = new Place(block + bit, count + 1);
            count++;
        }

        return (count, depth);
    }

    // From each opening quote to before the closing one: each bit is the parity of those up to it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Between(ulong quotes)
    {
        if (Pclmulqdq.IsSupported)
        {
            return Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar(quotes), Vector128<ulong>.AllBitsSet, 0).ToScalar();
        }

        for (var shift = 1; shift < Block; shift *= 2)
        {
            quotes ^= quotes << shift;
        }

        return quotes;
    }

    // What stands behind a backslash that is not escaped itself.
    private static ulong Escaped(ulong escapes, ref ulong carried)
    {
        var escaped = carried;
        carried = 0;
        escapes &= ~escaped;
        while (escapes != 0)
        {
            var first = escapes & (0 - escapes);
            carried |= first >> 63;
            escaped |= first << 1;
            escapes &= ~(first | (first << 1));
        }

        return escaped;
    }

    // Charges a block and the marks in it before they are made.
    private void Reserve(int count, int depth, int more)
    {
        _run.Step();
        _run.Charge(Block + (16L * more));
        if (count + more >= _marks.Length)
        {
            Array.Resize(ref _marks, 2 * (_marks.Length + more));
            Array.Resize(ref _made, _marks.Length);
        }

        if (depth + more >= _open.Length)
        {
            Array.Resize(ref _open, 2 * (_open.Length + more));
        }
    }

    // Rare enough to be read twice.
    private void BlankComments()
    {
        var isInString = false;
        for (var i = 0; i < _length; i++)
        {
            switch (_json[i])
            {
                case (byte)'"':
                    isInString = !isInString;
                    break;
                case (byte)'\\':
                    i++;
                    break;
                case (byte)'/' when !isInString:
                    var rest = _json.AsSpan(i, _length - i);
                    var length = rest[1] == '*' ? rest[2..].IndexOf("*/"u8) + 4 : rest.IndexOfAny((byte)'\n', (byte)'\r');
                    rest[..(length < 0 ? rest.Length : length)].Fill((byte)' ');
                    break;
            }
        }
    }

    // Where a value begins, and the mark behind it.
    private record struct Place(int Start, int Behind);

    // The bytes of a block by what they are, a bit for each.
    private readonly ref struct Classes
    {
        public ulong Quotes { get; private init; }

        public ulong Escapes { get; private init; }

        public ulong Slashes { get; private init; }

        public ulong Opening { get; private init; }

        public ulong Closing { get; private init; }

        /// <summary>Brackets and what lies between values.</summary>
        public ulong Others { get; private init; }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Classes Of(ReadOnlySpan<byte> block) => Vector512.IsHardwareAccelerated ? OfWhole(block) : OfHalves(block);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Classes OfWhole(ReadOnlySpan<byte> block)
        {
            var bytes = Vector512.Create(block);
            var curly = bytes | Vector512.Create((byte)0x20);
            var opening = Vector512.Equals(curly, Vector512.Create((byte)'{')).ExtractMostSignificantBits();
            var closing = Vector512.Equals(curly, Vector512.Create((byte)'}')).ExtractMostSignificantBits();
            var between = Vector512.LessThanOrEqual(bytes, Vector512.Create((byte)' '))
                | Vector512.Equals(bytes, Vector512.Create((byte)',')) | Vector512.Equals(bytes, Vector512.Create((byte)':'));
            return new Classes
            {
                Quotes = Vector512.Equals(bytes, Vector512.Create((byte)'"')).ExtractMostSignificantBits(),
                Escapes = Vector512.Equals(bytes, Vector512.Create((byte)'\\')).ExtractMostSignificantBits(),
                Slashes = Vector512.Equals(bytes, Vector512.Create((byte)'/')).ExtractMostSignificantBits(),
                Opening = opening,
                Closing = closing,
                Others = opening | closing | between.ExtractMostSignificantBits(),
            };
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Classes OfHalves(ReadOnlySpan<byte> block)
        {
            var low = Vector256.Create(block);
            var high = Vector256.Create(block[Vector256<byte>.Count..]);

            // One bit tells [ from { and ] from }.
            var curlyLow = low | Vector256.Create((byte)0x20);
            var curlyHigh = high | Vector256.Create((byte)0x20);
            var opening = Bits(Vector256.Equals(curlyLow, Vector256.Create((byte)'{')), Vector256.Equals(curlyHigh, Vector256.Create((byte)'{')));
            var closing = Bits(Vector256.Equals(curlyLow, Vector256.Create((byte)'}')), Vector256.Equals(curlyHigh, Vector256.Create((byte)'}')));
            return new Classes
            {
                Quotes = Bits(Vector256.Equals(low, Vector256.Create((byte)'"')), Vector256.Equals(high, Vector256.Create((byte)'"'))),
                Escapes = Bits(Vector256.Equals(low, Vector256.Create((byte)'\\')), Vector256.Equals(high, Vector256.Create((byte)'\\'))),
                Slashes = Bits(Vector256.Equals(low, Vector256.Create((byte)'/')), Vector256.Equals(high, Vector256.Create((byte)'/'))),
                Opening = opening,
                Closing = closing,
                Others = opening | closing | Bits(IsBetween(low), IsBetween(high)),
            };
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector256<byte> IsBetween(Vector256<byte> bytes) => Vector256.LessThanOrEqual(bytes, Vector256.Create((byte)' '))
            | Vector256.Equals(bytes, Vector256.Create((byte)',')) | Vector256.Equals(bytes, Vector256.Create((byte)':'));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static ulong Bits(Vector256<byte> low, Vector256<byte> high) =>
            low.ExtractMostSignificantBits() | ((ulong)high.ExtractMostSignificantBits() << 32);
    }
}
