using System.Globalization;
using PromptStudio.Core.Templating.Jinja.Nodes;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Library;

/// <summary>How attributes and items of values are found.</summary>
internal static class Attributes
{
    private static readonly HashSet<string> OfEveryObject = new(
        ("__class__ __delattr__ __dir__ __doc__ __eq__ __format__ __ge__ __getattribute__ __gt__ __hash__ __init__ __init_subclass__ "
        + "__le__ __lt__ __ne__ __new__ __reduce__ __reduce_ex__ __repr__ __setattr__ __sizeof__ __str__ __subclasshook__").Split(' '),
        StringComparer.Ordinal);

    private static readonly HashSet<string> OfSequences = new(
        "__add__ __contains__ __getitem__ __iter__ __len__ __mul__ __rmul__ __getnewargs__ __reversed__ __setitem__ __delitem__".Split(' '),
        StringComparer.Ordinal);

    private static readonly HashSet<string> OfFunctions = new(
        "__call__ __globals__ __code__ __closure__ __defaults__ __dict__ __kwdefaults__ __module__ __name__ __qualname__ __get__ __mro__ __bases__ __base__ __subclasses__ mro".Split(' '),
        StringComparer.Ordinal);

    /// <summary><c>owner.name</c>: attribute, then item, then undefined.</summary>
    public static Value Get(Run run, Value owner, string name, Node? origin)
    {
        var value = Attribute(run, owner, name);
        if (!value.IsSet)
        {
            value = PySequence.Item(run, owner, Value.Of(name));
        }

        return value.IsSet ? value : Undefined.OfMember(run, owner, Value.Of(name), origin);
    }

    /// <summary><c>owner[key]</c>: item, then attribute, then undefined.</summary>
    public static Value Item(Run run, Value owner, Value key, Node? origin)
    {
        if (key.IsUndefined && owner.Kind == Kind.Dict)
        {
            key.Undefined.Use();
        }

        var value = PySequence.Item(run, owner, key);
        if (!value.IsSet && key.IsString)
        {
            value = Attribute(run, owner, key.Text);
        }

        return value.IsSet ? value : Undefined.OfMember(run, owner, key, origin);
    }

    /// <summary>Python's <c>getattr</c>: unset when there is none, a security error in waiting when the sandbox refuses it.</summary>
    public static Value Attribute(Run run, Value owner, string name)
    {
        if (name.StartsWith('_') && Underscored(run, owner, name) is { IsSet: true } special)
        {
            return special;
        }

        if (owner.IsUndefined)
        {
            return default;
        }

        var method = Methods.Find(owner.Kind, name);
        if (method is not null)
        {
            return Methods.IsAllowed(run, owner, name) ? Value.Of(new BoundMethod(method, owner)) : Unsafe(owner, name);
        }

        var value = Methods.Property(owner, name);
        return value.IsSet || owner.Kind is not (Kind.Object or Kind.Tuple) ? value : owner.Object.Attribute(run, name);
    }

    /// <summary>Follows a path such as <c>a.b.0</c> through items and attributes.</summary>
    public static Value Path(Run run, Value value, ReadOnlySpan<Value> parts, Value otherwise)
    {
        foreach (var part in parts)
        {
            run.Step();
            value = Item(run, value, part, null);
            if (value.IsUndefined && otherwise.IsSet && !otherwise.IsNone)
            {
                value = otherwise;
            }
        }

        return value;
    }

    /// <summary>The parts of such a path.</summary>
    public static Value[] Parts(Value path)
    {
        if (path.IsNone || !path.IsSet)
        {
            return [];
        }

        return path.IsString ? Array.ConvertAll(path.Text.Split('.'), static part =>
            part.Length is > 0 and < 18 && part.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0
                ? Value.Of(long.Parse(part, CultureInfo.InvariantCulture)) : Value.Of(part)) : [path];
    }

    public static Value Unsafe(Value owner, string name) => Value.Of(new Undefined(
        UndefinedMode.Lenient, $"access to attribute '{name}' of '{owner.TypeName}' object is unsafe.", "SecurityError"));

    private static Value Underscored(Run run, Value owner, string name)
    {
        var callable = owner.Kind == Kind.Object && owner.Object.IsCallable;
        var isKnown = OfEveryObject.Contains(name) || (callable && OfFunctions.Contains(name))
            || (owner.Kind is Kind.Str or Kind.Markup or Kind.List or Kind.Tuple or Kind.Dict && OfSequences.Contains(name))
            || (owner.IsUndefined && name.StartsWith("_undefined_", StringComparison.Ordinal));
        if (!isKnown)
        {
            return default;
        }

        if (run.Options.Sandbox != SandboxMode.None)
        {
            return Unsafe(owner, name);
        }

        return name switch
        {
            "__class__" => Value.Of(new PyType(owner.TypeName)),
            "_undefined_name" => owner.Undefined.Name,
            "__len__" when PySequence.TryLength(run, owner) is { } length => Native(name, (Run _, in CallArguments _) => Value.Of(length)),
            "__str__" => Native(name, (Run inner, in CallArguments _) => Value.Of(PyRepr.Text(inner, owner))),
            "__repr__" => Native(name, (Run inner, in CallArguments _) => Value.Of(PyRepr.Of(inner, owner))),
            "__contains__" => Native(name, (Run inner, in CallArguments a) => Value.Of(PyCompare.Contains(inner, owner, One(a)))),
            "__eq__" => Native(name, (Run inner, in CallArguments a) => Value.Of(PyCompare.AreEqual(inner, owner, One(a)))),
            "__add__" => Native(name, (Run inner, in CallArguments a) => Arithmetic.Add(inner, owner, One(a))),
            "__mul__" => Native(name, (Run inner, in CallArguments a) => Arithmetic.Multiply(inner, owner, One(a))),
            "__getitem__" => Native(name, (Run inner, in CallArguments a) => PySequence.Item(inner, owner, One(a)) is { IsSet: true } item
                ? item : throw new Fault(TemplateErrorKind.Type, owner.Kind == Kind.Dict ? "KeyError" : "IndexError", PyRepr.Of(inner, One(a)))),
            _ => default,
        };
    }

    private static Value Native(string name, NativeCall call) => Value.Of(new NativeFunction(name, call));

    private static Value One(in CallArguments arguments) => arguments.Positional.Length == 1 ? arguments.Positional[0]
        : throw Fault.Type($"expected 1 argument, got {arguments.Positional.Length}");
}
