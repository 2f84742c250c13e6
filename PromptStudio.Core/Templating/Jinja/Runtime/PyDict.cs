using System.Runtime.CompilerServices;

namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>A dict: keeps the order in which keys came.</summary>
internal sealed class PyDict : PyObject
{
    private const int LinearUpTo = 8;

    private Entry[] _entries = [];
    private int[]? _buckets;
    private Link[] _links = [];
    private int _at;
    private JsonTape? _json;
    private int _used;
    private int _count;

    public PyDict(int capacity = 4)
        : base(Kind.Dict) => Allocate(capacity);

    public int Count
    {
        get
        {
            Open();
            return _count;
        }
    }

    /// <summary>Places to walk over; some may be empty.</summary>
    public int Places
    {
        get
        {
            Open();
            return _used;
        }
    }

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

    /// <summary>The item of a name that a template says.</summary>
    public bool TryGet(MemberName name, out Value value)
    {
        if (_json is not null)
        {
            if (_json.TryFind(_at, name, out value))
            {
                return value.IsSet;
            }

            Open();
        }

        return TryGet(name.Text, out value);
    }

    public bool TryGet(string key, out Value value)
    {
        Open();
        if (_buckets is not null)
        {
            return TryGet(null!, Value.Of(key), out value);
        }

        foreach (ref var entry in _entries.AsSpan(0, _used))
        {
            if (entry.Key.IsString && entry.Key.Text == key)
            {
                value = entry.Value;
                return true;
            }
        }

        value = default;
        return false;
    }

    public bool TryGet(Run run, Value key, out Value value)
    {
        Open();
        var at = Find(run, key, HashOf(run, key));
        value = at < 0 ? default : _entries[at].Value;
        return at >= 0;
    }

    public void Set(Run run, string key, Value value) => Set(run, Value.Of(key), value);

    public void Set(Run run, Value key, Value value)
    {
        Open();
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

        Append(key, value, hash);
        _count++;
    }

    public bool Remove(Run run, Value key, out Value value)
    {
        Open();
        var at = Find(run, key, HashOf(run, key));
        if (at < 0)
        {
            value = default;
            return false;
        }

        value = _entries[at].Value;
        _entries[at].Key = default;
        _entries[at].Value = default;
        _count--;
        return true;
    }

    public void Clear()
    {
        _json = null;
        _entries = [];
        _buckets = null;
        _used = 0;
        _count = 0;
    }

    /// <summary>Makes it an object of the variables.</summary>
    public PyDict Open(JsonTape json, int at)
    {
        _json = json;
        _at = at;
        return this;
    }

    /// <summary>Makes it empty, for another render.</summary>
    public void Close()
    {
        _json = null;
        if (_used == 0)
        {
            return;
        }

        _entries.AsSpan(0, _used).Clear();
        _count = 0;
        if (_buckets is null)
        {
            _used = 0;
        }
        else
        {
            Allocate(0);
        }
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

    // Of an object of the variables, which the lookup of a name by itself does not need.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Open()
    {
        if (_json is not null)
        {
            Fill(_json);
        }
    }

    private void Fill(JsonTape json)
    {
        _json = null;
        var count = json.Charge(_at, 64);
        if (count > _entries.Length)
        {
            Allocate(count);
        }

        json.Fill(_at, this);
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
        var capacity = Math.Max(4, _count * 2);
        run?.Charge(capacity * 64L);
        var entries = _entries.AsSpan(0, _used);
        Allocate(capacity);
        foreach (ref var entry in entries)
        {
            if (entry.Key.IsSet)
            {
                Append(entry.Key, entry.Value, _buckets is null ? 0 : PyHash.Of(run!, entry.Key));
            }
        }
    }

    private void Allocate(int capacity)
    {
        _entries = capacity == 0 ? [] : new Entry[capacity];
        _used = 0;
        _buckets = capacity <= LinearUpTo ? null : new int[capacity + (capacity / 2) + 1];
        _links = _buckets is null ? [] : new Link[capacity];
    }

    // There is a place left.
    private void Append(Value key, Value value, int hash)
    {
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
