using System.Text.Json;
using System.Text.Json.Nodes;
using PromptStudio.Core.Prompts;

namespace PromptStudio.Editor;

/// <summary>The values that a preview fills the template with: a field for each variable, and the same as JSON.</summary>
public sealed class VariableValues
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private JsonObject _values = [];

    /// <summary>The values as JSON.</summary>
    public JsonElement Json => JsonSerializer.SerializeToElement(_values);

    /// <summary>The values as people edit them.</summary>
    public string Text => JsonSerializer.Serialize(_values, Indented);

    /// <summary>What a contract's samples and defaults say; a required variable without either has an example of its type.</summary>
    public static VariableValues Of(TemplateVariables contract)
    {
        var values = new VariableValues();
        foreach (var variable in contract.All)
        {
            if ((variable.Sample ?? variable.Default) is { } value)
                values.Set(variable.Name, value);
            else if (variable.Required)
                values.Set(variable.Name, Example(variable));
        }
        return values;
    }

    /// <summary>Takes values as a whole.</summary>
    /// <returns>False: the text is no JSON object, and nothing changed.</returns>
    public bool TryReplace(string text)
    {
        try
        {
            if (JsonNode.Parse(text) is not JsonObject values)
                return false;
            // Reading it to the end finds names that stand twice.
            _ = values.Count;
            _values = values;
            return true;
        }
        catch (Exception exception) when (exception is JsonException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>What a field shows; empty: the variable is not given.</summary>
    public string Shown(string name) => _values.TryGetPropertyValue(name, out var value) ? value is null ? "null" : Shown(JsonSerializer.SerializeToElement(value)) : "";

    public bool Has(string name) => _values.ContainsKey(name);

    /// <summary>Takes what was typed into a field.</summary>
    /// <param name="name">The variable.</param>
    /// <param name="type">Its declared type; empty: any.</param>
    /// <param name="typed">Empty: the variable is not given, unless it is a text.</param>
    public void Set(string name, string type, string typed)
    {
        if (typed.Length == 0 && type is not "string")
            _values.Remove(name);
        else
            Set(name, Read(type, typed));
    }

    public void Set(string name, JsonElement value) => _values[name] = JsonNode.Parse(value.GetRawText());

    public void Remove(string name) => _values.Remove(name);

    /// <summary>What was typed, as the type wants it; what cannot be read so stays a text, and the check of the contract says it.</summary>
    public static JsonElement Read(string type, string typed)
    {
        if (type != "string")
        {
            try
            {
                return JsonElement.Parse(typed);
            }
            catch (JsonException)
            {
                // Words without quotes.
            }
        }
        return JsonSerializer.SerializeToElement(typed);
    }

    /// <summary>A text as it is, anything else as JSON.</summary>
    public static string Shown(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : JsonSerializer.Serialize(value, Indented);

    private static JsonElement Example(TemplateVariable variable) => JsonElement.Parse(variable.Type switch
    {
        VariableType.Integer or VariableType.Number => "1",
        VariableType.Boolean => "true",
        VariableType.Array => "[]",
        VariableType.Object => "{}",
        _ => JsonSerializer.Serialize(variable.Name.Replace('_', ' ')),
    });
}
