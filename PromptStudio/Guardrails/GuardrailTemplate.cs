using System.Text.Json;
using PromptStudio.Core.Guardrails;

namespace PromptStudio.Guardrails;

/// <summary>A rule that is ready to be taken over.</summary>
public sealed record GuardrailTemplate
{
    /// <summary>Stays the same.</summary>
    public required string Key { get; init; }

    public required string Name { get; init; }
    public required string Description { get; init; }
    public required string RuleType { get; init; }
    public required JsonElement RuleConfig { get; init; }

    /// <summary>What is suggested to be done about a hit.</summary>
    public required string EnforcementLevel { get; init; }

    public required string Scope { get; init; }
    public required string? Message { get; init; }

    public static GuardrailTemplate Of(RuleTemplate template) => new()
    {
        Key = template.Key,
        Name = template.Name,
        Description = template.Description,
        RuleType = template.RuleType,
        RuleConfig = JsonElement.Parse(template.RuleConfig),
        EnforcementLevel = GuardrailWords.Of(template.Level),
        Scope = GuardrailWords.Of(template.Scope),
        Message = template.Message,
    };
}
