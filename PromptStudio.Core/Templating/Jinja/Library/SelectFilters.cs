using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Library;

/// <summary>Filters that apply another filter or a test to each element.</summary>
internal static class SelectFilters
{
    public static IEnumerable<Builtin> All { get; } =
    [
        new("map", Map),
        new("select", (Run run, in CallArguments arguments) => Selected(run, arguments, true, false)),
        new("reject", (Run run, in CallArguments arguments) => Selected(run, arguments, false, false)),
        new("selectattr", (Run run, in CallArguments arguments) => Selected(run, arguments, true, true)),
        new("rejectattr", (Run run, in CallArguments arguments) => Selected(run, arguments, false, true)),
    ];

    private static Value Map(Run run, in CallArguments arguments) => SequenceFilters.Lazy(Mapped(
        run, arguments.Positional.ToArray(), arguments.Names.ToArray(), arguments.Named.ToArray()));

    private static IEnumerable<Value> Mapped(Run run, Value[] positional, string[] names, Value[] named)
    {
        var (caller, autoescape) = (run.Caller, run.Autoescape);
        if (!PyCompare.Truth(run, positional[0]))
        {
            yield break;
        }

        var attributeAt = Array.IndexOf(names, "attribute");
        Builtin? filter = null;
        Value[] parts = [];
        Value otherwise = default;
        if (positional.Length == 1 && attributeAt >= 0)
        {
            parts = Attributes.Parts(named[attributeAt]);
            var defaultAt = Array.IndexOf(names, "default");
            otherwise = defaultAt < 0 ? default : named[defaultAt];
            if (names.Length > (defaultAt < 0 ? 1 : 2))
            {
                throw Fault.FilterArgument($"Unexpected keyword argument {PyRepr.Quote(run, Array.Find(names, name => name is not ("attribute" or "default"))!)}");
            }
        }
        else
        {
            if (positional.Length < 2)
            {
                throw Fault.FilterArgument("map requires a filter argument");
            }

            var filterName = PyRepr.Text(run, positional[1]);
            filter = FilterTable.Find(run.Options, filterName) ?? throw Fault.Runtime($"No filter named '{filterName}'.");
        }

        var arguments = positional[1..];
        var iterator = PySequence.Iterate(run, positional[0]);
        while (iterator.Next(run, out var item))
        {
            if (filter is null)
            {
                yield return Attributes.Path(run, item, parts, otherwise);
                continue;
            }

            arguments[0] = item;
            (run.Caller, run.Autoescape) = (caller, autoescape);
            yield return filter.Invoke(run, new CallArguments(arguments, names, named));
        }
    }

    private static Value Selected(Run run, in CallArguments arguments, bool wanted, bool byAttribute) => SequenceFilters.Lazy(Select(
        run, arguments.Positional.ToArray(), arguments.Names.ToArray(), arguments.Named.ToArray(), wanted, byAttribute));

    private static IEnumerable<Value> Select(Run run, Value[] positional, string[] names, Value[] named, bool wanted, bool byAttribute)
    {
        if (!PyCompare.Truth(run, positional[0]))
        {
            yield break;
        }

        if (byAttribute && positional.Length < 2)
        {
            throw Fault.FilterArgument("Missing parameter for attribute name");
        }

        var parts = byAttribute ? Attributes.Parts(positional[1]) : [];
        var testAt = byAttribute ? 2 : 1;
        Builtin? test = null;
        Value[] arguments = [];
        if (positional.Length > testAt)
        {
            var testName = PyRepr.Text(run, positional[testAt]);
            test = Tests.Find(testName) ?? throw Fault.Runtime($"No test named '{testName}'.");
            arguments = positional[testAt..];
        }

        var iterator = PySequence.Iterate(run, positional[0]);
        while (iterator.Next(run, out var item))
        {
            var value = Attributes.Path(run, item, parts, default);
            if (test is not null)
            {
                arguments[0] = value;
                value = test.Invoke(run, new CallArguments(arguments, names, named));
            }

            if (PyCompare.Truth(run, value) == wanted)
            {
                yield return item;
            }
        }
    }
}
