using System.Text.Json;

namespace PromptStudio.Core.Prompts;

/// <summary>The contract of a version: the variables that its callers must or may give (column <c>template_variables</c>).</summary>
/// <remarks>
/// JSON: <c>{"required": …, "optional": …}</c>, each a list of names, or an object from name to a type, or to
/// <c>{type, default, description, sample}</c>.
/// </remarks>
public sealed class TemplateVariables
{
    private readonly Dictionary<string, TemplateVariable> _byName;
    private readonly TemplateVariable[] _withDefault;

    private TemplateVariables(IReadOnlyList<TemplateVariable> variables)
    {
        All = variables;
        _withDefault = [.. variables.Where(variable => variable.Default is not null)];
        _byName = variables.ToDictionary(variable => variable.Name, StringComparer.Ordinal);
    }

    /// <summary>A contract that asks for nothing.</summary>
    public static TemplateVariables None { get; } = new([]);

    /// <summary>Every declared variable, the required ones first, in the order of declaration.</summary>
    public IReadOnlyList<TemplateVariable> All { get; }

    /// <summary>The declared variable of that name, or null.</summary>
    public TemplateVariable? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Reads a contract.</summary>
    /// <param name="json">The JSON of the column, or null for no contract.</param>
    /// <exception cref="FormatException">The JSON is no contract; the message names the member.</exception>
    public static TemplateVariables Parse(string? json)
    {
        if (string.IsNullOrWhiteSpace(json))
            return None;
        try
        {
            using var document = JsonDocument.Parse(json);
            return Parse(document.RootElement);
        }
        catch (JsonException exception)
        {
            throw new FormatException($"template_variables is not JSON: {exception.Message}", exception);
        }
    }

    /// <summary>Reads a contract; null when it is none.</summary>
    public static TemplateVariables? TryParse(string? json)
    {
        try
        {
            return Parse(json);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <inheritdoc cref="Parse(string?)"/>
    public static TemplateVariables Parse(JsonElement contract)
    {
        if (contract.ValueKind == JsonValueKind.Null)
            return None;
        if (contract.ValueKind != JsonValueKind.Object)
            throw new FormatException("template_variables must be an object with 'required' and 'optional'.");
        var variables = new List<TemplateVariable>();
        foreach (var group in contract.EnumerateObject())
        {
            if (group.Name is not ("required" or "optional"))
                throw new FormatException($"template_variables has only 'required' and 'optional', not '{group.Name}'.");
        }
        Read(contract, "required", variables);
        Read(contract, "optional", variables);
        var twice = variables.GroupBy(variable => variable.Name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1);
        return twice is null
            ? new TemplateVariables(variables)
            : throw new FormatException($"template_variables declares '{twice.Key}' twice.");
    }

    /// <summary>Checks what a caller gave; every missing and mistyped variable is reported at once.</summary>
    /// <param name="given">A JSON object.</param>
    /// <returns>The problems, in the order of declaration; empty when the variables keep the contract.</returns>
    public IReadOnlyList<VariableProblem> Check(JsonElement given)
    {
        List<VariableProblem>? problems = null;
        foreach (var variable in All)
        {
            var problem = given.TryGetProperty(variable.Name, out var value) && value.ValueKind != JsonValueKind.Null
                ? Mistyped(variable, value)
                : Missing(variable);
            if (problem is not null)
                (problems ??= []).Add(problem);
        }
        return problems ?? (IReadOnlyList<VariableProblem>)[];
    }

    /// <summary>What the template gets: the given variables, and the default of each declared one that is absent or null.</summary>
    /// <param name="given">A JSON object.</param>
    public JsonElement WithDefaults(JsonElement given)
    {
        if (_withDefault.Length == 0)
            return given;
        var absent = Array.FindAll(_withDefault, variable => !given.TryGetProperty(variable.Name, out var value) || value.ValueKind == JsonValueKind.Null);
        if (absent.Length == 0)
            return given;
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var member in given.EnumerateObject())
            {
                if (!Array.Exists(absent, variable => variable.Name == member.Name))
                    member.WriteTo(writer);
            }
            foreach (var variable in absent)
            {
                writer.WritePropertyName(variable.Name);
                variable.Default!.Value.WriteTo(writer);
            }
            writer.WriteEndObject();
        }
        using var document = JsonDocument.Parse(buffer.GetBuffer().AsMemory(0, (int)buffer.Length));
        return document.RootElement.Clone();
    }

