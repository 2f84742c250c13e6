using System.Numerics;
using System.Runtime.CompilerServices;

namespace PromptStudio.Core.Templating.Jinja.Runtime;

/// <summary>The type of a <see cref="Value"/>.</summary>
internal enum Kind : byte
{
    /// <summary>No value yet: a variable not looked up, an argument not given.</summary>
    Unset,

    /// <summary>A variable that was looked up and has no value.</summary>
    Missing,
    Undefined,
    None,
    Bool,
    Int,
    Big,
    Float,
    Str,

    /// <summary>A string that is safe HTML.</summary>
    Markup,
    List,
    Tuple,
    Dict,
    Object,
}

/// <summary>What a <see cref="Value"/> can refer to, strings excepted: it knows its kind.</summary>
internal abstract class Referent(Kind kind)
{
    public readonly Kind Kind = kind;
}

/// <summary>
/// A Python value: a reference, from which its kind is told, and 64 bits. Strings are UTF-16 here and code points to the template.
/// Two words are what fits into registers: values are passed and returned at every node.
/// </summary>
internal readonly struct Value
{
    public readonly object? Ref;
    public readonly long Bits;

    private Value(object? reference, long bits)
    {
        Ref = reference;
        Bits = bits;
    }

    public static readonly Value None = new(Tag.None, 0);
    public static readonly Value Missing = new(Tag.Missing, 0);
    public static readonly Value True = new(Tag.Bool, 1);
    public static readonly Value False = new(Tag.Bool, 0);
    public static readonly Value EmptyString = new(string.Empty, 0);

    public static Value Of(bool value) => new(Tag.Bool, value ? 1 : 0);

    public static Value Of(long value) => new(Tag.Int, value);

    public static Value Of(double value) => new(Tag.Float, BitConverter.DoubleToInt64Bits(value));

    public static Value Of(string value) => new(value, 0);

    /// <summary>A string of the variables, made when it is needed.</summary>
    public static Value Of(JsonTape json, int at) => new(json, at);

    public static Value Of(BigInteger value) =>
        value >= long.MinValue && value <= long.MaxValue ? Of((long)value) : new(new Large(value), 0);

    public static Value Markup(string value) => new(new Safe(value), 0);

    public static Value Of(PyObject value) => new(value, 0);

    public static Value Of(Undefined value) => new(value, 0);

    public Kind Kind => Ref is null ? Kind.Unset : Ref.GetType() == typeof(string) ? Kind.Str : Unsafe.As<Referent>(Ref).Kind;

    public bool IsSet => Ref is not null;

    /// <summary>Set, and not missing.</summary>
    public bool IsKnown => Ref is not null && Ref != Tag.Missing;

    public bool IsUndefined => Ref is Undefined;

    public bool IsNone => Ref == Tag.None;

    public bool IsString => Ref is string || Kind is Kind.Str or Kind.Markup;

    public bool IsNumber => Kind is Kind.Int or Kind.Float or Kind.Bool or Kind.Big;

    /// <summary>An int, a big int or a bool.</summary>
    public bool IsInteger => Kind is Kind.Int or Kind.Bool or Kind.Big;

    public string Text => Ref as string ?? (Ref is Safe safe ? safe.Text : Unsafe.As<JsonTape>(Ref!).Text(Bits));

    public double Double => BitConverter.Int64BitsToDouble(Bits);

    public BigInteger Big => Ref is Large large ? large.Number : Bits;

    public PyList List => (PyList)Ref!;

    public PyTuple Tuple => (PyTuple)Ref!;

    public PyDict Dict => (PyDict)Ref!;

    public PyObject Object => (PyObject)Ref!;

    public Undefined Undefined => (Undefined)Ref!;

    /// <summary>Python's name of the type.</summary>
    public string TypeName => Kind switch
    {
        Kind.None => "NoneType",
        Kind.Bool => "bool",
        Kind.Int or Kind.Big => "int",
        Kind.Float => "float",
        Kind.Str => "str",
        Kind.Markup => "Markup",
        Kind.List => "list",
        Kind.Tuple => "tuple",
        Kind.Dict => "dict",
        Kind.Undefined => Undefined.TypeName,
        Kind.Object => Object.TypeName,
        _ => "object",
    };

    // The kinds that need no more than their bits.
    private sealed class Tag(Kind kind) : Referent(kind)
    {
        public static readonly Tag None = new(Kind.None);
        public static readonly Tag Missing = new(Kind.Missing);
        public static readonly Tag Bool = new(Kind.Bool);
        public static readonly Tag Int = new(Kind.Int);
        public static readonly Tag Float = new(Kind.Float);
    }

    private sealed class Large(BigInteger number) : Referent(Kind.Big)
    {
        public BigInteger Number => number;
    }

    private sealed class Safe(string text) : Referent(Kind.Markup)
    {
        public string Text => text;
    }
}
