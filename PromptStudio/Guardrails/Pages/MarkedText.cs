namespace PromptStudio.Guardrails.Pages;

/// <summary>A place in a text that is set apart.</summary>
/// <param name="Start">In code points.</param>
/// <param name="End">In code points.</param>
/// <param name="Title">What was found there.</param>
/// <param name="Style">How it looks: <c>blocking</c>, <c>draft</c> or nothing.</param>
public sealed record Mark(int Start, int End, string Title, string Style);

/// <summary>A part of a text: one mark or several lie over it, or none.</summary>
public sealed record MarkedPart(string Text, IReadOnlyList<Mark> Marks);

/// <summary>Splits a text at the borders of its marks, which may overlap.</summary>
public static class MarkedText
{
    /// <summary>The parts of a text, in its order. What lies outside of it is left out.</summary>
    public static IReadOnlyList<MarkedPart> Split(string text, IEnumerable<Mark> marks)
    {
        var places = marks.Select(mark => (Mark: mark, Start: Index(text, mark.Start), End: Index(text, mark.End))).Where(place => place.Start < place.End).ToList();
        var borders = places.SelectMany(place => new[] { place.Start, place.End }).Append(0).Append(text.Length).Distinct().Order().ToList();
        var parts = new List<MarkedPart>(borders.Count);
        for (var n = 0; n + 1 < borders.Count; n++)
        {
            var (start, end) = (borders[n], borders[n + 1]);
            parts.Add(new MarkedPart(text[start..end], [.. places.Where(place => place.Start <= start && place.End >= end).Select(place => place.Mark)]));
        }
        return parts;
    }

    /// <summary>A text with so much around its marks as can be read at a glance.</summary>
    /// <param name="text">The text.</param>
    /// <param name="marks">In code points of the text.</param>
    /// <param name="around">UTF-16 units before the first mark and after the last.</param>
    public static (string Text, IReadOnlyList<Mark> Marks) Excerpt(string text, IReadOnlyList<Mark> marks, int around)
    {
        var (first, last) = marks.Count == 0 ? (0, 0) : (Index(text, marks.Min(mark => mark.Start)), Index(text, marks.Max(mark => mark.End)));
        var start = Whole(text, Math.Max(0, first - around));
        var end = Whole(text, Math.Min(text.Length, Math.Min(last, first + (4 * around)) + around));
        if (start == 0 && end == text.Length)
            return (text, marks);
        var (before, lead) = (CodePoints.Before(text, start) ?? 0, start > 0 ? "…" : "");
        return ($"{lead}{text[start..end]}{(end < text.Length ? "…" : "")}",
            [.. marks.Select(mark => mark with { Start = Math.Max(lead.Length, mark.Start - before + lead.Length), End = mark.End - before + lead.Length })]);
    }

    /// <summary>Not between the two halves of a character.</summary>
    private static int Whole(string text, int index) => index > 0 && index < text.Length && char.IsLowSurrogate(text[index]) ? index - 1 : index;

    private static int Index(string text, int points)
    {
        var index = 0;
        for (var n = 0; n < points && index < text.Length; n++)
            index += char.IsHighSurrogate(text[index]) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]) ? 2 : 1;
        return index;
    }
}
