namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>Hashes of dict keys: equal numbers hash alike whatever their type.</summary>
internal static class PyHash
{
    public static int Of(Run run, Value value)
    {
        switch (value.Kind)
        {
            case Kind.Str or Kind.Markup:
                return value.Text.GetHashCode(StringComparison.Ordinal);
            case Kind.Int or Kind.Bool:
                return HashCode.Combine(value.Bits);
            case Kind.Float:
                var number = value.Double;
                return Math.Truncate(number) == number && Math.Abs(number) < 9e18
                    ? HashCode.Combine((long)number)
                    : double.IsInteger(number) ? Value.Of(new System.Numerics.BigInteger(number)).Big.GetHashCode() : number.GetHashCode();
            case Kind.Big:
                return value.Big.GetHashCode();
            case Kind.None:
                return 1;
            case Kind.Undefined:
                value.Undefined.Use();
                return (int)value.Undefined.Mode;
            case Kind.Tuple:
                run.GuardStack();
                var hash = default(HashCode);
                foreach (var item in value.Tuple.Items)
                {
                    hash.Add(Of(run, item));
                }

                return hash.ToHashCode();
            case Kind.List or Kind.Dict:
                throw Fault.Type($"unhashable type: '{value.TypeName}'");
            default:
                return value.Ref is PyRange range ? HashCode.Combine(range.Count) : System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(value.Ref);
        }
    }
}
