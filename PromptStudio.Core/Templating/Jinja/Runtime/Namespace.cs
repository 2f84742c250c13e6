namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary><c>namespace()</c>: attributes that <c>set</c> may change from inner scopes.</summary>
internal sealed class Namespace(PyDict attributes) : PyObject
{
    public override string TypeName => "Namespace";

    public override bool HasItems => true;

    public void Set(Run run, string name, Value value) => attributes.Set(run, name, value);

    public override Value Attribute(Run run, string name) => attributes.TryGet(name, out var value) ? value : default;

    public override string Repr(Run run) => $"<Namespace {PyRepr.Of(run, Value.Of(attributes))}>";
}

/// <summary><c>cycler()</c>: gives its items in turn.</summary>
internal sealed class Cycler(Value[] items) : PyObject
{
    private int _at;

    public override string TypeName => "Cycler";

    public override Value Attribute(Run run, string name)
    {
        switch (name)
        {
            case "current":
                return items[_at];
            case "items":
                return Value.Of(new PyTuple(items));
            case "pos":
                return Value.Of((long)_at);
            case "next" or "__next__":
                return Value.Of(new NativeFunction("next", Next));
            case "reset":
                return Value.Of(new NativeFunction("reset", Reset));
            default:
                return default;
        }
    }

    private Value Next(Run run, in CallArguments arguments)
    {
        var value = items[_at];
        _at = (_at + 1) % items.Length;
        return value;
    }

    private Value Reset(Run run, in CallArguments arguments)
    {
        _at = 0;
        return Value.None;
    }
}

/// <summary><c>joiner()</c>: nothing at first, then its separator.</summary>
internal sealed class Joiner(Value separator) : PyObject
{
    private bool _used;

    public override string TypeName => "Joiner";

    public override bool IsCallable => true;

    public override Value Attribute(Run run, string name) => name switch
    {
        "sep" => separator,
        "used" => Value.Of(_used),
        _ => default,
    };

    public override Value Call(Run run, in CallArguments arguments)
    {
        if (!_used)
        {
            _used = true;
            return Value.EmptyString;
        }

        return separator;
    }
}

internal delegate Value NativeCall(Run run, in CallArguments arguments);

/// <summary>A function of an object, written in C#.</summary>
internal sealed class NativeFunction(string name, NativeCall call) : PyObject
{
    public override string TypeName => "method";

    public override bool IsCallable => true;

    public override string Repr(Run run) => $"<bound method {name}>";

    public override Value Call(Run run, in CallArguments arguments) => call(run, arguments);
}
