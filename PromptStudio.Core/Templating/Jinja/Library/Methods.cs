using System.Collections.Frozen;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Library;

/// <summary>The methods of plain values, by type and name.</summary>
internal static class Methods
{
    private static readonly FrozenDictionary<string, Builtin> OfStr = Table([.. StrMethods.All, .. StrPredicates.All]);
    private static readonly FrozenDictionary<string, Builtin> OfMarkup = Table(MarkupMethods.All([.. StrMethods.All, .. StrPredicates.All]));
    private static readonly FrozenDictionary<string, Builtin> OfList = Table(ListMethods.All);
    private static readonly FrozenDictionary<string, Builtin> OfTuple = Table(ListMethods.Shared);
    private static readonly FrozenDictionary<string, Builtin> OfDict = Table(DictMethods.All);
    private static readonly FrozenDictionary<string, Builtin> OfInt = Table(NumberMethods.OfInt);
    private static readonly FrozenDictionary<string, Builtin> OfFloat = Table(NumberMethods.OfFloat);

    private static readonly FrozenSet<string> ChangingList =
        FrozenSet.Create(StringComparer.Ordinal, "append", "reverse", "insert", "sort", "extend", "remove");

    private static readonly FrozenSet<string> ChangingDict =
        FrozenSet.Create(StringComparer.Ordinal, "clear", "pop", "popitem", "setdefault", "update");

    public static Builtin? Find(Kind kind, string name) => (kind switch
    {
        Kind.Str => OfStr,
        Kind.Markup => OfMarkup,
        Kind.List => OfList,
        Kind.Tuple => OfTuple,
        Kind.Dict => OfDict,
        Kind.Int or Kind.Bool or Kind.Big => OfInt,
        Kind.Float => OfFloat,
        _ => null,
    })?.GetValueOrDefault(name);

    /// <summary>Whether the sandbox lets a method be reached.</summary>
    public static bool IsAllowed(Run run, Value owner, string name) => run.Options.Sandbox != SandboxMode.Immutable || owner.Kind switch
    {
        Kind.List => !ChangingList.Contains(name),
        Kind.Dict => !ChangingDict.Contains(name),
        _ => true,
    };

    /// <summary>An attribute that is no method.</summary>
    public static Value Property(Value owner, string name)
    {
        if (!owner.IsNumber)
        {
            return default;
        }

        return name switch
        {
            "real" => owner.Kind == Kind.Bool ? Value.Of(owner.Bits) : owner,
            "imag" => owner.Kind == Kind.Float ? Value.Of(0.0) : Value.Of(0L),
            "numerator" when owner.IsInteger => Value.Of(owner.Big),
            "denominator" when owner.IsInteger => Value.Of(1L),
            _ => default,
        };
    }

    private static FrozenDictionary<string, Builtin> Table(IEnumerable<Builtin> builtins) =>
        builtins.ToFrozenDictionary(builtin => builtin.Name, StringComparer.Ordinal);
}
