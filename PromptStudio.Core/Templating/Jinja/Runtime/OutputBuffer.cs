using System.Globalization;
using System.Numerics;
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

    // Where the next character goes: what is written is no further than the end, behind which there is room for a vector.
    private ref ushort End => ref Unsafe.As<char, ushort>(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_chars), Length));

    /// <summary>The characters written.</summary>
    public int Length { get; private set; }

    /// <summary>Where they are the template's own; null: nobody will ask.</summary>
    public Literals? Literals { get; private set; }

    /// <summary>Makes it empty, for a render that may write so many characters.</summary>
    public void Clear(int limit)
    {
        Length = 0;
        Literals = null;
        _limit = limit;
        if (_chars.Length > Kept)
        {
            _chars = new char[Smallest];
        }

        _end = Math.Min(_chars.Length - ReadAhead, limit);
    }

    /// <summary>Notes from here on what is the template's own: it may be a chat.</summary>
    public void NoteLiterals() => Literals ??= new Literals();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(string text)
    {
        Write(text.AsSpan());
        Literals?.Recall(text, Length - text.Length);
    }

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

    /// <summary>Writes a short text a vector at a time: most take one or two.</summary>
    /// <param name="padded">The text and <see cref="ReadAhead"/> characters more.</param>
    /// <param name="length">The characters of the text.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(string padded, int length)
    {
        var start = Length;
        if (length > _end - start)
        {
            Grow(length);
        }

        ref var from = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(padded.AsSpan()));
        ref var to = ref End;
        for (var at = 0; at < length; at += Vector256<ushort>.Count)
        {
            Vector256.LoadUnsafe(ref from, (nuint)at).StoreUnsafe(ref to, (nuint)at);
        }

        Length = start + length;
    }

    /// <summary>Writes a string of JSON that has no escapes: what stands before the first quote. Most are ASCII.</summary>
    /// <param name="text">The string, its quote and at least <see cref="ReadAhead"/> bytes that follow it: they are read unchecked.</param>
    public void WriteJson(ReadOnlySpan<byte> text)
    {
        ref var json = ref MemoryMarshal.GetReference(text);
        for (var done = 0; ; done += ReadAhead)
        {
            var bytes = Vector128.LoadUnsafe(ref json, (nuint)done);
            var quotes = Vector128.Equals(bytes, Vector128.Create((byte)'"')).ExtractMostSignificantBits();
            var end = BitOperations.TrailingZeroCount(quotes | (1u << ReadAhead));
            if (end > _end - Length || (bytes.ExtractMostSignificantBits() & ((1u << end) - 1)) != 0)
            {
                text = text[done..];
                WriteUtf8(text[..text.IndexOf((byte)'"')]);
                return;
            }

            var (low, high) = Vector128.Widen(bytes);
            ref var to = ref End;
            low.StoreUnsafe(ref to);
            high.StoreUnsafe(ref to, (nuint)Vector128<ushort>.Count);
            Length += end;
            if (end < ReadAhead)
            {
                return;
            }
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
    public Span<char> From(int mark)
    {
        Literals?.Forget(mark);
        return _chars.AsSpan(mark, Length - mark);
    }

    /// <summary>Takes back what was written behind a mark.</summary>
    public void Truncate(int mark)
    {
        Literals?.Forget(mark);
        Length = mark;
    }

    /// <summary>The text from a mark on, which is removed.</summary>
    public string Cut(int mark, Run run)
    {
        run.ChargeChars(Length - mark);
        var text = new string(_chars, mark, Length - mark);
        if (Literals is not null && Literals.Move(mark, text) is var parts and > 0)
        {
            // Kept until the render ends.
            run.Charge(64 + (parts * 8L));
        }

        Length = mark;
        return text;
    }

    public override string ToString() => new(_chars, 0, Length);

    private void WriteUtf8(ReadOnlySpan<byte> text)
    {
        // No byte becomes more than one unit.
        if (text.Length > _end - Length)
        {
            Grow(Encoding.UTF8.GetCharCount(text));
        }

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
