using Scriban;
using Scriban.Runtime;

namespace PromptStudio.Core.Templating.Scriban;

/// <summary>The rendered text. Unlike Scriban's own outputs it fails at its limit instead of cutting the text.</summary>
internal sealed class CountingOutput(TemplateContext context) : IScriptOutput
{
    private const int Kept = 1 << 16;

    private char[] _chars = new char[2048];
    private int _length;
    private int _limit;

    /// <summary>The characters written.</summary>
    public int Length => _length;

    public void Open(int limit)
    {
        _limit = limit;
        _length = 0;
    }

    public void Write(string text, int offset, int count)
    {
        var needed = (long)_length + count;
        if (needed > _limit)
        {
            throw ScribanFault.OverLimit(
                context.CurrentSpan, nameof(RenderLimits.OutputCharacters), $"the rendered text is longer than its limit of {_limit:N0} characters");
        }

        if (needed > _chars.Length)
        {
            Array.Resize(ref _chars, (int)Math.Min(Array.MaxLength, Math.Max(needed, _chars.Length * 2L)));
        }

        text.AsSpan(offset, count).CopyTo(_chars.AsSpan(_length));
        _length += count;
    }

    public ValueTask WriteAsync(string text, int offset, int count, CancellationToken cancellationToken)
    {
        Write(text, offset, count);
        return ValueTask.CompletedTask;
    }

    public override string ToString() => new(_chars, 0, _length);

    /// <summary>Forgets the text.</summary>
    public void Close()
    {
        if (_chars.Length > Kept)
        {
            _chars = new char[2048];
        }

        _length = 0;
    }
}
