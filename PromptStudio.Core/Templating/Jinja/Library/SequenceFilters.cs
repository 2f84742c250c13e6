using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Library;

/// <summary>Filters that arrange the elements of a sequence.</summary>
internal static class SequenceFilters
{
    public static IEnumerable<Builtin> All { get; } =
    [
        new("batch", "value linecount fill_with=", (run, a) => Lazy(Batch(run, a[0], Arguments.Int(a[1], "linecount"), Arguments.Or(a[2], Value.None)))),
        new("slice", "value slices fill_with=", (run, a) => Lazy(Slice(run, a[0], Arguments.Int(a[1], "slices"), Arguments.Or(a[2], Value.None)))),
        new("dictsort", "value case_sensitive= by= reverse=", DictSort),
        new("first", "seq", (run, a) => PySequence.Iterate(run, a[0]).Next(run, out var first) ? first : Nothing(run, "No first item, sequence was empty.")),
        new("last", "seq", Last),
        new("random", "seq", Random),
        new("groupby", "value attribute default= case_sensitive=", GroupBy),
        new("items", "value", (run, a) => Lazy(Items(run, a[0]))),
        new("length", "obj", (run, a) => Value.Of(PySequence.Length(run, a[0]))),
        new("list", "value", (run, a) => Value.Of(PySequence.ToList(run, a[0]))),
        new("reverse", "value", Reverse),
        new("sort", "value reverse= case_sensitive= attribute=", Sort),
        new("unique", "value case_sensitive= attribute=", (run, a) => Lazy(Unique(run, a[0], Key(run, a[1], a[2], default)))),
        new("min", "value case_sensitive= attribute=", (run, a) => Extreme(run, a, true)),
        new("max", "value case_sensitive= attribute=", (run, a) => Extreme(run, a, false)),
    ];

    public static Value Lazy(IEnumerable<Value> values) => Value.Of(new PyGenerator(values.GetEnumerator()));

    public static Value Nothing(Run run, string message) => Value.Of(new Undefined(run.Options.Undefined, message));

    /// <summary>What elements are compared by: an attribute of them, in lower case unless told otherwise.</summary>
    private static Func<Value, Value> Key(Run run, Value caseSensitive, Value attribute, Value otherwise)
    {
        var exact = Arguments.Flag(run, caseSensitive, false);
        var parts = Attributes.Parts(attribute);
        return value =>
        {
            value = Attributes.Path(run, value, parts, otherwise);
            return exact ? value : IgnoreCase(run, value);
        };
    }

    private static Value IgnoreCase(Run run, Value value)
    {
        if (!value.IsString)
        {
            return value;
        }

        run.ChargeChars(value.Text.Length);
        return Value.Of(PyCase.Lower(value.Text));
    }

    private static IEnumerable<Value> Batch(Run run, Value value, long count, Value fill)
    {
        var batch = new List<Value>();
        var iterator = PySequence.Iterate(run, value);
        while (iterator.Next(run, out var item))
        {
            if (batch.Count == count)
            {
                yield return Value.Of(new PyList(batch));
                batch = [];
            }

            run.Charge(32);
            batch.Add(item);
        }

        if (batch.Count == 0)
        {
            yield break;
        }

        if (!fill.IsNone && batch.Count < count)
        {
            run.ChargeItems(count - batch.Count);
            batch.AddRange(Enumerable.Repeat(fill, (int)(count - batch.Count)));
        }

        yield return Value.Of(new PyList(batch));
    }

    private static IEnumerable<Value> Slice(Run run, Value value, long slices, Value fill)
    {
        var items = PySequence.ToList(run, value).Items;
        if (slices == 0)
        {
            throw Fault.ZeroDivision("integer division or modulo by zero");
        }

        var each = Math.DivRem(items.Count, slices, out var extra);
        var from = 0;
        for (long i = 0; i < slices; i++)
        {
            run.Step();
            var size = (int)(each + (i < extra ? 1 : 0));
            run.ChargeItems(size + 2);
            var part = items.GetRange(from, size);
            from += size;
            if (!fill.IsNone && i >= extra)
            {
                part.Add(fill);
            }

            yield return Value.Of(new PyList(part));
        }
    }

    private static Value DictSort(Run run, ReadOnlySpan<Value> a)
    {
        var by = a[2].IsSet ? PyRepr.Text(run, a[2]) : "key";
        if (by is not ("key" or "value"))
        {
            throw Fault.FilterArgument("You can only sort by either \"key\" or \"value\"");
        }

        if (a[0].Kind != Kind.Dict)
        {
            throw a[0].IsUndefined ? a[0].Undefined.Fault()
                : new Fault(TemplateErrorKind.Type, "AttributeError", $"'{a[0].TypeName}' object has no attribute 'items'");
        }

        var at = by == "key" ? 0 : 1;
        var exact = Arguments.Flag(run, a[1], false);
        var pairs = PySequence.ToList(run, Value.Of(new DictView(a[0].Dict, DictPart.Items))).Items;
        var sorted = Ordering.Sort(run, pairs, pair => exact ? pair.Tuple.Items[at] : IgnoreCase(run, pair.Tuple.Items[at]),
            Arguments.Flag(run, a[3], false));
        return Value.Of(new PyList([.. sorted]));
    }

    private static Value Last(Run run, ReadOnlySpan<Value> a)
    {
        var reversed = TryReverse(run, a[0]) ?? throw Fault.Type($"'{a[0].TypeName}' object is not reversible");
        return reversed.Next(run, out var last) ? last : Nothing(run, "No last item, sequence was empty.");
    }

