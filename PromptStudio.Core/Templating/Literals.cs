using System.Runtime.InteropServices;

namespace PromptStudio.Core.Templating;

/// <summary>
/// Notes, while a text is being made, where it is the template's own. What a macro, a block or an include made is a string on its way to its place: it is known again
/// there as the very same object, so that nothing that was changed meanwhile, by a filter say, passes for the template's own.
/// </summary>
/// <param name="texts">Of strings on their way, the parts that are the template's own; shared by the outputs of one render.</param>
internal sealed class Literals(Dictionary<string, TextSpan[]> texts)
{
    // Each only ever touches the end of the text, so they are in order.
    private readonly List<TextSpan> _spans = [];

    /// <summary>For the first output of a render.</summary>
    public Literals()
        : this(new(ReferenceEqualityComparer.Instance))
    {
    }

    /// <summary>What a template must have to begin a message: what has none is rendered without notes.</summary>
    public static bool AreWorthwhile(string template) => template.Contains("role:", StringComparison.Ordinal);

    /// <summary>What was written there is the template's own.</summary>
    public void Add(int start, int end)
    {
        if (start == end)
            return;
        if (_spans.Count > 0 && _spans[^1].End == start)
            CollectionsMarshal.AsSpan(_spans)[^1] = new TextSpan(_spans[^1].Start, end);
        else
            _spans.Add(new TextSpan(start, end));
    }

    /// <summary>A string was written there, whole and as it is: of one that was kept, its parts are the template's own.</summary>
    public void Recall(string text, int start)
    {
        if (texts.Count == 0 || !texts.TryGetValue(text, out var spans))
            return;
        foreach (var span in spans)
            Add(start + span.Start, start + span.End);
    }

    /// <summary>The text from a mark on is a value's, or was taken back.</summary>
    public void Forget(int mark)
    {
        var first = FirstBehind(mark);
        _spans.RemoveRange(first, _spans.Count - first);
        if (_spans.Count > 0 && _spans[^1].End > mark)
            CollectionsMarshal.AsSpan(_spans)[^1] = new TextSpan(_spans[^1].Start, mark);
    }

    /// <summary>The text from a mark on became a string that goes elsewhere.</summary>
    /// <returns>How many of its parts are the template's own.</returns>
    public int Move(int mark, string text)
    {
        var first = FirstBehind(mark);
        // The mark may be in the middle of one.
        if (first > 0 && _spans[first - 1].End > mark)
            first--;
        var count = _spans.Count - first;
        if (count > 0)
            texts[text] = [.. _spans.Skip(first).Select(span => new TextSpan(Math.Max(0, span.Start - mark), span.End - mark))];
        Forget(mark);
        return count;
    }

    /// <summary>The spans of the whole text.</summary>
    public TextSpan[] ToArray() => [.. _spans];

    private int FirstBehind(int mark)
    {
        var first = _spans.Count;
        while (first > 0 && _spans[first - 1].Start >= mark)
            first--;
        return first;
    }
}
