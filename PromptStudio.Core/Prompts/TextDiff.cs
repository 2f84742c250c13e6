using DiffPlex;

namespace PromptStudio.Core.Prompts;

/// <summary>What became of a line or a part of it; also how the API writes it.</summary>
public static class DiffKind
{
    public const string Same = "same";
    public const string Removed = "removed";
    public const string Added = "added";
}

/// <summary>A part of a line.</summary>
/// <param name="Kind">One of <see cref="DiffKind"/>.</param>
/// <param name="Text">Its text.</param>
public sealed record DiffPart(string Kind, string Text);

/// <summary>A line of either text, or of both.</summary>
/// <param name="Kind">One of <see cref="DiffKind"/>.</param>
/// <param name="OldLine">Its number in the old text, from 1; null: it is not there.</param>
/// <param name="NewLine">Its number in the new text, from 1; null: it is not there.</param>
/// <param name="Parts">The line's text: one part, or, for a line that was changed, its words as they changed.</param>
public sealed record DiffLine(string Kind, int? OldLine, int? NewLine, IReadOnlyList<DiffPart> Parts);

/// <summary>The lines of two texts side by side, with the words that changed within them. Bounded: what differs too much is shown as replaced.</summary>
/// <param name="Lines">All lines, in order; removed ones before those added in their place.</param>
/// <param name="Exact">False when the texts were too long and different to be compared line by line.</param>
public sealed record TextDiff(IReadOnlyList<DiffLine> Lines, bool Exact)
{
    /// <summary>Lines that differ beyond the common beginning and end; the work grows with their square.</summary>
    private const int MostLines = 3_000;

    /// <summary>Words of one line.</summary>
    private const int MostWords = 300;

    /// <summary>Whether the texts are the same.</summary>
    public bool IsEmpty => Lines.All(line => line.Kind == DiffKind.Same);

    /// <summary>Compares two texts.</summary>
    public static TextDiff Of(string before, string after)
    {
        var old = before.ReplaceLineEndings("\n").Split('\n');
        var now = after.ReplaceLineEndings("\n").Split('\n');
        var head = old.AsSpan().CommonPrefixLength(now);
        var tail = 0;
        while (tail < Math.Min(old.Length, now.Length) - head && old[^(tail + 1)] == now[^(tail + 1)])
            tail++;
        var lines = new List<DiffLine>(Math.Max(old.Length, now.Length));
        Keep(lines, old, 0, 0, head);
        var (removed, added) = (old[head..^tail], now[head..^tail]);
        var exact = removed.Length + added.Length <= MostLines;
        if (exact)
            Compare(lines, removed, added, head);
        else
            Replace(lines, removed, added, head, head);
        Keep(lines, old, old.Length - tail, now.Length - tail, tail);
        return new TextDiff(lines, exact);
    }

    private static void Compare(List<DiffLine> lines, string[] old, string[] now, int offset)
    {
        var (atOld, atNow) = (0, 0);
        foreach (var block in Differ.Instance.CreateDiffs("old", "new", false, false, new Chunks(old, now)).DiffBlocks)
        {
            Keep(lines, old, atOld, atNow, block.DeleteStartA - atOld, offset);
            Replace(lines, old[block.DeleteStartA..(block.DeleteStartA + block.DeleteCountA)], now[block.InsertStartB..(block.InsertStartB + block.InsertCountB)],
                offset + block.DeleteStartA, offset + block.InsertStartB);
            (atOld, atNow) = (block.DeleteStartA + block.DeleteCountA, block.InsertStartB + block.InsertCountB);
        }
        Keep(lines, old, atOld, atNow, old.Length - atOld, offset);
    }

    private static void Keep(List<DiffLine> lines, string[] old, int atOld, int atNow, int count, int offset = 0)
    {
        for (var n = 0; n < count; n++)
            lines.Add(new DiffLine(DiffKind.Same, offset + atOld + n + 1, offset + atNow + n + 1, [new DiffPart(DiffKind.Same, old[atOld + n])]));
    }

    /// <summary>Lines that stand in the place of others are compared one by one, word by word.</summary>
    private static void Replace(List<DiffLine> lines, string[] old, string[] now, int atOld, int atNow)
    {
        var words = new (IReadOnlyList<DiffPart> Old, IReadOnlyList<DiffPart> New)[Math.Min(old.Length, now.Length)];
        for (var n = 0; n < words.Length; n++)
            words[n] = Words(old[n], now[n]);
        for (var n = 0; n < old.Length; n++)
            lines.Add(new DiffLine(DiffKind.Removed, atOld + n + 1, null, n < words.Length ? words[n].Old : [new DiffPart(DiffKind.Removed, old[n])]));
        for (var n = 0; n < now.Length; n++)
            lines.Add(new DiffLine(DiffKind.Added, null, atNow + n + 1, n < words.Length ? words[n].New : [new DiffPart(DiffKind.Added, now[n])]));
    }

    private static (IReadOnlyList<DiffPart> Old, IReadOnlyList<DiffPart> New) Words(string old, string now)
    {
        var (before, after) = (Split(old), Split(now));
        if (before.Length + after.Length > MostWords)
            return ([new DiffPart(DiffKind.Removed, old)], [new DiffPart(DiffKind.Added, now)]);
        var (oldParts, newParts) = (new List<DiffPart>(), new List<DiffPart>());
        var (atOld, atNow) = (0, 0);
        foreach (var block in Differ.Instance.CreateDiffs("old", "new", false, false, new Chunks(before, after)).DiffBlocks)
        {
            Add(oldParts, DiffKind.Same, before[atOld..block.DeleteStartA]);
            Add(newParts, DiffKind.Same, after[atNow..block.InsertStartB]);
            (atOld, atNow) = (block.DeleteStartA + block.DeleteCountA, block.InsertStartB + block.InsertCountB);
            Add(oldParts, DiffKind.Removed, before[block.DeleteStartA..atOld]);
            Add(newParts, DiffKind.Added, after[block.InsertStartB..atNow]);
        }
        Add(oldParts, DiffKind.Same, before[atOld..]);
        Add(newParts, DiffKind.Same, after[atNow..]);
        return (oldParts, newParts);
    }

    private static void Add(List<DiffPart> parts, string kind, string[] words)
    {
        if (words.Length > 0)
            parts.Add(new DiffPart(kind, string.Concat(words)));
    }

    /// <summary>Words, runs of spaces, and every other character alone.</summary>
    private static string[] Split(string line)
    {
        var words = new List<string>();
        for (var start = 0; start < line.Length;)
        {
            var end = start + 1;
            if (char.IsHighSurrogate(line[start]) && end < line.Length)
                end++;
            else if (Class(line[start]) is var kind and not 0)
            {
                while (end < line.Length && Class(line[end]) == kind)
                    end++;
            }
            words.Add(line[start..end]);
            start = end;
        }
        return [.. words];
    }

    private static int Class(char character) => char.IsLetterOrDigit(character) || character == '_' ? 1 : char.IsWhiteSpace(character) ? 2 : 0;

    /// <summary>What DiffPlex compares is split here already.</summary>
    private sealed class Chunks(string[] old, string[] now) : IChunker
    {
        public IReadOnlyList<string> Chunk(string text) => text == "old" ? old : now;
    }
}
