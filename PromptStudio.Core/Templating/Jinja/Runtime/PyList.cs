using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>A list: grows, changes, is seen by every name that holds it.</summary>
internal sealed class PyList : PyObject
{
    private const int MostKept = 256;

    private List<Value> _items;
    private JsonTape? _json;
    private int _at;

    public PyList()
        : this([])
    {
    }

    public PyList(int capacity)
        : this(new List<Value>(capacity))
    {
    }

    public PyList(List<Value> items)
        : base(Kind.List) => _items = items;

    public List<Value> Items
    {
        get
        {
            if (_json is not null)
            {
                Fill(_json);
            }

            return _items;
        }
    }

    public override string TypeName => "list";

    public override bool HasItems => true;

    public override long Length(Run run) => Items.Count;

    public override PyIterator Iterate(Run run) => new ListIterator(Items);

    public override string Repr(Run run) => PyRepr.Of(run, Value.Of(this));

    /// <summary>Makes it an array of the variables.</summary>
    public PyList Open(JsonTape json, int at)
    {
        _json = json;
        _at = at;
        return this;
    }

    /// <summary>Writes its elements with a separator between them; false, with nothing written, when not all are strings.</summary>
    public bool TryJoin(Run run, Value separator)
    {
        if (_json is not null)
        {
            return _json.TryJoin(_at, separator, run.Output);
        }

        run.Steps(_items.Count + 1);
        var items = CollectionsMarshal.AsSpan(_items);
        foreach (ref readonly var item in items)
        {
            if (item.Kind != Kind.Str)
            {
                return false;
            }
        }

        for (var i = 0; i < items.Length; i++)
        {
            if (i > 0 && separator.IsSet)
            {
                PyRepr.Write(run, in separator);
            }

            PyRepr.Write(run, in items[i]);
        }

        return true;
    }

    /// <summary>Makes it empty, for another render.</summary>
    public void Close()
    {
        _json = null;
        if (_items.Capacity > MostKept)
        {
            _items = [];
        }
        else
        {
            _items.Clear();
        }
    }

    private void Fill(JsonTape json)
    {
        _json = null;
        _items.EnsureCapacity(json.Charge(_at, 24));
        json.Fill(_at, _items);
    }
}

/// <summary>Goes through a list as it is at each step: what is appended meanwhile is met too.</summary>
internal sealed class ListIterator(List<Value> items) : PyIterator
{
    private int _next;

    public override bool Next(Run run, out Value value)
    {
        run.Step();
        if (_next < items.Count)
        {
            value = items[_next++];
            return true;
        }

        value = default;
        return false;
    }
}

/// <summary>A tuple: never changes.</summary>
[SuppressMessage("Performance", "CA1812", Justification = "Made where sequences are made.")]
internal sealed class PyTuple(Value[] items, string? names = null) : PyObject(Kind.Tuple)
{
    public static readonly PyTuple Empty = new([]);

    public Value[] Items { get; } = items;

    /// <summary>The attribute names of a named pair, parted by a blank.</summary>
    public string? Names { get; } = names;

    public override string TypeName => "tuple";

    public override bool HasItems => true;

    public override long Length(Run run) => Items.Length;

    public override PyIterator Iterate(Run run) => new ArrayIterator(Items);

    public override string Repr(Run run) => PyRepr.Of(run, Value.Of(this));

    public override Value Attribute(Run run, string name)
    {
        if (Names is null)
        {
            return default;
        }

        var at = Array.IndexOf(Names.Split(' '), name);
        return at < 0 ? default : Items[at];
    }
}

/// <summary>Goes through values that never change.</summary>
internal sealed class ArrayIterator(Value[] items) : PyIterator
{
    private int _next;

    public override bool Next(Run run, out Value value)
    {
        run.Step();
        if (_next < items.Length)
        {
            value = items[_next++];
            return true;
        }

        value = default;
        return false;
    }
}

/// <summary>The characters of a string.</summary>
internal sealed class TextIterator(string text) : PyIterator
{
    private int _next;

    public override bool Next(Run run, out Value value)
    {
        run.Step();
        if (_next >= text.Length)
        {
            value = default;
            return false;
        }

        var length = PyText.UnitsAt(text, _next);
        var one = length == 1 ? PyText.Single(text[_next]) : text.Substring(_next, length);
        _next += length;
        value = Value.Of(one);
        return true;
    }
}

/// <summary>The numbers of a range.</summary>
internal sealed class PyRange(long start, long stop, long step) : PyObject
{
    public long Start => start;

    public long Stop => stop;

    public long Stride => step;

    public override string TypeName => "range";

    public override bool HasItems => true;

    public long Count
    {
        get
        {
            var span = step > 0 ? (Int128)stop - start : (Int128)start - stop;
            if (span <= 0)
            {
                return 0;
            }

            var by = Int128.Abs(step);
            return (long)Int128.Min(long.MaxValue, (span + by - 1) / by);
        }
    }

    public override long Length(Run run) => Count;

    public override PyIterator Iterate(Run run) => new RangeIterator(start, step, Count);

    public override string Repr(Run run) => step == 1 ? $"range({start}, {stop})" : $"range({start}, {stop}, {step})";

    public override Value Attribute(Run run, string name) => name switch
    {
        "start" => Value.Of(start),
        "stop" => Value.Of(stop),
        "step" => Value.Of(step),
        "index" => Value.Of(new NativeFunction(name, IndexOf)),
        "count" => Value.Of(new NativeFunction(name, CountOf)),
        _ => default,
    };

    public override bool Same(Run run, PyObject other) => other is PyRange range && Count == range.Count
        && (Count == 0 || (start == range.Start && (Count == 1 || step == range.Stride)));

    /// <summary>Whether a whole number is in it.</summary>
    public bool Contains(long number) => step > 0
        ? number >= start && number < stop && ((Int128)number - start) % step == 0
        : number <= start && number > stop && ((Int128)start - number) % -(Int128)step == 0;

    private static Value Only(in CallArguments arguments, string method) => arguments.Positional.Length == 1 && arguments.Names.Length == 0
        ? arguments.Positional[0] : throw Fault.Type($"range.{method}() takes exactly one argument");

    private Value IndexOf(Run run, in CallArguments arguments)
    {
        var item = Only(arguments, "index");
        return PyCompare.Contains(run, Value.Of(this), item) ? Value.Of((long)(((Int128)(item.Kind == Kind.Float ? (long)item.Double : item.Bits) - start) / step))
            : throw Fault.Value($"{PyRepr.Of(run, item)} is not in range");
    }

    private Value CountOf(Run run, in CallArguments arguments) =>
        Value.Of(PyCompare.Contains(run, Value.Of(this), Only(arguments, "count")) ? 1L : 0L);
}

internal sealed class RangeIterator(long start, long step, long count) : PyIterator
{
    private long _done;

    public override bool Next(Run run, out Value value)
    {
        run.Step();
        if (_done >= count)
        {
            value = default;
            return false;
        }

        value = Value.Of(start + (step * _done++));
        return true;
    }
}
