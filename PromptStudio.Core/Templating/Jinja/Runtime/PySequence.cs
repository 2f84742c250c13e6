namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>What Python does with things that can be gone through.</summary>
internal static class PySequence
{
    /// <summary>An iterator; null when the value has none.</summary>
    public static PyIterator? TryIterate(Run run, Value value)
    {
        switch (value.Kind)
        {
            case Kind.List or Kind.Tuple or Kind.Dict or Kind.Object:
                return value.Object.Iterate(run);
            case Kind.Str or Kind.Markup:
                return new TextIterator(value.Text);
            case Kind.Undefined:
                value.Undefined.Use();
                return new ArrayIterator([]);
            default:
                return null;
        }
    }

    public static PyIterator Iterate(Run run, Value value) =>
        TryIterate(run, value) ?? throw Fault.Type($"'{value.TypeName}' object is not iterable");

    /// <summary>Python's <c>list(value)</c>.</summary>
    public static PyList ToList(Run run, Value value)
    {
        switch (value.Kind)
        {
            case Kind.List:
                run.ChargeItems(value.List.Items.Count);
                run.Steps(value.List.Items.Count / 16);
                return new PyList([.. value.List.Items]);
            case Kind.Tuple:
                run.ChargeItems(value.Tuple.Items.Length);
                return new PyList([.. value.Tuple.Items]);
        }

        var iterator = Iterate(run, value);
        var length = value.Kind == Kind.Object ? value.Object.Length(run) : -1;
        if (length > 0)
        {
            // Known to be too much before the first element is made.
            run.ChargeItems(length);
            run.Steps(0);
        }

        var items = new List<Value>();
        while (iterator.Next(run, out var item))
        {
            if (length < 0)
            {
                run.Charge(24);
            }

            items.Add(item);
        }

        return new PyList(items);
    }

    public static Value[] ToArray(Run run, Value value) => value.Kind == Kind.Tuple ? value.Tuple.Items : [.. ToList(run, value).Items];

    /// <summary>Python's <c>len(value)</c>; null when it has none.</summary>
    public static long? TryLength(Run run, Value value)
    {
        switch (value.Kind)
        {
            case Kind.Str or Kind.Markup:
                return PyText.Length(value.Text);
            case Kind.Undefined:
                value.Undefined.Use();
                return 0;
            case Kind.List or Kind.Tuple or Kind.Dict or Kind.Object:
                var length = value.Object.Length(run);
                return length < 0 ? null : length;
            default:
                return null;
        }
    }

    public static long Length(Run run, Value value) =>
        TryLength(run, value) ?? throw Fault.Type($"object of type '{value.TypeName}' has no len()");

    /// <summary>The item at an index or key; unset when there is none, or when the value has no items.</summary>
    public static Value Item(Run run, Value owner, Value key)
    {
        switch (owner.Kind)
        {
            case Kind.Dict:
                if (key.Kind is Kind.List or Kind.Dict)
                {
                    return default;
                }

                return owner.Dict.TryGet(run, key, out var found) ? found : default;
            case Kind.List when key.Kind is Kind.Int or Kind.Bool:
                var items = owner.List.Items;
                return Place(key.Bits, items.Count, out var at) ? items[at] : default;
            case Kind.Tuple when key.Kind is Kind.Int or Kind.Bool:
                var values = owner.Tuple.Items;
                return Place(key.Bits, values.Length, out at) ? values[at] : default;
            case Kind.Str or Kind.Markup when key.Kind is Kind.Int or Kind.Bool:
                var text = owner.Text;
                if (!Place(key.Bits, PyText.Length(text), out at))
                {
                    return default;
                }

                var from = PyText.UnitIndex(text, at);
                var one = text.Substring(from, PyText.UnitsAt(text, from));
                return owner.Kind == Kind.Markup ? Value.Markup(one) : Value.Of(one);
            case Kind.Object when owner.Ref is PyRange range && key.Kind is Kind.Int or Kind.Bool:
                range = (PyRange)owner.Object;
                var index = key.Bits < 0 ? key.Bits + range.Count : key.Bits;
                return index >= 0 && index < range.Count ? Value.Of(range.Start + (index * range.Stride)) : default;
            case Kind.Object:
                return owner.Object.Item(run, key);
            default:
                return default;
        }
    }

