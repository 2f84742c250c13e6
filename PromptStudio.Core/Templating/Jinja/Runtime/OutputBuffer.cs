using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>The characters rendered so far. Macros and set blocks write to its end and cut their part off again.</summary>
internal sealed class OutputBuffer
{
    /// <summary>The bytes behind a text that are read with it.</summary>
    public const int ReadAhead = 16;

    private const int Smallest = 2048;
    private const int Kept = 1 << 16;

    private char[] _chars = new char[Smallest];
    private int _limit;

    // Behind it there is room for one vector more than the text needs.
    private int _end;

    /// <summary>The characters written; what is written is taken back by making it less.</summary>
    public int Length { get; set; }

    /// <summary>Makes it empty, for a render that may write so many characters.</summary>
    public void Clear(int limit)
    {
        Length = 0;
        _limit = limit;
        if (_chars.Length > Kept)
        {
            _chars = new char[Smallest];
        }

        _end = Math.Min(_chars.Length - ReadAhead, limit);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(string text) => Write(text.AsSpan());

    public void Write(ReadOnlySpan<char> text)
    {
        var length = Length;
        if (text.Length > _end - length)
        {
            Grow(text.Length);
        }

        text.CopyTo(_chars.AsSpan(length));
        Length = length + text.Length;
    }

    /// <summary>Writes UTF-8.</summary>
    /// <param name="text">The text, and at least <see cref="ReadAhead"/> bytes that follow it.</param>
    /// <param name="length">Its length in bytes.</param>
    public void WriteUtf8(ReadOnlySpan<byte> text, int length)
    {
        if (length > _end - Length || !TryWriteAscii(text, length))
        {
            WriteAny(text[..length]);
        }
    }

    public void Write(char character)
    {
        if (Length >= _end)
        {
            Grow(1);
        }

        _chars[Length++] = character;
    }

    public void Write(long number)
    {
        if ((ulong)number < 10)
        {
            Write((char)('0' + number));
            return;
        }

        Span<char> digits = stackalloc char[20];
        number.TryFormat(digits, out var written, default, CultureInfo.InvariantCulture);
        Write(digits[..written]);
    }

    /// <summary>The text from a mark on, to be changed in place.</summary>
    public Span<char> From(int mark) => _chars.AsSpan(mark, Length - mark);

    /// <summary>The text from a mark on, which is removed.</summary>
    public string Cut(int mark, Run run)
    {
        run.ChargeChars(Length - mark);
        var text = new string(_chars, mark, Length - mark);
        Length = mark;
        return text;
    }

    public override string ToString() => new(_chars, 0, Length);

    // Most text is ASCII, and most strings fit one vector. False when there is something else: what was written does not count then.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryWriteAscii(ReadOnlySpan<byte> text, int length)
    {
        ref var from = ref MemoryMarshal.GetReference(text[..(length + ReadAhead)]);
        ref var to = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(_chars.AsSpan(Length, length + ReadAhead)));
        for (nuint i = 0; i < (nuint)length; i += ReadAhead)
        {
            var bytes = Vector128.LoadUnsafe(ref from, i);
            if (bytes.ExtractMostSignificantBits() != 0)
            {
                return false;
            }

            var (low, high) = Vector128.Widen(bytes);
            low.StoreUnsafe(ref to, i);
            high.StoreUnsafe(ref to, i + (nuint)Vector128<ushort>.Count);
        }

        Length += length;
        return true;
    }

    private void WriteAny(ReadOnlySpan<byte> text)
    {
        Grow(Encoding.UTF8.GetCharCount(text));
        Length += Encoding.UTF8.GetChars(text, _chars.AsSpan(Length));
    }

    private void Grow(int more)
    {
        var needed = (long)Length + more;
        if (needed > _limit)
        {
            throw Fault.OverLimit(
                nameof(RenderLimits.OutputCharacters), $"the rendered text is longer than its limit of {_limit:N0} characters");
        }

        if (needed > _end)
        {
            Array.Resize(ref _chars, (int)Math.Min(int.MaxValue / 2, Math.Max(needed, _chars.Length * 2L) + ReadAhead));
            _end = Math.Min(_chars.Length - ReadAhead, _limit);
        }
    }
}
