using System.Runtime.CompilerServices;

namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>A dict: keeps the order in which keys came.</summary>
internal sealed class PyDict : PyObject
{
    private const int LinearUpTo = 8;

    private Entry[] _entries;
    private int[]? _buckets;
    private Link[] _links = [];
    private int _used;

    public PyDict(int capacity = 4) => _entries = capacity == 0 ? [] : new Entry[capacity];

    public int Count { get; private set; }

    /// <summary>Places to walk over; some may be empty.</summary>
    public int Places => _used;

    public override string TypeName => "dict";

    public override bool HasItems => true;

    public override long Length(Run run) => Count;

    public override PyIterator Iterate(Run run) => new DictIterator(this, DictPart.Keys);

    public override string Repr(Run run) => PyRepr.Of(run, Value.Of(this));

    /// <summary>The pair at a place; false when it was removed.</summary>
    public bool PairAt(int place, out Value key, out Value value)
    {
        ref var entry = ref _entries[place];
        key = entry.Key;
        value = entry.Value;
        return entry.Key.IsSet;
    }

    /// <summary>The item of a name, to read in place; a null reference when there is none.</summary>
    public ref Value Find(string key)
    {
        if (_buckets is null)
        {
            foreach (ref var entry in _entries.AsSpan(0, _used))
            {
                if (entry.Key.IsString && entry.Key.Text == key)
                {
                    return ref entry.Value;
                }
            }

            return ref Unsafe.NullRef<Value>();
        }

        var at = Find(null!, Value.Of(key), HashOf(null!, Value.Of(key)));
        return ref at < 0 ? ref Unsafe.NullRef<Value>() : ref _entries[at].Value;
    }

    public bool TryGet(string key, out Value value)
    {
        ref var found = ref Find(key);
        var isFound = !Unsafe.IsNullRef(in found);
        value = isFound ? found : default;
        return isFound;
    }

    public bool TryGet(Run run, Value key, out Value value)
    {
        var at = Find(run, key, HashOf(run, key));
        value = at < 0 ? default : _entries[at].Value;
        return at >= 0;
    }

    public void Set(Run run, string key, Value value) => Set(run, Value.Of(key), value);

    public void Set(Run run, Value key, Value value)
    {
        var hash = HashOf(run, key);
        var at = Find(run, key, hash);
        if (at >= 0)
        {
            _entries[at].Value = value;
            return;
        }

        if (_used == _entries.Length)
        {
            Resize(run);
            hash = HashOf(run, key);
        }

        ref var entry = ref _entries[_used];
        entry.Key = key;
        entry.Value = value;
        if (_buckets is not null)
        {
            ref var bucket = ref _buckets[(uint)hash % (uint)_buckets.Length];
            _links[_used].Hash = hash;
            _links[_used].Next = bucket - 1;
            bucket = _used + 1;
        }

        _used++;
        Count++;
    }

    /// <summary>Sets the item of a name; quick while there are few, and all of them are names.</summary>
    public void SetName(Run run, string name, Value value)
    {
        if (_buckets is not null || _used == _entries.Length)
        {
            Set(run, Value.Of(name), value);
            return;
        }

        var entries = _entries;
        for (var i = 0; i < _used; i++)
        {
            ref var known = ref entries[i];
            if (known.Key.Kind != Kind.Str || known.Key.Text == name)
            {
                Set(run, Value.Of(name), value);
                return;
            }
        }

        ref var entry = ref entries[_used++];
        entry.Key = Value.Of(name);
        entry.Value = value;
        Count++;
    }

    public bool Remove(Run run, Value key, out Value value)
    {
        var at = Find(run, key, HashOf(run, key));
        if (at < 0)
        {
            value = default;
            return false;
        }

        value = _entries[at].Value;
        _entries[at].Key = default;
        _entries[at].Value = default;
        Count--;
        return true;
    }

    public void Clear()
    {
        _entries = [];
        _buckets = null;
        _used = 0;
        Count = 0;
    }

    public PyDict Copy(Run run)
    {
        run?.Charge(Count * 64L);
        var copy = new PyDict(Count);
        for (var i = 0; i < _used; i++)
        {
            if (PairAt(i, out var key, out var value))
            {
                copy.Set(run!, key, value);
            }
        }

        return copy;
    }

