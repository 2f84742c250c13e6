using PromptStudio.Core.Experiments;

namespace PromptStudio.Core.Guardrails;

/// <summary>What is done about a hit.</summary>
public enum EnforcementLevel
{
    /// <summary>The prompt is not handed out.</summary>
    Blocking,

    /// <summary>The prompt is handed out, and the answer says what was found.</summary>
    Warning,

    /// <summary>What was found is stored, and nobody is told.</summary>
    Logging,
}

/// <summary>Which text a guardrail looks at.</summary>
public enum GuardrailScope
{
    /// <summary>The prompt as it would be sent.</summary>
    RenderedPrompt,

    /// <summary>The values that callers give, apart from the template's own text: it may say what no caller should.</summary>
    Variables,

    /// <summary>What the model answered, once the caller reports it.</summary>
    Response,
}

/// <summary>What a guardrail that cannot be kept counts as.</summary>
public enum OnError
{
    /// <summary>The prompt is handed out, and the failure is reported.</summary>
    Allow,

    /// <summary>The failure counts as a hit.</summary>
    Block,
}

/// <summary>A guardrail as people define it: which rule looks at which texts of which prompts, and what is done about what it finds.</summary>
public sealed record Guardrail
{
    public required Guid Id { get; init; }
    public required string Name { get; init; }

    /// <summary>One of <see cref="Guardrails.RuleType"/>.</summary>
    public required string RuleType { get; init; }

    /// <summary>JSON, by rule type.</summary>
    public required string RuleConfig { get; init; }

    public EnforcementLevel Level { get; init; } = EnforcementLevel.Blocking;

    /// <summary>For how many users of a hundred a blocking guardrail blocks; the others are warned, and counted as what would have been blocked. 0 to 100.</summary>
    public double EnforcementPercentage { get; init; } = 100;

    public GuardrailScope Scope { get; init; } = GuardrailScope.RenderedPrompt;

    /// <summary>With <see cref="GuardrailScope.Variables"/>: the names of those it looks at; empty: all.</summary>
    public IReadOnlyList<string> Variables { get; init; } = [];

    /// <summary>Names of prompts or categories; empty: all.</summary>
    public IReadOnlyList<string> AppliesTo { get; init; } = [];

    public OnError OnError { get; init; } = OnError.Allow;

    /// <summary>What is told about a hit instead of the rule's own words.</summary>
    public string? Message { get; init; }

    /// <summary>Whether what is found is blacked out in what is stored.</summary>
    public bool Redact { get; init; }

    /// <summary>What the rule needs to reach a model, encrypted; null: nothing.</summary>
    public string? SecretProtected { get; init; }

    /// <summary>Texts that are no hit.</summary>
    public AllowList Allowed { get; init; } = AllowList.Empty;

    /// <summary>Whether it looks at a prompt.</summary>
    public bool AppliesToPrompt(string name, string category) => AppliesTo.Count == 0 || AppliesTo.Contains(name) || AppliesTo.Contains(category);

    /// <summary>Whether it blocks for a user: always the same answer for the same user, and those of a lower percentage stay in at a higher one.</summary>
    /// <param name="unit">The user; for a render that names none, its execution.</param>
    public bool BlocksFor(string unit) => Level == EnforcementLevel.Blocking
        && (EnforcementPercentage >= 100 || Bucket.Of(Id.ToString(), unit) < EnforcementPercentage / 100);
}
