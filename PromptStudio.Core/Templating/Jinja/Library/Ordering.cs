using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Library;

/// <summary>Python's stable sort.</summary>
internal static class Ordering
{
    /// <summary>Sorted by a key; equal ones keep their order, reversed or not.</summary>
    public static Value[] Sort(Run run, IReadOnlyList<Value> items, Func<Value, Value> key, bool reverse)
    {
        run.ChargeItems(items.Count * 4L);
        var pairs = new (Value Key, Value Item)[items.Count];
        for (var i = 0; i < pairs.Length; i++)
        {
            run.Step();
            pairs[i] = (key(items[i]), items[i]);
        }

        MergeSort(run, pairs, new (Value, Value)[pairs.Length], 0, pairs.Length, reverse);
        return Array.ConvertAll(pairs, static pair => pair.Item);
    }

    private static void MergeSort(Run run, (Value Key, Value Item)[] pairs, (Value Key, Value Item)[] spare, int from, int to, bool reverse)
    {
        if (to - from < 2)
        {
            return;
        }

        var middle = from + ((to - from) / 2);
        MergeSort(run, pairs, spare, from, middle, reverse);
        MergeSort(run, pairs, spare, middle, to, reverse);
        Array.Copy(pairs, from, spare, from, to - from);
        var left = from;
        var right = middle;
        for (var i = from; i < to; i++)
        {
            run.Step();
            var takeRight = left >= middle || (right < to && (reverse
                ? PyCompare.Less(run, spare[left].Key, spare[right].Key)
                : PyCompare.Less(run, spare[right].Key, spare[left].Key)));
            pairs[i] = takeRight ? spare[right++] : spare[left++];
        }
    }
}
