using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Library;

/// <summary>Methods of dicts.</summary>
internal static class DictMethods
{
    public static IEnumerable<Builtin> All { get; } =
    [
        new("clear", "self /", (_, a) =>
        {
            a[0].Dict.Clear();
            return Value.None;
        }),
        new("copy", "self /", (run, a) => Value.Of(a[0].Dict.Copy(run))),
        new("fromkeys", "self keys value= /", FromKeys),
        new("get", "self key default= /", (run, a) => a[0].Dict.TryGet(run, a[1], out var value) ? value : Arguments.Or(a[2], Value.None)),
        new("items", "self /", (_, a) => Value.Of(new DictView(a[0].Dict, DictPart.Items))),
        new("keys", "self /", (_, a) => Value.Of(new DictView(a[0].Dict, DictPart.Keys))),
        new("pop", "self key default= /", Pop),
        new("popitem", "self /", PopItem),
        new("setdefault", "self key default= /", SetDefault),
        new("update", Update),
        new("values", "self /", (_, a) => Value.Of(new DictView(a[0].Dict, DictPart.Values))),
    ];

    /// <summary>Adds the pairs of a mapping or of a sequence of pairs.</summary>
    public static void Merge(Run run, PyDict dict, Value source)
    {
        if (source.Kind == Kind.Dict)
        {
            run.Charge(source.Dict.Count * 64L);
            for (var i = 0; i < source.Dict.Places; i++)
            {
                if (source.Dict.PairAt(i, out var key, out var value))
                {
                    run.Step();
                    dict.Set(run, key, value);
                }
            }

            return;
        }

        if (source.Ref is Namespace)
        {
            throw Fault.Type("'Namespace' object is not iterable");
        }

        var iterator = PySequence.Iterate(run, source);
        for (var i = 0; iterator.Next(run, out var pair); i++)
        {
            if (pair.Kind is not (Kind.Tuple or Kind.List or Kind.Str) && PySequence.TryIterate(run, pair) is null)
            {
                throw Fault.Type($"cannot convert dictionary update sequence element #{i} to a sequence");
            }

            var parts = PySequence.ToArray(run, pair);
            if (parts.Length != 2)
            {
                throw Fault.Value($"dictionary update sequence element #{i} has length {parts.Length}; 2 is required");
            }

            run.Charge(64);
            dict.Set(run, parts[0], parts[1]);
        }
    }

    private static Value FromKeys(Run run, ReadOnlySpan<Value> a)
    {
        var dict = new PyDict();
        var iterator = PySequence.Iterate(run, a[1]);
        while (iterator.Next(run, out var key))
        {
            dict.Set(run, key, Arguments.Or(a[2], Value.None));
        }

        return Value.Of(dict);
    }

    private static Value Pop(Run run, ReadOnlySpan<Value> a)
    {
        if (a[0].Dict.Remove(run, a[1], out var value))
        {
            return value;
        }

        return a[2].IsSet ? a[2] : throw Key(PyRepr.Of(run, a[1]));
    }

    private static Value PopItem(Run run, ReadOnlySpan<Value> a)
    {
        var dict = a[0].Dict;
        for (var i = dict.Places - 1; i >= 0; i--)
        {
            if (dict.PairAt(i, out var key, out var value))
            {
                dict.Remove(run, key, out _);
                return Value.Of(new PyTuple([key, value]));
            }
        }

        throw Key("'popitem(): dictionary is empty'");
    }

    private static Value SetDefault(Run run, ReadOnlySpan<Value> a)
    {
        if (a[0].Dict.TryGet(run, a[1], out var value))
        {
            return value;
        }

        value = Arguments.Or(a[2], Value.None);
        a[0].Dict.Set(run, a[1], value);
        return value;
    }

    private static Value Update(Run run, in CallArguments arguments)
    {
        var dict = arguments.Positional[0].Dict;
        if (arguments.Positional.Length > 2)
        {
            throw Fault.Type($"update expected at most 1 argument, got {arguments.Positional.Length - 1}");
        }

        if (arguments.Positional.Length == 2)
        {
            Merge(run, dict, arguments.Positional[1]);
        }

        for (var i = 0; i < arguments.Names.Length; i++)
        {
            dict.Set(run, arguments.Names[i], arguments.Named[i]);
        }

        return Value.None;
    }

    private static Fault Key(string message) => new(TemplateErrorKind.Type, "KeyError", message);
}
