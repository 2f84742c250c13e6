using System.Collections.Frozen;
using PromptStudio.Core.Templating.Jinja.Nodes;
using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Library;

/// <summary>All tests by name.</summary>
internal static class Tests
{
    private static readonly FrozenDictionary<string, Builtin> Table = Make();

    public static IEnumerable<string> Names => Table.Keys;

    public static Builtin? Find(string name) => Table.GetValueOrDefault(name);

    private static FrozenDictionary<string, Builtin> Make()
    {
        var table = new Dictionary<string, Builtin>(StringComparer.Ordinal);
        void Is(string name, Func<Value, bool> test) => table.Add(name, new Builtin(name, "value", (_, a) => Value.Of(test(a[0]))));
        void Add(string name, string signature, Func<Run, Value, Value, bool> test) =>
            table.Add(name, new Builtin(name, signature, (run, a) => Value.Of(test(run, a[0], a.Length > 1 ? a[1] : default))));
        void Compare(CompareSign sign, params string[] names)
        {
            foreach (var name in names)
            {
                Add(name, "a b /", (run, a, b) => CompareExpr.Compare(run, sign, a, b));
            }
        }

        Is("boolean", value => value.Kind == Kind.Bool);
        Is("callable", value => value.Kind == Kind.Object ? value.Object.IsCallable : value.IsUndefined);
        Is("defined", value => !value.IsUndefined);
        Is("escaped", value => value.Kind == Kind.Markup);
        Is("false", value => value.Kind == Kind.Bool && value.Bits == 0);
        Is("float", value => value.Kind == Kind.Float);
        Is("integer", value => value.Kind is Kind.Int or Kind.Big);
        Is("mapping", value => value.Kind == Kind.Dict);
        Is("none", value => value.IsNone);
        Is("number", value => value.IsNumber);
        Is("string", value => value.IsString);
        Is("true", value => value.Kind == Kind.Bool && value.Bits != 0);
        Is("undefined", value => value.IsUndefined);
        Add("divisibleby", "value num", (run, a, b) => IsRest(run, a, b, 0));
        Add("even", "value", (run, a, _) => IsRest(run, a, Value.Of(2L), 0));
        Add("odd", "value", (run, a, _) => IsRest(run, a, Value.Of(2L), 1));
        Add("filter", "value", (run, a, _) => PyHash.Of(run, a) is var _ && a.IsString && FilterTable.Find(run.Options, a.Text) is not null);
        Add("test", "value", (run, a, _) => PyHash.Of(run, a) is var _ && a.IsString && Find(a.Text) is not null);
        Add("in", "value seq", (run, a, b) => PyCompare.Contains(run, b, a));
        Add("iterable", "value", (run, a, _) => PySequence.TryIterate(run, a) is not null);
        Add("lower", "value", (run, a, _) => StrPredicates.IsLower(PyRepr.Text(run, a)));
        Add("upper", "value", (run, a, _) => StrPredicates.IsUpper(PyRepr.Text(run, a)));
        Add("sameas", "value other", (_, a, b) => PyCompare.Identical(a, b));
        Add("sequence", "value", (run, a, _) => a.IsString || a.IsUndefined
            || (a.Kind is Kind.List or Kind.Tuple or Kind.Dict or Kind.Object && a.Object.HasItems && a.Object.Length(run) >= 0));
        Compare(CompareSign.Equal, "==", "eq", "equalto");
        Compare(CompareSign.NotEqual, "!=", "ne");
        Compare(CompareSign.Greater, ">", "gt", "greaterthan");
        Compare(CompareSign.GreaterEqual, ">=", "ge");
        Compare(CompareSign.Less, "<", "lt", "lessthan");
        Compare(CompareSign.LessEqual, "<=", "le");
        return table.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static bool IsRest(Run run, Value value, Value divisor, long rest) =>
        PyCompare.AreEqual(run, Division.Modulo(run, value, divisor), Value.Of(rest));
}
