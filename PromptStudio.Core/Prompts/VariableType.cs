using System.Text.Json;

namespace PromptStudio.Core.Prompts;

/// <summary>The JSON type of a variable.</summary>
public enum VariableType
{
    /// <summary>Text.</summary>
    String,

    /// <summary>A number without fraction and exponent.</summary>
    Integer,

    /// <summary>Any number.</summary>
    Number,

    /// <summary>true or false.</summary>
    Boolean,

    /// <summary>A list.</summary>
    Array,

    /// <summary>An object.</summary>
    Object,
}

/// <summary>How types are written, and what each accepts.</summary>
public static class VariableTypes
{
    /// <summary>Reads a type's name.</summary>
    /// <param name="name">As in the contract, e.g. <c>integer</c>.</param>
    /// <param name="place">Where the name stands, for the message.</param>
    /// <exception cref="FormatException">There is no such type.</exception>
    public static VariableType Parse(string name, string place) => name switch
    {
        "string" => VariableType.String,
        "integer" => VariableType.Integer,
        "number" => VariableType.Number,
        "boolean" => VariableType.Boolean,
        "array" => VariableType.Array,
        "object" => VariableType.Object,
        _ => throw new FormatException($"{place} has no type '{name}'; types are string, integer, number, boolean, array and object."),
    };

    /// <summary>Whether a value has the type. <c>5.0</c> is no integer: a template would print it as 5.0.</summary>
    public static bool Accepts(this VariableType type, JsonElement value) => type switch
    {
        VariableType.String => value.ValueKind == JsonValueKind.String,
        VariableType.Integer => value.ValueKind == JsonValueKind.Number && value.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') < 0,
        VariableType.Number => value.ValueKind == JsonValueKind.Number,
        VariableType.Boolean => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        VariableType.Array => value.ValueKind == JsonValueKind.Array,
        VariableType.Object => value.ValueKind == JsonValueKind.Object,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    internal static string WithArticle(this VariableType type) => type switch
    {
        VariableType.Integer => "an integer",
        VariableType.Array => "an array",
        VariableType.Object => "an object",
        VariableType.String => "a string",
        VariableType.Number => "a number",
        VariableType.Boolean => "a boolean",
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    internal static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "a string",
        JsonValueKind.Number => VariableType.Integer.Accepts(value) ? "an integer" : "a number with a fraction",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        JsonValueKind.Array => "an array",
        JsonValueKind.Object => "an object",
        _ => "null",
    };
}
