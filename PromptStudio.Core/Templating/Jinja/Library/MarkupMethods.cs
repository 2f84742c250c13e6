using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Library;

/// <summary>Methods of safe HTML: those of strings, which escape what they are given and give safe HTML again.</summary>
internal static class MarkupMethods
{
    private static readonly HashSet<string> Wrapped = new(
        ("capitalize casefold center expandtabs ljust lower lstrip partition replace rjust rpartition rsplit rstrip split splitlines strip "
        + "swapcase title translate upper zfill removeprefix removesuffix").Split(' '),
        StringComparer.Ordinal);

    public static IEnumerable<Builtin> All(Builtin[] ofStr)
    {
        foreach (var method in ofStr)
        {
            yield return Wrapped.Contains(method.Name) ? new Builtin(method.Name, Wrapping(method)) : method.Name == "join"
                ? new Builtin("join", "self items /", Join) : method;
        }

        yield return new Builtin("striptags", "self /", (run, a) => Value.Of(Html.StripTags(run, a[0].Text)));
        yield return new Builtin("unescape", "self /", (run, a) => Value.Of(Html.Unescape(a[0].Text)));
    }

    private static NativeCall Wrapping(Builtin method) => (Run run, in CallArguments arguments) =>
    {
        var all = arguments.Positional.ToArray();
        for (var i = 1; i < all.Length; i++)
        {
            all[i] = all[i].IsString ? Value.Of(Html.Escape(run, all[i])) : all[i];
        }

        var result = method.Invoke(run, new CallArguments(all, arguments.Names, arguments.Named));
        return result.Kind switch
        {
            Kind.Str => Value.Markup(result.Text),
            Kind.List => Value.Of(new PyList(result.List.Items.ConvertAll(Mark))),
            Kind.Tuple => Value.Of(new PyTuple(Array.ConvertAll(result.Tuple.Items, Mark))),
            _ => result,
        };
    };

    private static Value Mark(Value value) => value.Kind == Kind.Str ? Value.Markup(value.Text) : value;

    private static Value Join(Run run, ReadOnlySpan<Value> a)
    {
        var items = PySequence.ToList(run, a[1]).Items.ConvertAll(item => Value.Of(Html.Escape(run, item)));
        return Value.Markup(StrMethods.Join(run, a[0].Text, Value.Of(new PyList(items))));
    }
}
