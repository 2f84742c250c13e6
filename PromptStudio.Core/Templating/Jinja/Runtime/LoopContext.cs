using PromptStudio.Core.Templating.Jinja.Nodes;

namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>What <c>loop</c> has: its attributes, by their names.</summary>
internal enum LoopPart : byte
{
    None,
    Index,
    Index0,
    First,
    Last,
    Length,
    Revindex,
    Revindex0,
    Depth,
    Depth0,
    Previtem,
    Nextitem,
    Cycle,
    Changed,
}

/// <summary><c>loop</c>: where a loop stands.</summary>
internal sealed class LoopContext : PyObject
{
    private Value _source;
    private int _depth;
    private ForStmt.Recursion? _recursion;
    private PyList? _list;
    private PyIterator? _iterator;
    private int _next;
    private long _index0;
    private long _length;
    private bool _hasAhead;
    private bool _atEnd;
    private Value _ahead;
    private Value _previous;
    private Value _current;
    private Value[]? _lastChanged;

    /// <summary>Begins a loop.</summary>
    /// <param name="iterator">The elements; null for those of the source, a list.</param>
    /// <param name="source">What has the elements, when it has their number too.</param>
    /// <param name="depth">The loops of a recursion around this one.</param>
    /// <param name="recursion">What calling it does.</param>
    public LoopContext Open(PyIterator? iterator, Value source, int depth, ForStmt.Recursion? recursion)
    {
        _iterator = iterator;
        _list = iterator is null ? source.List : null;
        _source = source;
        _depth = depth;
        _recursion = recursion;
        _index0 = -1;
        _length = -1;
        return this;
    }

    /// <summary>Forgets the loop.</summary>
    public void Close()
    {
        _source = default;
        _recursion = null;
        _list = null;
        _iterator = null;
        _next = 0;
        _hasAhead = false;
        _atEnd = false;
        _ahead = default;
        _previous = default;
        _current = default;
        _lastChanged = null;
    }

    public override string TypeName => "LoopContext";

    public override bool IsCallable => true;

    /// <summary>Goes to the next element.</summary>
    public bool Next(Run run, out Value value)
    {
        if (_hasAhead)
        {
            value = _ahead;
            _hasAhead = false;
        }
        else if (!TryTake(run, out value))
        {
            _atEnd = true;
            return false;
        }

        _index0++;
        _previous = _current;
        _current = value;
        return true;
    }

    public override long Length(Run run)
    {
        if (_length >= 0)
        {
            return _length;
        }

        if (_source.IsSet && PySequence.TryLength(run, _source) is { } known)
        {
            return _length = known;
        }

        // What has no length is read to its end.
        var rest = new List<Value>();
        while (TryTake(run, out var value))
        {
            run.Charge(24);
            rest.Add(value);
        }

        _list = null;
        _iterator = new ListIterator(rest);
        return _length = rest.Count + _index0 + 1 + (_hasAhead ? 1 : 0);
    }

    /// <summary>The attribute of a name.</summary>
    public static LoopPart PartOf(string name) => name switch
    {
        "index" => LoopPart.Index,
        "index0" => LoopPart.Index0,
        "first" => LoopPart.First,
        "last" => LoopPart.Last,
        "length" => LoopPart.Length,
        "revindex" => LoopPart.Revindex,
        "revindex0" => LoopPart.Revindex0,
        "depth" => LoopPart.Depth,
        "depth0" => LoopPart.Depth0,
        "previtem" => LoopPart.Previtem,
        "nextitem" => LoopPart.Nextitem,
        "cycle" => LoopPart.Cycle,
        "changed" => LoopPart.Changed,
        _ => LoopPart.None,
    };

    // Whoever else goes through a loop takes its elements away.
    public override PyIterator Iterate(Run run) => new Rest(this);

    public override Value Attribute(Run run, string name) => Attribute(run, PartOf(name));

    public Value Attribute(Run run, LoopPart part) => part switch
    {
        LoopPart.Index => Value.Of(_index0 + 1),
        LoopPart.Index0 => Value.Of(_index0),
        LoopPart.First => Value.Of(_index0 == 0),
        LoopPart.Last => Value.Of(!Peek(run)),
        LoopPart.Length => Value.Of(Length(run)),
        LoopPart.Revindex => Value.Of(Length(run) - _index0),
        LoopPart.Revindex0 => Value.Of(Length(run) - _index0 - 1),
        LoopPart.Depth => Value.Of((long)_depth + 1),
        LoopPart.Depth0 => Value.Of((long)_depth),
        LoopPart.Previtem => _index0 == 0 ? NoItem(run, "previous") : _previous,
        LoopPart.Nextitem => Peek(run) ? _ahead : NoItem(run, "next"),
        LoopPart.Cycle => Value.Of(new NativeFunction("cycle", Cycle)),
        LoopPart.Changed => Value.Of(new NativeFunction("changed", Changed)),
        _ => default,
    };

    public override string Repr(Run run) => $"<LoopContext {_index0 + 1}/{Length(run)}>";

    public override Value Call(Run run, in CallArguments arguments)
    {
        if (_recursion is null)
        {
            throw Fault.Type("The loop must have the 'recursive' marker to be called recursively.");
        }

        if (arguments.Positional.Length + arguments.Named.Length != 1)
        {
            throw Fault.Type("loop takes one argument");
        }

        var source = arguments.Positional.Length > 0 ? arguments.Positional[0] : arguments.Named[0];
        return _recursion.Statement.Recurse(_recursion.Outer, source, _depth + 1, _recursion);
    }

    // The elements left, each with the loop, as Python has them.
    private sealed class Rest(LoopContext loop) : PyIterator
    {
        public override bool Next(Run run, out Value value)
        {
            run.Charge(80);
            var isThere = loop.Next(run, out value);
            value = isThere ? Value.Of(new PyTuple([value, Value.Of(loop)])) : default;
            return isThere;
        }
    }

    private static Value NoItem(Run run, string which) =>
        Value.Of(new Undefined(run.Options.Undefined, $"there is no {which} item"));

    // A list is gone through as it is at each step: what is appended meanwhile is met too.
    private bool TryTake(Run run, out Value value)
    {
        if (_list is null)
        {
            return _iterator!.Next(run, out value);
        }

        run.Step();
        var items = _list.Items;
        var isThere = _next < items.Count;
        value = isThere ? items[_next++] : default;
        return isThere;
    }

    private bool Peek(Run run)
    {
        if (!_hasAhead && !_atEnd)
        {
            _hasAhead = TryTake(run, out _ahead);
            _atEnd = !_hasAhead;
        }

        return _hasAhead;
    }

    private Value Cycle(Run run, in CallArguments arguments)
    {
        var count = arguments.Positional.Length;
        return count == 0 ? throw Fault.Type("no items for cycling given") : arguments.Positional[(int)(_index0 % count)];
    }

    private Value Changed(Run run, in CallArguments arguments)
    {
        var values = arguments.Positional.ToArray();
        var same = _lastChanged is not null
            && PyCompare.AreEqual(run, Value.Of(new PyTuple(_lastChanged)), Value.Of(new PyTuple(values)));
        _lastChanged = values;
        return Value.Of(!same);
    }
}
