namespace PromptStudio.Core.Guardrails.Text;

/// <summary>A text made from another one, where each character knows which part of the original it came from.</summary>
/// <param name="Text">What rules look at.</param>
/// <param name="Starts">For each UTF-16 unit, where its origin begins; null: the text is the original. May be longer than the text.</param>
/// <param name="Ends">For each UTF-16 unit, where its origin ends. May be longer than the text.</param>
public sealed record MappedText(string Text, int[]? Starts, int[]? Ends)
{
    /// <summary>The original itself.</summary>
    public static MappedText Original(string text) => new(text, null, null);

    /// <summary>From a span of this text to the span of the original, so that a hit can be shown where it is.</summary>
    public TextSpan ToOriginal(int start, int end) => Starts is null || Ends is null
        ? new TextSpan(start, end)
        : start >= end ? new TextSpan(At(start), At(start))
        : new TextSpan(Starts[start], Ends[end - 1]);

    private int At(int index) => index < Text.Length ? Starts![index] : Text.Length > 0 ? Ends![Text.Length - 1] : 0;
}

/// <summary>A part of a text, in UTF-16 units: from <paramref name="Start"/> to before <paramref name="End"/>.</summary>
public readonly record struct TextSpan(int Start, int End)
{
    /// <summary>Whether two spans share a character.</summary>
    public bool Overlaps(TextSpan other) => Start < other.End && other.Start < End;
}

/// <summary>Collects a <see cref="MappedText"/>.</summary>
internal sealed class MappedTextBuilder(int capacity)
{
    private char[] _text = new char[Math.Max(capacity, 16)];
    private int[] _starts = new int[Math.Max(capacity, 16)];
    private int[] _ends = new int[Math.Max(capacity, 16)];

    public int Length { get; private set; }

    public char Last => _text[Length - 1];

    public void Append(char character, int start, int end)
    {
        if (Length == _text.Length)
        {
            Array.Resize(ref _text, 2 * Length);
            Array.Resize(ref _starts, 2 * Length);
            Array.Resize(ref _ends, 2 * Length);
        }
        (_text[Length], _starts[Length], _ends[Length]) = (character, start, end);
        Length++;
    }

    public void Append(ReadOnlySpan<char> characters, int start, int end)
    {
        foreach (var character in characters)
            Append(character, start, end);
    }

    /// <summary>Lets the last character's origin reach further: what follows belongs to it.</summary>
    public void Extend(int end) => _ends[Length - 1] = end;

    public MappedText Build() => new(new string(_text, 0, Length), _starts, _ends);
}
