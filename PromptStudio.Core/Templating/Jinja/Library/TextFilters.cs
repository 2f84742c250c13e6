using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Library;

/// <summary>Filters that show values or stand in for them.</summary>
internal static class TextFilters
{
    public static IEnumerable<Builtin> All { get; } =
    [
        new("attr", "obj name", Attribute),
        new("default", "value default_value= boolean=", Default),
        new("pprint", "value", (run, a) => Value.Of(PrettyPrinter.Print(run, a[0]))),
        new("filesizeformat", "value binary=", FileSize),
    ];

    private static Value Default(Run run, ReadOnlySpan<Value> a)
    {
        var replace = a[0].IsUndefined ? !a[0].Undefined.IsSecurity || run.Options.Sandbox != SandboxMode.None
            : Arguments.Flag(run, a[2], false) && !PyCompare.Truth(run, a[0]);
        return replace ? Arguments.Or(a[1], Value.EmptyString) : a[0];
    }

    private static Value Attribute(Run run, ReadOnlySpan<Value> a)
    {
        var name = PyRepr.Text(run, a[1]);
        var value = a[0].IsUndefined ? default : Attributes.Attribute(run, a[0], name);
        return value.IsSet ? value : Undefined.OfMember(run, a[0], Value.Of(name), null);
    }

    private static Value FileSize(Run run, ReadOnlySpan<Value> a)
    {
        var size = NumberFilters.ToFloat(run, a[0]) ?? throw (a[0].IsString
            ? Fault.Value($"could not convert string to float: {PyRepr.Of(run, a[0])}")
            : Fault.Type($"float() argument must be a string or a real number, not '{a[0].TypeName}'"));
        var isBinary = Arguments.Flag(run, a[1], false);
        double unitBase = isBinary ? 1024 : 1000;
        if (size == 1)
        {
            return Value.Of("1 Byte");
        }

        if (size < unitBase)
        {
            return Value.Of($"{PyRepr.Text(run, NumberFilters.Truncated(size))} Bytes");
        }

        var unit = unitBase;
        foreach (var prefix in "kMGTPEZY")
        {
            unit *= unitBase;
            if (size < unit || prefix == 'Y')
            {
                var name = isBinary ? $"{char.ToUpperInvariant(prefix)}iB" : $"{prefix}B";
                return Value.Of($"{FormatSpec.Float('f', unitBase * size / unit, 1, false)} {name}");
            }
        }

        return Value.EmptyString;
    }
}
