using System.Text.Json;

namespace PromptStudio.Prompts;

/// <summary>A prompt that is to be made, with its first version.</summary>
public sealed record NewPrompt
{
    public required string Name { get; init; }
    public string? Description { get; init; }
    public string? Category { get; init; }
    public required string TemplateText { get; init; }

    /// <summary><c>jinja2</c> or <c>scriban</c>.</summary>
    public string TemplateFormat { get; init; } = "jinja2";

    /// <summary>The contract: <c>{"required": …, "optional": …}</c>; absent: any variables.</summary>
    public JsonElement TemplateVariables { get; init; }

    /// <summary>What the version is about.</summary>
    public string? Message { get; init; }

    /// <summary>Needs the right to administer.</summary>
    public bool IsProtected { get; init; }

    /// <summary>Needs the right to administer.</summary>
    public bool RequiresApproval { get; init; }
}

/// <summary>A version that is to be made from another one; what is absent is taken from it.</summary>
public sealed record NewVersion
{
    public string? TemplateText { get; init; }
    public string? TemplateFormat { get; init; }

    /// <summary>The contract; null: any variables.</summary>
    public JsonElement TemplateVariables { get; init; }

    /// <summary>What the version is about.</summary>
    public string? Message { get; init; }
}

/// <summary>What is to change of a draft, and of its prompt; what is absent stays as it is.</summary>
public sealed record PromptEdit
{
    public string? TemplateText { get; init; }
    public string? TemplateFormat { get; init; }

    /// <summary>The contract; null: any variables.</summary>
    public JsonElement TemplateVariables { get; init; }

    /// <summary>What the version is about; empty: nothing is said.</summary>
    public string? Message { get; init; }

    /// <summary>Of the whole prompt; empty: none.</summary>
    public string? Description { get; init; }

    /// <summary>Of the whole prompt; empty: none.</summary>
    public string? Category { get; init; }

    /// <summary>Of the whole prompt, while no version of it was executed.</summary>
    public string? Name { get; init; }

    /// <summary>Of the whole prompt; needs the right to administer.</summary>
    public bool? IsProtected { get; init; }

    /// <summary>Of the whole prompt; needs the right to administer.</summary>
    public bool? RequiresApproval { get; init; }

    /// <summary>Of the whole prompt: <c>full</c>, <c>redacted</c>, <c>hash</c> or <c>none</c>, for executions from now on; needs the right to administer.</summary>
    public string? StoreRenderedPrompt { get; init; }
}

/// <summary>How a version is put into service.</summary>
public sealed record ActivateBody
{
    /// <summary>Whether the contract check is overridden.</summary>
    public bool Force { get; init; }
}

/// <summary>Which version comes back into service.</summary>
public sealed record RollbackBody
{
    public required int Version { get; init; }

    /// <summary>Whether the contract check is overridden.</summary>
    public bool Force { get; init; }
}

/// <summary>Where a label points.</summary>
public sealed record LabelBody
{
    public required int Version { get; init; }
}
