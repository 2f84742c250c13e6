namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>Python's comparisons, membership and truth.</summary>
internal static class PyCompare
{
    public static bool Truth(Run run, Value value)
    {
        var kind = value.Kind;
        if (kind is Kind.Bool or Kind.Int)
        {
            return value.Bits != 0;
        }

        switch (kind)
        {
            case Kind.Str or Kind.Markup:
                return value.Text.Length > 0;
            case Kind.None:
                return false;
            case Kind.Float:
                return value.Double != 0;
            case Kind.List:
                return value.List.Items.Count > 0;
            case Kind.Tuple:
                return value.Tuple.Items.Length > 0;
            case Kind.Dict:
                return value.Dict.Count > 0;
            case Kind.Undefined:
                value.Undefined.Use();
                return false;
            case Kind.Object:
                return value.Object.Truthy(run);
            default:
                return true;
        }
    }

    public static bool AreEqual(Run run, Value a, Value b)
    {
        if (a.IsUndefined || b.IsUndefined)
        {
            (a.IsUndefined ? a : b).Undefined.Use();
            return a.IsUndefined && b.IsUndefined;
        }

        if (a.IsString)
        {
            return b.IsString && (a.Ref is JsonTape json && b.Ref is string text ? json.IsText(a.Bits, text) : a.Text == b.Text);
        }

        if (a.IsNumber)
        {
            return b.IsNumber && NumbersEqual(a, b);
        }

        if (a.Kind != b.Kind)
        {
            return false;
        }

        switch (a.Kind)
        {
            case Kind.None:
                return true;
            case Kind.List:
                return SequencesEqual(run, a.List.Items, b.List.Items);
            case Kind.Tuple:
                return SequencesEqual(run, a.Tuple.Items, b.Tuple.Items);
            case Kind.Dict:
                return DictsEqual(run, a.Dict, b.Dict);
            default:
                return a.Object.Same(run, b.Object);
        }
    }

    /// <summary>Equality of dict keys and list elements: the same object is always equal to itself.</summary>
    public static bool KeyEquals(Run run, Value a, Value b) => Identical(a, b) || AreEqual(run, a, b);

    /// <summary>Python's <c>is</c>, as far as a template can tell.</summary>
    public static bool Identical(Value a, Value b) => a.Kind == b.Kind && a.Kind switch
    {
        Kind.Str or Kind.Markup => a.Text == b.Text,
        _ => a.Bits == b.Bits && ReferenceEquals(a.Ref, b.Ref),
    };

    /// <summary>Negative, zero or positive; null when a NaN takes part.</summary>
    public static int? Order(Run run, Value a, Value b, string sign)
    {
        if (a.IsUndefined || b.IsUndefined)
        {
            throw (a.IsUndefined ? a : b).Undefined.Fault();
        }

        if (a.Kind == Kind.Int && b.Kind == Kind.Int)
        {
            return a.Bits.CompareTo(b.Bits);
        }

        if (a.IsString && b.IsString)
        {
            return PyText.Compare(a.Text, b.Text);
        }

        if (a.IsNumber && b.IsNumber)
        {
            return CompareNumbers(a, b);
        }

        if (a.Kind == b.Kind && a.Kind is Kind.List or Kind.Tuple)
        {
            run.GuardStack();
            var isList = a.Kind == Kind.List;
            var left = isList ? a.List.Items.Count : a.Tuple.Items.Length;
            var right = b.Kind != a.Kind ? -1 : isList ? b.List.Items.Count : b.Tuple.Items.Length;
            if (right >= 0)
            {
                for (var i = 0; i < left && i < right; i++)
                {
                    var x = isList ? a.List.Items[i] : a.Tuple.Items[i];
                    var y = isList ? b.List.Items[i] : b.Tuple.Items[i];
                    run.Step();
                    if (!KeyEquals(run, x, y))
                    {
                        return Order(run, x, y, sign);
                    }
                }

                return left.CompareTo(right);
            }
        }

        throw Fault.Type($"'{sign}' not supported between instances of '{a.TypeName}' and '{b.TypeName}'");
    }

