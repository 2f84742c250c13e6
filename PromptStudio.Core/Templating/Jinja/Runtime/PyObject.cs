namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>A value that is no number and no string. What it does not override, it does not have.</summary>
internal abstract class PyObject(Kind kind = Kind.Object) : Referent(kind)
{
    public abstract string TypeName { get; }

    public virtual bool IsCallable => false;

    /// <summary>Has a length; -1 when it has none.</summary>
    public virtual long Length(Run run) => -1;

    public virtual bool Truthy(Run run)
    {
        var length = Length(run);
        return length != 0;
    }

    public virtual string Repr(Run run) => $"<{TypeName} object>";

    public virtual string Str(Run run) => Repr(run);

    /// <summary>An iterator over it; null when it has none.</summary>
    public virtual PyIterator? Iterate(Run run) => null;

    /// <summary>The attribute, or an unset value.</summary>
    public virtual Value Attribute(Run run, string name) => default;

    /// <summary>The item, or an unset value when there is none; objects without items do not override.</summary>
    public virtual Value Item(Run run, Value key) => default;

    public virtual bool HasItems => false;

    public virtual Value Call(Run run, in CallArguments arguments) => throw Fault.Type($"'{TypeName}' object is not callable");

    public virtual bool Same(Run run, PyObject other) => ReferenceEquals(this, other);
}

/// <summary>A source of values, used once.</summary>
internal abstract class PyIterator
{
    public abstract bool Next(Run run, out Value value);
}

/// <summary>The values of a C# iterator.</summary>
internal sealed class SequenceIterator(IEnumerator<Value> source) : PyIterator
{
    public override bool Next(Run run, out Value value)
    {
        run.Step();
        if (source.MoveNext())
        {
            value = source.Current;
            return true;
        }

        value = default;
        return false;
    }
}

/// <summary>What a lazy filter gives: it can be gone through once.</summary>
internal sealed class PyGenerator(IEnumerator<Value> source, string typeName = "generator") : PyObject
{
    private readonly SequenceIterator _iterator = new(source);

    public override string TypeName => typeName;

    public override string Repr(Run run) => $"<{typeName} object>";

    public override PyIterator Iterate(Run run) => _iterator;
}

/// <summary>An iterator object over something that has one.</summary>
internal sealed class PyIteratorObject(PyIterator source, string typeName) : PyObject
{
    public override string TypeName => typeName;

    public override PyIterator Iterate(Run run) => source;
}

/// <summary>The arguments of a call: by position, then by name.</summary>
internal readonly ref struct CallArguments
{
    public CallArguments(ReadOnlySpan<Value> positional) => Positional = positional;

    public CallArguments(ReadOnlySpan<Value> positional, ReadOnlySpan<string> names, ReadOnlySpan<Value> named)
    {
        Positional = positional;
        Names = names;
        Named = named;
    }

    public ReadOnlySpan<Value> Positional { get; }

    public ReadOnlySpan<string> Names { get; }

    public ReadOnlySpan<Value> Named { get; }
}