    // Backwards; null for what can only be gone through forwards.
    private static PyIterator? TryReverse(Run run, Value value)
    {
        switch (value.Kind)
        {
            case Kind.List or Kind.Tuple or Kind.Dict or Kind.Str or Kind.Markup or Kind.Undefined:
                break;
            case Kind.Object when value.Ref is PyRange range:
                return new RangeIterator(range.Start + ((range.Count - 1) * range.Stride), -range.Stride, range.Count);
            case Kind.Object when value.Ref is DictView:
                break;
            default:
                return null;
        }

        var items = PySequence.ToList(run, value).Items;
        items.Reverse();
        return new ListIterator(items);
    }

    private static Value Reverse(Run run, ReadOnlySpan<Value> a)
    {
        if (a[0].IsString)
        {
            return PySequence.Slice(run, a[0], Value.None, Value.None, Value.Of(-1L));
        }

        if (TryReverse(run, a[0]) is { } reversed)
        {
            return Value.Of(new PyIteratorObject(reversed, "list_reverseiterator"));
        }

        if (PySequence.TryIterate(run, a[0]) is null)
        {
            throw Fault.FilterArgument("argument must be iterable");
        }

        var items = PySequence.ToList(run, a[0]);
        items.Items.Reverse();
        return Value.Of(items);
    }

    private static Value Random(Run run, ReadOnlySpan<Value> a)
    {
        var length = PySequence.Length(run, a[0]);
        if (length == 0)
        {
            return Nothing(run, "No random item, sequence was empty.");
        }

        if (a[0].Kind == Kind.Object && !a[0].Object.HasItems)
        {
            throw Fault.Type($"'{a[0].TypeName}' object is not subscriptable");
        }

        var at = Value.Of(System.Random.Shared.NextInt64(length));
        var item = PySequence.Item(run, a[0], at);
        return item.IsSet ? item : throw new Fault(TemplateErrorKind.Type, "KeyError", PyRepr.Text(run, at));
    }

    private static Value GroupBy(Run run, ReadOnlySpan<Value> a)
    {
        var key = Key(run, a[3], a[1], a[2]);
        var shown = Attributes.Parts(a[1]);
        var otherwise = a[2];
        var sorted = Ordering.Sort(run, PySequence.ToList(run, a[0]).Items, key, false);
        var groups = new PyList();
        for (var i = 0; i < sorted.Length;)
        {
            var group = key(sorted[i]);
            var members = new PyList();
            var first = sorted[i];
            while (i < sorted.Length && PyCompare.KeyEquals(run, group, key(sorted[i])))
            {
                run.Charge(32);
                members.Items.Add(sorted[i++]);
            }

            run.Charge(128);
            var title = Attributes.Path(run, first, shown, otherwise);
            groups.Items.Add(Value.Of(new PyTuple([title, Value.Of(members)], "grouper list")));
        }

        return Value.Of(groups);
    }

    private static IEnumerable<Value> Items(Run run, Value value)
    {
        if (value.IsUndefined)
        {
            yield break;
        }

        if (value.Kind != Kind.Dict)
        {
            throw Fault.Type("Can only get item pairs from a mapping.");
        }

        var iterator = new DictIterator(value.Dict, DictPart.Items);
        while (iterator.Next(run, out var pair))
        {
            yield return pair;
        }
    }

    private static Value Sort(Run run, ReadOnlySpan<Value> a)
    {
        var exact = Arguments.Flag(run, a[2], false);
        var paths = !a[3].IsSet || a[3].IsNone ? [[]]
            : a[3].IsString ? Array.ConvertAll(a[3].Text.Split(','), path => Attributes.Parts(Value.Of(path))) : new[] { Attributes.Parts(a[3]) };
        Value Key(Value item)
        {
            var keys = new Value[paths.Length];
            for (var i = 0; i < keys.Length; i++)
            {
                var key = Attributes.Path(run, item, paths[i], default);
                keys[i] = exact ? key : IgnoreCase(run, key);
            }

            return Value.Of(new PyTuple(keys));
        }

        var sorted = Ordering.Sort(run, PySequence.ToList(run, a[0]).Items, Key, Arguments.Flag(run, a[1], false));
        return Value.Of(new PyList([.. sorted]));
    }

    private static IEnumerable<Value> Unique(Run run, Value value, Func<Value, Value> key)
    {
        var seen = new PyDict();
        var iterator = PySequence.Iterate(run, value);
        while (iterator.Next(run, out var item))
        {
            var by = key(item);
            if (!seen.TryGet(run, by, out _))
            {
                seen.Set(run, by, Value.None);
                yield return item;
            }
        }
    }

    private static Value Extreme(Run run, ReadOnlySpan<Value> a, bool least)
    {
        var key = Key(run, a[1], a[2], default);
        var iterator = PySequence.Iterate(run, a[0]);
        if (!iterator.Next(run, out var best))
        {
            return Nothing(run, "No aggregated item, sequence was empty.");
        }

        var bestKey = key(best);
        while (iterator.Next(run, out var item))
        {
            var by = key(item);
            if (least ? PyCompare.Order(run, by, bestKey, "<") < 0 : PyCompare.Order(run, by, bestKey, ">") > 0)
            {
                best = item;
                bestKey = by;
            }
        }

        return best;
    }
}