    public static bool Less(Run run, Value a, Value b) => Order(run, a, b, "<") < 0;

    /// <summary>Python's <c>item in container</c>.</summary>
    public static bool Contains(Run run, Value container, Value item)
    {
        switch (container.Kind)
        {
            case Kind.Str or Kind.Markup:
                if (!item.IsString)
                {
                    throw Fault.Type($"'in <string>' requires string as left operand, not {item.TypeName}");
                }

                run.Steps(container.Text.Length / 256);
                return container.Text.Contains(item.Text, StringComparison.Ordinal);
            case Kind.Dict:
                return container.Dict.TryGet(run, item, out _);
            case Kind.Object when container.Ref is PyRange range && item.Kind is Kind.Int or Kind.Bool && container.Ref is PyRange:
                return ((PyRange)container.Object).Contains(item.Bits);
            case Kind.Object when container.Ref is DictView { Part: DictPart.Keys } view:
                return view.Dict.TryGet(run, item, out _);
        }

        var iterator = PySequence.TryIterate(run, container)
            ?? throw Fault.Type($"argument of type '{container.TypeName}' is not iterable");
        while (iterator.Next(run, out var value))
        {
            if (KeyEquals(run, value, item))
            {
                return true;
            }
        }

        return false;
    }

    private static bool NumbersEqual(Value a, Value b) =>
        a.Kind != Kind.Float && b.Kind != Kind.Float
            ? a.Kind == Kind.Big || b.Kind == Kind.Big ? a.Big == b.Big : a.Bits == b.Bits
            : CompareNumbers(a, b) == 0;

    private static int? CompareNumbers(Value a, Value b)
    {
        if (a.Kind != Kind.Float && b.Kind != Kind.Float)
        {
            return a.Kind == Kind.Big || b.Kind == Kind.Big ? a.Big.CompareTo(b.Big) : a.Bits.CompareTo(b.Bits);
        }

        if (a.Kind == Kind.Float && b.Kind == Kind.Float)
        {
            return double.IsNaN(a.Double) || double.IsNaN(b.Double) ? null : a.Double.CompareTo(b.Double);
        }

        if (b.Kind == Kind.Float)
        {
            return CompareToFloat(a, b.Double);
        }

        return -CompareToFloat(b, a.Double);
    }

    private static int? CompareToFloat(Value whole, double number)
    {
        if (double.IsNaN(number))
        {
            return null;
        }

        if (double.IsInfinity(number))
        {
            return number > 0 ? -1 : 1;
        }

        if (whole.Kind != Kind.Big && Math.Abs(whole.Bits) <= 1L << 53)
        {
            return ((double)whole.Bits).CompareTo(number);
        }

        var floor = Math.Floor(number);
        var order = whole.Big.CompareTo(new System.Numerics.BigInteger(floor));
        return order != 0 ? order : floor < number ? -1 : 0;
    }

    private static bool SequencesEqual(Run run, IReadOnlyList<Value> a, IReadOnlyList<Value> b)
    {
        run.GuardStack();
        if (ReferenceEquals(a, b))
        {
            return true;
        }

        if (a.Count != b.Count)
        {
            return false;
        }

        for (var i = 0; i < a.Count && i < b.Count; i++)
        {
            run.Step();
            if (!KeyEquals(run, a[i], b[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool DictsEqual(Run run, PyDict a, PyDict b)
    {
        run.GuardStack();
        if (ReferenceEquals(a, b))
        {
            return true;
        }

        if (a.Count != b.Count)
        {
            return false;
        }

        for (var i = 0; i < a.Places; i++)
        {
            run.Step();
            if (a.PairAt(i, out var key, out var value) && !(b.TryGet(run, key, out var other) && KeyEquals(run, value, other)))
            {
                return false;
            }
        }

        return true;
    }
}
