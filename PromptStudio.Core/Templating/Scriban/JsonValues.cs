using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Scriban.Runtime;

namespace PromptStudio.Core.Templating.Scriban;

/// <summary>
/// Makes Scriban's values of JSON: objects, arrays, strings, <c>long</c>, <c>double</c>, <c>bool</c> and null, and <see cref="BigInteger"/>
/// for integers of more than 64 bits and up to <see cref="LongestInteger"/> digits. Nothing else ever reaches a template.
/// </summary>
internal ref struct JsonValues
{
    private const int LongestInteger = 300;

    /// <summary>The characters of the longest string so far.</summary>
    public int LongestText { get; private set; }

    /// <summary>Adds the members of a JSON object; of equal names the last counts.</summary>
    public void Fill(ScriptObject target, JsonElement json)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        foreach (var member in json.EnumerateObject())
        {
            target.SetValue(member.Name, Value(member.Value), false);
        }
    }

    private object? Value(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => Text(json.GetString()!),
        JsonValueKind.Number => Number(json),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Array => Array(json),
        JsonValueKind.Object => Object(json),
        _ => null,
    };

    private string Text(string text)
    {
        LongestText = Math.Max(LongestText, text.Length);
        return text;
    }

    private static object Number(JsonElement json)
    {
        if (json.TryGetInt64(out var integer))
        {
            return integer;
        }

        var digits = json.GetRawText();
        return digits.Length <= LongestInteger && BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var big)
            ? big : json.GetDouble();
    }

    private ScriptArray Array(JsonElement json)
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        var array = new ScriptArray(json.GetArrayLength());
        foreach (var item in json.EnumerateArray())
        {
            array.Add(Value(item));
        }

        return array;
    }

    private ScriptObject Object(JsonElement json)
    {
        var made = new ScriptObject(json.GetPropertyCount());
        Fill(made, json);
        return made;
    }
}
