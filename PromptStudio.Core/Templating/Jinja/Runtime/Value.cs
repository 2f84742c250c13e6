using System.Numerics;

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

/// <summary>A Python value: a kind with 64 bits or a reference. Strings are UTF-16 here and code points to the template.</summary>
internal readonly struct Value
{
    public readonly object? Ref;
    public readonly long Bits;
    public readonly Kind Kind;

    private Value(Kind kind, object? reference, long bits)
    {
        Kind = kind;
        Ref = reference;
        Bits = bits;
    }

    public static readonly Value None = new(Kind.None, null, 0);
    public static readonly Value Missing = new(Kind.Missing, null, 0);
    public static readonly Value True = new(Kind.Bool, null, 1);
    public static readonly Value False = new(Kind.Bool, null, 0);
    public static readonly Value EmptyString = new(Kind.Str, string.Empty, 0);

    public static Value Of(bool value) => value ? True : False;

    public static Value Of(long value) => new(Kind.Int, null, value);

    public static Value Of(double value) => new(Kind.Float, null, BitConverter.DoubleToInt64Bits(value));

    public static Value Of(string value) => new(Kind.Str, value, 0);

    public static Value Of(BigInteger value) =>
        value >= long.MinValue && value <= long.MaxValue ? Of((long)value) : new(Kind.Big, value, 0);

    public static Value Markup(string value) => new(Kind.Markup, value, 0);

    public static Value Of(PyList value) => new(Kind.List, value, 0);

    public static Value Of(PyTuple value) => new(Kind.Tuple, value, 0);

    public static Value Of(PyDict value) => new(Kind.Dict, value, 0);

    public static Value Of(Undefined value) => new(Kind.Undefined, value, 0);

    public static Value Of(PyObject value) => value switch
    {
        PyList list => Of(list),
        PyTuple tuple => Of(tuple),
        PyDict dict => Of(dict),
        _ => new(Kind.Object, value, 0),
    };

    public bool IsSet => Kind != Kind.Unset;

    public bool IsUndefined => Kind == Kind.Undefined;

    public bool IsNone => Kind == Kind.None;

    public bool IsString => Kind is Kind.Str or Kind.Markup;

    public bool IsNumber => Kind is Kind.Int or Kind.Float or Kind.Bool or Kind.Big;

    /// <summary>An int, a big int or a bool.</summary>
    public bool IsInteger => Kind is Kind.Int or Kind.Bool or Kind.Big;

    public string Text => (string)Ref!;

    public double Double => BitConverter.Int64BitsToDouble(Bits);

    public BigInteger Big => Kind == Kind.Big ? (BigInteger)Ref! : Bits;

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
}
