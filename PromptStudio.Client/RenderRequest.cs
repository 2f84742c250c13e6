using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace PromptStudio.Client;

/// <summary>A render that is asked for.</summary>
/// <param name="name">The prompt.</param>
public sealed class RenderRequest(string name)
{
    /// <summary>The prompt.</summary>
    public string Name { get; } = name;

    /// <summary>What the template is filled with; null: nothing.</summary>
    public JsonObject? Variables { get; init; }

    /// <summary>Who the prompt is for: decides the group of an experiment.</summary>
    public string? UserId { get; init; }

    /// <summary>Your id of this request: the same id again gets the first answer again. Null: the client makes one, so that its own retries log nothing twice.</summary>
    public Guid? RequestId { get; init; }

    /// <summary>The model that the prompt is for; kept with the execution.</summary>
    public string? ModelName { get; init; }

    /// <summary>This version instead of the active one.</summary>
    public int? Version { get; init; }

    /// <summary>The version that this label points to instead of the active one.</summary>
    public string? Label { get; init; }

    /// <summary>Whether a running experiment may choose the version.</summary>
    public bool EnableAbTesting { get; init; } = true;

    /// <summary>Renders and checks without storing an execution.</summary>
    public bool DryRun { get; init; }
}

/// <summary>What is sent of a <see cref="RenderRequest"/>.</summary>
internal sealed record RenderBody(
    JsonObject? Variables, string? UserId, Guid? RequestId, string? ModelName, int? Version, string? Label, bool EnableAbTesting, bool DryRun);

/// <summary>A rendered prompt.</summary>
public sealed record RenderedPrompt
{
    /// <summary>The prompt, ready to be sent to a model.</summary>
    [JsonPropertyName("rendered_prompt")]
    public required string Text { get; init; }

    /// <summary>Of a chat prompt: its messages, ready to be sent to a model instead of the text. Empty: the prompt is no chat.</summary>
    public IReadOnlyList<PromptMessage> Messages { get; init => field = value ?? []; } = [];

    /// <summary>The version that was rendered.</summary>
    public required Guid TemplateId { get; init; }

    /// <summary>The prompt.</summary>
    public required string TemplateName { get; init; }

    /// <summary>The version's number.</summary>
    public required int TemplateVersion { get; init; }

    /// <summary>The group of the experiment that chose the version; null: none did.</summary>
    public string? AbTestGroup { get; init; }

    /// <summary>The experiment.</summary>
    public Guid? ExperimentId { get; init; }

    /// <summary>What an outcome is reported for; null after a dry run.</summary>
    public Guid? ExecutionId { get; init; }

    /// <summary>What guardrails found that did not block.</summary>
    public IReadOnlyList<GuardrailViolation> GuardrailViolations { get; init; } = [];

    /// <summary>Whether the studio could not be asked, and the last known version was rendered here. Only local mode does that.</summary>
    [JsonIgnore]
    public bool IsFallback { get; init; }
}

/// <summary>A message of a chat prompt.</summary>
/// <param name="Role"><c>system</c>, <c>user</c>, <c>assistant</c>, <c>developer</c> or <c>tool</c>.</param>
/// <param name="Content">What is said.</param>
public sealed record PromptMessage(string Role, string Content);

/// <summary>What a guardrail found; never the text that it found.</summary>
public sealed record GuardrailViolation
{
    /// <summary>The guardrail.</summary>
    public required string Name { get; init; }

    /// <summary>What it looks for, e.g. <c>regex</c> or <c>pii</c>.</summary>
    public string RuleType { get; init; } = "";

    /// <summary><c>blocking</c>, <c>warning</c> or <c>logging</c>.</summary>
    public string EnforcementLevel { get; init; } = "";

    /// <summary>One sentence for people.</summary>
    public string Message { get; init; } = "";

    /// <summary><c>blocked</c>, <c>would_block</c>, <c>warned</c> or <c>error</c>.</summary>
    public string Outcome { get; init; } = "";

    /// <summary>Which text it looked at: <c>rendered_prompt</c>, <c>variables</c> or <c>response</c>.</summary>
    public string Scope { get; init; } = "";

    /// <summary>With the scope <c>variables</c>: which one.</summary>
    public string? Variable { get; init; }

    /// <summary>What kind of thing, e.g. <c>CREDIT_CARD</c>.</summary>
    public string? Entity { get; init; }

    /// <summary>Where the first place begins, in code points; null: the text as a whole.</summary>
    public int? Start { get; init; }

    /// <summary>Where the first place ends.</summary>
    public int? End { get; init; }
}
