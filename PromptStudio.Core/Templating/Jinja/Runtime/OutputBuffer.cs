using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>The characters rendered so far. Macros and set blocks write to its end and cut their part off again.</summary>
internal sealed class OutputBuffer : IDisposable
{
    private const int Kept = 1 << 16;

    [ThreadStatic]
    private static OutputBuffer? Spare;

    private char[] _chars = ArrayPool<char>.Shared.Rent(2048);
    private int _limit;

    public int Length { get; private set; }

    public static OutputBuffer Rent(int limit)
    {
        var buffer = Spare ?? new OutputBuffer();
        Spare = null;
        buffer._limit = limit;
        buffer.Length = 0;
        return buffer;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(string text) => Write(text.AsSpan());

    public void Write(ReadOnlySpan<char> text)
    {
        var length = Length;
        if (text.Length > _chars.Length - length || length + text.Length > _limit)
        {
            Grow(text.Length);
        }

        text.CopyTo(_chars.AsSpan(length));
        Length = length + text.Length;
    }

    public void Write(char character) => Write(new ReadOnlySpan<char>(in character));

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

    /// <summary>The text from a mark on, which is removed.</summary>
    public string Cut(int mark, Run run)
    {
        run.ChargeChars(Length - mark);
        var text = new string(_chars, mark, Length - mark);
        Length = mark;
        return text;
    }

    public override string ToString() => new(_chars, 0, Length);

    public void Dispose()
    {
        if (_chars.Length > Kept)
        {
            ArrayPool<char>.Shared.Return(_chars);
            _chars = ArrayPool<char>.Shared.Rent(2048);
        }

        Spare = this;
    }

    private void Grow(int more)
    {
        var needed = (long)Length + more;
        if (needed > _limit)
        {
            throw Fault.OverLimit(
                nameof(RenderLimits.OutputCharacters), $"the rendered text is longer than its limit of {_limit:N0} characters");
        }

        if (needed <= _chars.Length)
        {
            return;
        }

        var larger = ArrayPool<char>.Shared.Rent((int)Math.Min(int.MaxValue / 2, Math.Max(needed, _chars.Length * 2L)));
        _chars.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<char>.Shared.Return(_chars);
        _chars = larger;
    }
}