    /// <summary>A slice of a list, tuple, string or range.</summary>
    public static Value Slice(Run run, Value owner, Value start, Value stop, Value step)
    {
        if (owner.IsUndefined && owner.Undefined.Mode == UndefinedMode.Chainable)
        {
            return owner;
        }

        if (owner.Kind is not (Kind.List or Kind.Tuple or Kind.Str or Kind.Markup) && owner.Ref is not PyRange)
        {
            throw owner.IsUndefined ? owner.Undefined.Fault()
                : Fault.Type(owner.Kind == Kind.Dict ? "unhashable type: 'slice'" : $"'{owner.TypeName}' object is not subscriptable");
        }

        if (!IsIndex(start) || !IsIndex(stop) || !IsIndex(step))
        {
            throw Fault.Type("slice indices must be integers or None or have an __index__ method");
        }

        if (!step.IsNone && step.Bits == 0 && step.Kind != Kind.Big)
        {
            throw Fault.Value("slice step cannot be zero");
        }

        var length = Length(run, owner);
        if (owner.Ref is PyRange range)
        {
            var (first, last, stride) = Bounds(start, stop, step, length);
            return Value.Of(new PyRange(range.Start + (first * range.Stride), range.Start + (last * range.Stride), range.Stride * stride));
        }

        var (from, count, by) = Span(start, stop, step, length);
        if (owner.IsString)
        {
            var text = SliceText(run, owner.Text, from, count, by);
            return owner.Kind == Kind.Markup ? Value.Markup(text) : Value.Of(text);
        }

        run.ChargeItems(count);
        run.Steps(count / 16);
        if (owner.Kind == Kind.List)
        {
            var source = owner.List.Items;
            if (by == 1)
            {
                return Value.Of(new PyList(source.GetRange((int)from, (int)count)));
            }

            var items = new List<Value>((int)count);
            for (long i = 0; i < count; i++)
            {
                items.Add(source[(int)(from + (i * by))]);
            }

            return Value.Of(new PyList(items));
        }

        var values = new Value[count];
        for (long i = 0; i < count; i++)
        {
            values[i] = owner.Tuple.Items[from + (i * by)];
        }

        return Value.Of(new PyTuple(values));
    }

    /// <summary>The first place, the number of places and the stride of a slice over a length.</summary>
    public static (long From, long Count, long By) Span(Value start, Value stop, Value step, long length)
    {
        var (from, to, by) = Bounds(start, stop, step, length);
        var count = by > 0 ? (to > from ? ((to - from - 1) / by) + 1 : 0) : (from > to ? ((from - to - 1) / -by) + 1 : 0);
        return (count == 0 ? 0 : from, count, by);
    }

    private static (long From, long To, long By) Bounds(Value start, Value stop, Value step, long length)
    {
        var by = step.IsNone ? 1 : Clamp(step, long.MinValue / 4, long.MaxValue / 4);
        var low = by < 0 ? -1 : 0;
        var high = by < 0 ? length - 1 : length;
        var from = start.IsNone ? (by < 0 ? high : low) : Limit(start, length, low, high);
        return (from, stop.IsNone ? (by < 0 ? low : high) : Limit(stop, length, low, high), by);
    }

    /// <summary>An index from a Python index, which counts from the end when it is negative.</summary>
    public static bool Place(long index, int length, out int place)
    {
        index = index < 0 ? index + length : index;
        place = (int)index;
        return index >= 0 && index < length;
    }

    private static bool IsIndex(Value value) => value.IsNone || value.IsInteger;

    private static long Limit(Value index, long length, long low, long high)
    {
        var value = Clamp(index, -length - 1, length + 1);
        return Math.Clamp(value < 0 ? value + length : value, low, high);
    }

    private static long Clamp(Value value, long low, long high) =>
        value.Kind == Kind.Big ? (value.Big.Sign < 0 ? low : high) : Math.Clamp(value.Bits, low, high);

    private static string SliceText(Run run, string text, long from, long count, long by)
    {
        run.ChargeChars(count);
        run.Steps(count / 64);
        if (count == 0)
        {
            return string.Empty;
        }

        if (PyText.IsSimple(text))
        {
            return by == 1 ? text.Substring((int)from, (int)count) : string.Create((int)count, (text, from, by), static (span, state) =>
            {
                for (var i = 0; i < span.Length; i++)
                {
                    span[i] = state.text[(int)(state.from + (i * state.by))];
                }
            });
        }

        run.ChargeItems(text.Length);
        var parts = PyText.Split(text);
        var chosen = new string[count];
        for (long i = 0; i < count; i++)
        {
            chosen[i] = parts[(int)(from + (i * by))];
        }

        return string.Concat(chosen);
    }
}
