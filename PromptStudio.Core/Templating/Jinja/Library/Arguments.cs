using PromptStudio.Core.Templating.Jinja.Runtime;

namespace PromptStudio.Core.Templating.Jinja.Library;

/// <summary>Reads arguments as the types that builtins want.</summary>
internal static class Arguments
{
    public static Value Or(Value value, Value otherwise) => value.IsSet ? value : otherwise;

    /// <summary>A whole number; larger ones than fit are taken as the largest.</summary>
    public static long Int(Value value, string what)
    {
        if (value.IsUndefined)
        {
            throw value.Undefined.Fault();
        }

        return value.Kind switch
        {
            Kind.Int or Kind.Bool => value.Bits,
            Kind.Big => value.Big.Sign < 0 ? long.MinValue / 4 : long.MaxValue / 4,
            _ => throw Fault.Type($"{what}: '{value.TypeName}' object cannot be interpreted as an integer"),
        };
    }

    public static long Int(Value value, long otherwise, string what) => value.IsSet ? Int(value, what) : otherwise;

    /// <summary>A string, or the type error of Python's own methods.</summary>
    public static string Str(Value value, string what) =>
        value.IsString ? value.Text : throw Fault.Type($"{what} must be str, not {value.TypeName}");

    public static bool Flag(Run run, Value value, bool otherwise) => value.IsSet ? PyCompare.Truth(run, value) : otherwise;

    /// <summary>Calls a value with one argument.</summary>
    public static Value Call(Run run, Value callee, Value argument)
    {
        if (callee.IsUndefined)
        {
            throw callee.Undefined.Fault();
        }

        if (callee.Kind != Kind.Object)
        {
            throw Fault.Type($"'{callee.TypeName}' object is not callable");
        }

        return callee.Object.Call(run, new CallArguments([argument]));
    }
}
