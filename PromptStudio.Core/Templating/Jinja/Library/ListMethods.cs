using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Library;

/// <summary>Methods of lists and tuples.</summary>
internal static class ListMethods
{
    public static IEnumerable<Builtin> Shared { get; } =
    [
        new("count", "self value /", Count),
        new("index", "self value start= stop= /", Index),
    ];

    public static IEnumerable<Builtin> All { get; } =
    [
        .. Shared,
        new("append", "self value /", Append),
        new("clear", "self /", (_, a) =>
        {
            a[0].List.Items.Clear();
            return Value.None;
        }),
        new("copy", "self /", (run, a) => Value.Of(PySequence.ToList(run, a[0]))),
        new("extend", "self values /", Extend),
        new("insert", "self index value /", Insert),
        new("pop", "self index= /", Pop),
        new("remove", "self value /", Remove),
        new("reverse", "self /", (run, a) =>
        {
            run.Steps(a[0].List.Items.Count / 16);
            a[0].List.Items.Reverse();
            return Value.None;
        }),
        new("sort", "self / * key= reverse=", Sort),
    ];

    private static IReadOnlyList<Value> Items(Value value) => value.Kind == Kind.List ? value.List.Items : value.Tuple.Items;

    private static Value Append(Run run, ReadOnlySpan<Value> a)
    {
        run.Charge(24);
        a[0].List.Items.Add(a[1]);
        return Value.None;
    }

    private static Value Count(Run run, ReadOnlySpan<Value> a)
    {
        long count = 0;
        foreach (var item in Items(a[0]))
        {
            run.Step();
            count += PyCompare.KeyEquals(run, item, a[1]) ? 1 : 0;
        }

        return Value.Of(count);
    }

    private static Value Index(Run run, ReadOnlySpan<Value> a)
    {
        var items = Items(a[0]);
        var (from, count, _) = PySequence.Span(Arguments.Or(a[2], Value.None), Arguments.Or(a[3], Value.None), Value.None, items.Count);
        for (var i = from; i < from + count && i < items.Count; i++)
        {
            run.Step();
            if (PyCompare.KeyEquals(run, items[(int)i], a[1]))
            {
                return Value.Of(i);
            }
        }

        throw Fault.Value($"{PyRepr.Of(run, a[1])} is not in {a[0].TypeName}");
    }

    private static Value Extend(Run run, ReadOnlySpan<Value> a)
    {
        a[0].List.Items.AddRange(PySequence.ToList(run, a[1]).Items);
        return Value.None;
    }

    private static Value Insert(Run run, ReadOnlySpan<Value> a)
    {
        var items = a[0].List.Items;
        var at = Arguments.Int(a[1], "index");
        run.Charge(24);
        run.Steps(items.Count / 64);
        items.Insert((int)Math.Clamp(at < 0 ? at + items.Count : at, 0, items.Count), a[2]);
        return Value.None;
    }

    private static Value Pop(Run run, ReadOnlySpan<Value> a)
    {
        var items = a[0].List.Items;
        if (items.Count == 0)
        {
            throw Index("pop from empty list");
        }

        if (!PySequence.Place(a[1].IsSet ? Arguments.Int(a[1], "index") : -1, items.Count, out var at))
        {
            throw Index("pop index out of range");
        }

        run.Steps((items.Count - at) / 64);
        var value = items[at];
        items.RemoveAt(at);
        return value;
    }

    private static Value Remove(Run run, ReadOnlySpan<Value> a)
    {
        var items = a[0].List.Items;
        for (var i = 0; i < items.Count; i++)
        {
            run.Step();
            if (PyCompare.KeyEquals(run, items[i], a[1]))
            {
                items.RemoveAt(i);
                return Value.None;
            }
        }

        throw Fault.Value("list.remove(x): x not in list");
    }

    private static Value Sort(Run run, ReadOnlySpan<Value> a)
    {
        var items = a[0].List.Items;
        var key = a[1];
        var sorted = Ordering.Sort(run, items, item => key.IsSet && !key.IsNone ? Arguments.Call(run, key, item) : item,
            a[2].IsSet && PyCompare.Truth(run, a[2]));
        items.Clear();
        items.AddRange(sorted);
        return Value.None;
    }

    private static Fault Index(string message) => new(TemplateErrorKind.Type, "IndexError", message);
}