    private static VariableProblem? Missing(TemplateVariable variable) =>
        variable is { Required: true, Default: null } ? new VariableProblem(variable.Name, VariableProblemKind.Missing, $"'{variable.Name}' is required.") : null;

    private static VariableProblem? Mistyped(TemplateVariable variable, JsonElement value) =>
        variable.Type is not { } type || type.Accepts(value)
            ? null
            : new VariableProblem(variable.Name, VariableProblemKind.Mistyped,
                $"'{variable.Name}' must be {type.WithArticle()}, not {VariableTypes.Describe(value)}.");

    private static void Read(JsonElement contract, string group, List<TemplateVariable> variables)
    {
        if (!contract.TryGetProperty(group, out var declared) || declared.ValueKind == JsonValueKind.Null)
            return;
        var required = group == "required";
        if (declared.ValueKind == JsonValueKind.Array)
        {
            foreach (var name in declared.EnumerateArray())
            {
                variables.Add(name.ValueKind == JsonValueKind.String
                    ? new TemplateVariable(Name(group, name.GetString()!), required)
                    : throw new FormatException($"template_variables.{group} must list names."));
            }
        }
        else if (declared.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in declared.EnumerateObject())
                variables.Add(Declaration(group, Name(group, member.Name), required, member.Value));
        }
        else
        {
            throw new FormatException($"template_variables.{group} must be a list of names or an object.");
        }
    }

    private static TemplateVariable Declaration(string group, string name, bool required, JsonElement value)
    {
        var place = $"template_variables.{group}.{name}";
        if (value.ValueKind == JsonValueKind.String)
            return new TemplateVariable(name, required) { Type = VariableTypes.Parse(value.GetString()!, place) };
        if (value.ValueKind != JsonValueKind.Object)
            throw new FormatException($"{place} must be a type or an object with 'type', 'default', 'description' and 'sample'.");
        var variable = new TemplateVariable(name, required);
        foreach (var member in value.EnumerateObject())
        {
            variable = member.Name switch
            {
                "type" => variable with { Type = VariableTypes.Parse(Text(member, place), place) },
                "description" => variable with { Description = Text(member, place) },
                "sample" => variable with { Sample = member.Value.Clone() },
                "default" => variable with { Default = member.Value.Clone() },
                _ => throw new FormatException($"{place} has no member '{member.Name}'; it may have 'type', 'default', 'description' and 'sample'."),
            };
        }
        if (variable is { Type: { } type, Default: { } value2 } && !type.Accepts(value2))
            throw new FormatException($"{place}.default must be {type.WithArticle()}, not {VariableTypes.Describe(value2)}.");
        return variable;
    }

    private static string Text(JsonProperty member, string place) => member.Value.ValueKind == JsonValueKind.String
        ? member.Value.GetString()!
        : throw new FormatException($"{place}.{member.Name} must be text.");

    private static string Name(string group, string name) =>
        name.Length > 0 ? name : throw new FormatException($"template_variables.{group} has an empty name.");
}

/// <summary>One declared variable.</summary>
/// <param name="Name">Its name in the template.</param>
/// <param name="Required">Whether callers must give it.</param>
public sealed record TemplateVariable(string Name, bool Required)
{
    /// <summary>The JSON type that its value must have; null: any.</summary>
    public VariableType? Type { get; init; }

    /// <summary>What the template gets when the caller gives nothing.</summary>
    public JsonElement? Default { get; init; }

    /// <summary>What it is for, shown in the studio.</summary>
    public string? Description { get; init; }

    /// <summary>A value to preview with.</summary>
    public JsonElement? Sample { get; init; }
}

/// <summary>What is wrong with a variable that a caller gave, or did not give.</summary>
public enum VariableProblemKind
{
    /// <summary>Required, and absent or null.</summary>
    Missing,

    /// <summary>Given with another type than declared.</summary>
    Mistyped,
}

/// <summary>One variable that breaks the contract.</summary>
public sealed record VariableProblem(string Name, VariableProblemKind Kind, string Message);
