namespace PromptStudio.Core.Templating;

/// <summary>Finds the known name that an unknown one was probably meant to be.</summary>
internal static class Spelling
{
    private const int LongestName = 40;

    /// <summary>The nearest name within a third of the length in edits; null when none is that near.</summary>
    public static string? Nearest(string name, IEnumerable<string> known)
    {
        if (name.Length is < 2 or > LongestName)
        {
            return null;
        }

        string? best = null;
        var allowed = Math.Max(1, name.Length / 3) + 1;
        foreach (var candidate in known)
        {
            if (candidate.Length <= LongestName && Math.Abs(candidate.Length - name.Length) < allowed)
            {
                var distance = Distance(name, candidate);
                if (distance < allowed && distance < candidate.Length)
                {
                    allowed = distance;
                    best = candidate;
                }
            }
        }

        return best;
    }

    // Edit distance in which a swap of neighbours is one edit.
    private static int Distance(string a, string b)
    {
        Span<int> before = stackalloc int[LongestName + 1];
        Span<int> previous = stackalloc int[LongestName + 1];
        Span<int> current = stackalloc int[LongestName + 1];
        for (var j = 0; j <= b.Length; j++)
        {
            previous[j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1;
                var value = Math.Min(Math.Min(previous[j] + 1, current[j - 1] + 1), previous[j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    value = Math.Min(value, before[j - 2] + 1);
                }

                current[j] = value;
            }

            var oldest = before;
            before = previous;
            previous = current;
            current = oldest;
        }

        return previous[b.Length];
    }
}