    // Few keys are compared one by one: their hash is not needed, only that they have one.
    private int HashOf(Run run, Value key) => _buckets is null && key.Kind is not (Kind.List or Kind.Dict or Kind.Tuple or Kind.Undefined)
        ? 0 : PyHash.Of(run, key);

    private int Find(Run run, Value key, int hash)
    {
        if (_buckets is null)
        {
            for (var i = 0; i < _used; i++)
            {
                if (_entries[i].Key.IsSet && PyCompare.KeyEquals(run, _entries[i].Key, key))
                {
                    return i;
                }
            }

            return -1;
        }

        for (var i = _buckets[(uint)hash % (uint)_buckets.Length] - 1; i >= 0; i = _links[i].Next)
        {
            if (_links[i].Hash == hash && _entries[i].Key.IsSet && PyCompare.KeyEquals(run, _entries[i].Key, key))
            {
                return i;
            }
        }

        return -1;
    }

    private void Resize(Run? run)
    {
        var capacity = Math.Max(4, Count * 2);
        run?.Charge(capacity * 64L);
        var entries = new Entry[capacity];
        var used = 0;
        for (var i = 0; i < _used; i++)
        {
            if (_entries[i].Key.IsSet)
            {
                entries[used++] = _entries[i];
            }
        }

        _entries = entries;
        _used = used;
        _buckets = null;
        if (capacity <= LinearUpTo)
        {
            return;
        }

        _links = new Link[capacity];
        _buckets = new int[capacity + (capacity / 2) + 1];
        for (var i = 0; i < used; i++)
        {
            var hash = PyHash.Of(run!, entries[i].Key);
            ref var bucket = ref _buckets[(uint)hash % (uint)_buckets.Length];
            _links[i].Hash = hash;
            _links[i].Next = bucket - 1;
            bucket = i + 1;
        }
    }

    private struct Entry
    {
        public Value Key;
        public Value Value;
    }

    // Of dicts with buckets only.
    private struct Link
    {
        public int Hash;
        public int Next;
    }
}

internal enum DictPart
{
    Keys,
    Values,
    Items,
}

/// <summary>What <c>keys()</c>, <c>values()</c> and <c>items()</c> give: a live view.</summary>
internal sealed class DictView(PyDict dict, DictPart part) : PyObject
{
    public PyDict Dict => dict;

    public DictPart Part => part;

    public override string TypeName => part switch
    {
        DictPart.Keys => "dict_keys",
        DictPart.Values => "dict_values",
        _ => "dict_items",
    };

    public override long Length(Run run) => dict.Count;

    public override PyIterator Iterate(Run run) => new DictIterator(dict, part);

    public override string Repr(Run run) => $"{TypeName}({PyRepr.Of(run, Value.Of(PySequence.ToList(run, Value.Of(this))))})";

    public override bool Same(Run run, PyObject other)
    {
        if (other is not DictView view || part == DictPart.Values || view.Part != part || view.Dict.Count != dict.Count)
        {
            return ReferenceEquals(this, other);
        }

        for (var i = 0; i < dict.Places; i++)
        {
            if (dict.PairAt(i, out var key, out var value)
                && !(view.Dict.TryGet(run, key, out var theirs) && (part == DictPart.Keys || PyCompare.AreEqual(run, value, theirs))))
            {
                return false;
            }
        }

        return true;
    }
}

internal sealed class DictIterator(PyDict dict, DictPart part) : PyIterator
{
    private readonly int _count = dict.Count;
    private int _next;

    public override bool Next(Run run, out Value value)
    {
        run.Step();
        if (dict.Count != _count)
        {
            throw new Fault(TemplateErrorKind.Type, "RuntimeError", "dictionary changed size during iteration");
        }

        while (_next < dict.Places)
        {
            if (dict.PairAt(_next++, out var key, out var item))
            {
                if (part == DictPart.Items)
                {
                    run.Charge(80);
                }

                value = part switch
                {
                    DictPart.Keys => key,
                    DictPart.Values => item,
                    _ => Value.Of(new PyTuple([key, item])),
                };
                return true;
            }
        }

        value = default;
        return false;
    }
}
