using System.Text;
using System.Text.Json;
using PromptStudio.Core.Prompts;

namespace PromptStudio.Editor;

/// <summary>A declared variable while it is edited.</summary>
public sealed class ContractVariable
{
    public string Name { get; set; } = "";

    /// <summary>Empty: any type.</summary>
    public string Type { get; set; } = "";

    public bool Required { get; set; } = true;
    public string Description { get; set; } = "";

    /// <summary>As it is typed: JSON, or plain words for a text; empty: none.</summary>
    public string Default { get; set; } = "";

    /// <summary>Kept as it is.</summary>
    public JsonElement? Sample { get; init; }
}

/// <summary>A version's contract while it is edited, and how it is written.</summary>
public sealed class ContractModel
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The names of the types, in the order of the choice.</summary>
    public static IReadOnlyList<string> Types { get; } = [.. Enum.GetNames<VariableType>().Select(name => name.ToLowerInvariant())];

    public IList<ContractVariable> Variables { get; } = [];

    /// <summary>Reads a contract; one that cannot be read has no variables.</summary>
    public static ContractModel Of(string? json)
    {
        var model = new ContractModel();
        foreach (var variable in TemplateVariables.TryParse(json)?.All ?? [])
        {
            model.Variables.Add(new ContractVariable
            {
                Name = variable.Name,
                Type = variable.Type?.ToString().ToLowerInvariant() ?? "",
                Required = variable.Required,
                Description = variable.Description ?? "",
                Default = variable.Default is { } value ? VariableValues.Shown(value) : "",
                Sample = variable.Sample,
            });
        }
        return model;
    }

    /// <summary>Declares what the text reads and the contract lacks.</summary>
    /// <returns>How many were added.</returns>
    public int Add(IEnumerable<string> detected)
    {
        var missing = detected.Where(name => Variables.All(variable => variable.Name != name)).ToList();
        foreach (var name in missing)
            Variables.Add(new ContractVariable { Name = name });
        return missing.Count;
    }

    /// <summary>The contract as JSON with a line for each member; null: nothing is declared, so callers may send anything.</summary>
    public string? ToJson()
    {
        var named = Variables.Where(variable => variable.Name.Trim().Length > 0).ToList();
        if (named.Count == 0)
            return null;
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Indented))
        {
            writer.WriteStartObject();
            Write(writer, "required", named.Where(variable => variable.Required));
            Write(writer, "optional", named.Where(variable => !variable.Required));
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    /// <summary>A contract with a line for each member, so that differences are those of its content.</summary>
    public static string Written(JsonElement? contract)
    {
        if (contract is not { } json)
            return "";
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Indented))
        {
            json.WriteTo(writer);
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void Write(Utf8JsonWriter writer, string group, IEnumerable<ContractVariable> variables)
    {
        writer.WriteStartObject(group);
        foreach (var variable in variables)
        {
            writer.WriteStartObject(variable.Name.Trim());
            if (variable.Type.Length > 0)
                writer.WriteString("type", variable.Type);
            if (variable.Description.Trim() is { Length: > 0 } description)
                writer.WriteString("description", description);
            if (variable.Default.Length > 0)
            {
                writer.WritePropertyName("default");
                VariableValues.Read(variable.Type, variable.Default).WriteTo(writer);
            }
            if (variable.Sample is { } sample)
            {
                writer.WritePropertyName("sample");
                sample.WriteTo(writer);
            }
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }
}
