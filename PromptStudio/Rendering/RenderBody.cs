using System.Text.Json;
using System.Text.Json.Serialization;
using PromptStudio.Core.Prompts;
using PromptStudio.Guardrails;

namespace PromptStudio.Rendering;

/// <summary>What a caller asks for.</summary>
public sealed record RenderBody
{
    /// <summary>The variables of the template, a JSON object; absent: none.</summary>
    public JsonElement? Variables { get; init; }

    /// <summary>Who the prompt is for: decides the group of an experiment.</summary>
    public string? UserId { get; init; }

    /// <summary>The caller's own id of this request: the same id again gets the first answer again.</summary>
    public Guid? RequestId { get; init; }

    /// <summary>The model that the prompt is for.</summary>
    public string? ModelName { get; init; }

    /// <summary>This version instead of the active one.</summary>
    public int? Version { get; init; }

    /// <summary>The version that this label points to instead of the active one; <c>production</c> is the active one.</summary>
    public string? Label { get; init; }

    /// <summary>Whether a running experiment may choose the version.</summary>
    /// <remarks>Set, not init: of an init property that the body leaves out, the generated reader would forget the default.</remarks>
    public bool EnableAbTesting { get; set; } = true;

    /// <summary>Renders without storing an execution.</summary>
    public bool DryRun { get; init; }
}

/// <summary>The answer to a render.</summary>
public sealed record RenderedPrompt
{
    [JsonPropertyName("rendered_prompt")]
    public required string Text { get; init; }

    /// <summary>Of a chat prompt: its messages. Absent: it is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<PromptMessage>? Messages { get; init; }

    public required Guid TemplateId { get; init; }
    public required string TemplateName { get; init; }
    public required int TemplateVersion { get; init; }
    public string? AbTestGroup { get; init; }
    public Guid? ExperimentId { get; init; }

    /// <summary>Null after a dry run.</summary>
    public Guid? ExecutionId { get; init; }

    /// <summary>What guardrails found that did not block; those that only log are not told.</summary>
    public IReadOnlyList<Violation> GuardrailViolations { get; init; } = [];
}

/// <summary>A message of a chat prompt.</summary>
/// <param name="Role"><c>system</c>, <c>user</c>, <c>assistant</c>, <c>developer</c> or <c>tool</c>.</param>
/// <param name="Content">What is said.</param>
public sealed record PromptMessage(string Role, string Content)
{
    /// <summary>The messages of a rendered text; null: it is no chat.</summary>
    public static IReadOnlyList<PromptMessage>? Of(string text, IReadOnlyList<ChatMessage> messages) =>
        messages.Count == 0 ? null : [.. messages.Select(message => new PromptMessage(message.Role, text[message.Start..message.End]))];
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(RenderBody))]
[JsonSerializable(typeof(RenderedPrompt))]
[JsonSerializable(typeof(IReadOnlyList<Violation>))]
internal sealed partial class RenderingJson : JsonSerializerContext;
