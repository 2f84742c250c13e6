using System.Text.Json;

namespace PromptStudio.Guardrails;

/// <summary>Texts that a guardrail finds and that are none the less right.</summary>
/// <param name="Texts">Compared with what was found, without case.</param>
/// <param name="Patterns">Regular expressions that match the whole of what was found; they run in linear time.</param>
public sealed record AllowedTexts(IReadOnlyList<string>? Texts = null, IReadOnlyList<string>? Patterns = null);

/// <summary>A guardrail that is to be made.</summary>
public sealed record NewGuardrail
{
    public required string Name { get; init; }
    public string? Description { get; init; }
    public required string RuleType { get; init; }

    /// <summary>An object, by rule type.</summary>
    public required JsonElement RuleConfig { get; init; }

    /// <summary><c>blocking</c>, <c>warning</c> or <c>logging</c>.</summary>
    public string EnforcementLevel { get; init; } = GuardrailWords.Blocking;

    /// <summary>For how many users of a hundred a blocking guardrail blocks; the others are warned.</summary>
    public double EnforcementPercentage { get; init; } = 100;

    /// <summary><c>rendered_prompt</c>, <c>variables</c> or <c>response</c>.</summary>
    public string Scope { get; init; } = GuardrailWords.RenderedPrompt;

    /// <summary>With the scope <c>variables</c>: those that it looks at, e.g. <c>query</c> or <c>user.email</c>; empty: all.</summary>
    public IReadOnlyList<string>? Variables { get; init; }

    /// <summary>Names of prompts or categories; empty: all prompts.</summary>
    public IReadOnlyList<string>? AppliesTo { get; init; }

    /// <summary>What a guardrail that cannot look counts as: <c>allow</c>, or <c>block</c> for a hit.</summary>
    public string OnError { get; init; } = GuardrailWords.Allow;

    /// <summary>What is told about a hit instead of the rule's own words.</summary>
    public string? Message { get; init; }

    /// <summary>Whether what is found is blacked out in what is stored.</summary>
    public bool Redact { get; init; }

    public AllowedTexts? AllowList { get; init; }
    public bool IsActive { get; init; } = true;

    /// <summary>What the rule needs to reach a model. It is stored encrypted, and never given out again.</summary>
    public string? Secret { get; init; }
}

/// <summary>What is to change of a guardrail; what is absent stays as it is.</summary>
public sealed record GuardrailEdit
{
    public string? Name { get; init; }

    /// <summary>Empty: none.</summary>
    public string? Description { get; init; }

    public string? RuleType { get; init; }

    /// <summary>An object, by rule type; all of it.</summary>
    public JsonElement? RuleConfig { get; init; }

    public string? EnforcementLevel { get; init; }
    public double? EnforcementPercentage { get; init; }
    public string? Scope { get; init; }
    public IReadOnlyList<string>? Variables { get; init; }
    public IReadOnlyList<string>? AppliesTo { get; init; }
    public string? OnError { get; init; }

    /// <summary>Empty: the rule's own words.</summary>
    public string? Message { get; init; }

    public bool? Redact { get; init; }

    /// <summary>All of it; without texts and patterns: nothing is allowed.</summary>
    public AllowedTexts? AllowList { get; init; }

    public bool? IsActive { get; init; }

    /// <summary>Takes the place of the one before; empty: none.</summary>
    public string? Secret { get; init; }
}

/// <summary>A text to try guardrails on.</summary>
public sealed record GuardrailTest
{
    public required string Text { get; init; }

    /// <summary>What the text would have been made from, an object; for expressions.</summary>
    public JsonElement Variables { get; init; }

    /// <summary>Stored guardrails, also inactive ones; absent: all active ones, unless <see cref="Rule"/> is given.</summary>
    public IReadOnlyList<Guid>? GuardrailIds { get; init; }

    /// <summary>A rule that need not be saved.</summary>
    public UnsavedRule? Rule { get; init; }
}

/// <summary>A rule as a guardrail would have it.</summary>
public sealed record UnsavedRule
{
    public required string RuleType { get; init; }

    /// <summary>An object, by rule type.</summary>
    public required JsonElement RuleConfig { get; init; }

    public AllowedTexts? AllowList { get; init; }

    /// <summary>What is told about a hit instead of the rule's own words.</summary>
    public string? Message { get; init; }

    /// <summary>What a <c>model_check</c> needs to reach its model; it is not stored.</summary>
    public string? Secret { get; init; }
}
