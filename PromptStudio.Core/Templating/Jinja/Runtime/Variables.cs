using System.Text.Json;

namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>The variables of a render: those that the template reads become values in one go, when the first is asked for.</summary>
internal sealed class Variables(Run run)
{
    private readonly JsonTape _tape = new(run);
    private JsonElement _json;
    private MemberName[] _wanted = [];
    private Value[] _values = new Value[16];
    private PyDict? _others;
    private bool _isRead;
    private int _next;

    public IEnumerable<string> Names =>
        _json.ValueKind == JsonValueKind.Object ? _json.EnumerateObject().Take(200).Select(property => property.Name) : [];

    /// <summary>Takes the variables of a render.</summary>
    /// <param name="json">An object; anything else has no variables.</param>
    /// <param name="wanted">The names that the template reads.</param>
    public void Open(JsonElement json, MemberName[] wanted)
    {
        _json = json;
        _wanted = wanted;
        _next = 0;
    }

    /// <summary>Forgets them.</summary>
    public void Close()
    {
        if (_isRead)
        {
            _values.AsSpan(0, _wanted.Length).Clear();
            _tape.Clear();
        }

        _json = default;
        _wanted = [];
        _others = null;
        _isRead = false;
    }

    public bool TryGet(string name, out Value value)
    {
        if (!_isRead && !TryRead())
        {
            value = default;
            return false;
        }

        // They are asked for in their order, mostly.
        for (var i = 0; i < _wanted.Length; i++)
        {
            var at = _next;
            _next = at + 1 < _wanted.Length ? at + 1 : 0;
            if (_wanted[at].Text == name)
            {
                value = _values[at];
                return value.IsSet;
            }
        }

        // Another template asks for what this one does not read.
        return (_others ??= new PyDict(0).Open(_tape, 0)).TryGet(name, out value);
    }

    /// <summary>Puts all that the template reads into their slots: what has no value, and what is set already, stays as it is.</summary>
    public void Fill(Value[] slots, int[] places)
    {
        if (!_isRead && !TryRead())
        {
            return;
        }

        for (var i = 0; i < places.Length; i++)
        {
            if ((uint)places[i] < (uint)slots.Length && !slots[places[i]].IsSet)
            {
                slots[places[i]] = _values[i];
            }
        }
    }

    private bool TryRead()
    {
        if (_json.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        if (_values.Length < _wanted.Length)
        {
            _values = new Value[_wanted.Length];
        }

        _tape.Read(_json);
        _tape.ReadMembers(_wanted, _values);
        return _isRead = true;
    }
}
