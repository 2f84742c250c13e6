using System.Text.Json;
using System.Text.Json.Serialization;

namespace PromptStudio.Guardrails;

/// <summary>What a guardrail found, as callers see it. Never the text that it found.</summary>
/// <param name="Name">The guardrail.</param>
/// <param name="RuleType">What it looks for.</param>
/// <param name="EnforcementLevel"><c>blocking</c>, <c>warning</c> or <c>logging</c>.</param>
/// <param name="Message">One sentence for people.</param>
/// <param name="Start">Where the first place begins, in code points; null: the text as a whole.</param>
/// <param name="End">Where the first place ends.</param>
public sealed record Violation(string Name, string RuleType, string EnforcementLevel, string Message, int? Start = null, int? End = null)
{
    /// <summary>Characters of a variable's path that are kept.</summary>
    public const int VariableMaxLength = 255;

    public Guid? GuardrailId { get; init; }

    /// <summary><c>blocked</c>, <c>would_block</c> (it blocks, but not for this user yet), <c>warned</c>, or <c>error</c>: it could not look.</summary>
    public string Outcome { get; init; } = ViolationOutcome.Warned;

    /// <summary>Which text it looked at: <c>rendered_prompt</c>, <c>variables</c> or <c>response</c>.</summary>
    public string Scope { get; init; } = GuardrailWords.RenderedPrompt;

    /// <summary>With the scope <c>variables</c>: which one, e.g. <c>user.email</c>; <c>start</c> and <c>end</c> are of its value.</summary>
    public string? Variable { get; init; }

    /// <summary>What kind of thing, e.g. <c>CREDIT_CARD</c>; null: the rule has one kind only.</summary>
    public string? Entity { get; init; }

    /// <summary>Places where it found something; 0: it could not look.</summary>
    public int Hits { get; init; } = 1;

    /// <summary>Whether callers are told.</summary>
    [JsonIgnore]
    public bool IsTold => EnforcementLevel != GuardrailWords.Logging;

    /// <summary>The JSON of the column <c>guardrail_violations</c>; null: nothing was found.</summary>
    internal static string? Write(IReadOnlyList<Violation> violations) =>
        violations.Count == 0 ? null : JsonSerializer.Serialize(violations, ViolationJson.Default.IReadOnlyListViolation);

    /// <summary>What <see cref="Write"/> wrote.</summary>
    internal static IReadOnlyList<Violation> Read(string? json) =>
        json is null ? [] : JsonSerializer.Deserialize(json, ViolationJson.Default.IReadOnlyListViolation) ?? [];

    /// <summary>With a path that is no longer than what is kept of it.</summary>
    internal Violation WithVariable(string? path) => path is { Length: >= VariableMaxLength }
        ? this with { Variable = string.Concat(path.AsSpan(0, VariableMaxLength - (char.IsHighSurrogate(path[VariableMaxLength - 2]) ? 2 : 1)), "…") }
        : this with { Variable = path };

    /// <summary>As a row.</summary>
    internal GuardrailViolation ToRow(Guid id, DateTimeOffset createdAt, Guid executionId, string promptName, Guid templateId) => new()
    {
        Id = id,
        CreatedAt = createdAt,
        ExecutionId = executionId,
        GuardrailId = GuardrailId!.Value,
        Name = Name,
        RuleType = RuleType,
        EnforcementLevel = EnforcementLevel,
        Outcome = Outcome,
        Scope = Scope,
        Variable = Variable,
        PromptName = promptName,
        TemplateId = templateId,
        Hits = Hits,
        Message = Message,
        Entity = Entity,
        Start = Start,
        End = End,
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<Violation>))]
internal sealed partial class ViolationJson : JsonSerializerContext;
