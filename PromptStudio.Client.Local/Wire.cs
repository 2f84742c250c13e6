using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace PromptStudio.Client.Local;

/// <summary>A version that can be rendered here.</summary>
internal sealed record KeptVersion
{
    public required Guid TemplateId { get; init; }
    public required string Name { get; init; }
    public required int Version { get; init; }
    public required IReadOnlyList<string> Labels { get; init; }
    public required string TemplateFormat { get; init; }
    public required string TemplateText { get; init; }
    public JsonElement? TemplateVariables { get; init; }
    public required Dictionary<string, string> Includes { get; init; }
    public required bool IsGuarded { get; init; }
    public string? NotLocal { get; init; }
}

/// <summary>The catalogue, as the studio gives it and the file keeps it.</summary>
internal sealed record KeptCatalogue(string Revision, IReadOnlyList<KeptVersion> Versions)
{
    /// <summary>What the next question sends as If-None-Match; the studio says it in a header.</summary>
    public string? Etag { get; init; }
}

internal sealed record CatalogueRevision(string Revision);

/// <summary>An execution that was made here.</summary>
internal sealed record MadeExecution(Guid Id, Guid TemplateId, JsonObject Variables, string RenderedPrompt, string? UserId, string? ModelName, int RenderTimeUs);

internal sealed record MadeExecutions(IReadOnlyList<MadeExecution> Executions);

internal sealed record TakenExecution(Guid Id, string State, string? Code, string? Detail);

internal sealed record TakenExecutions(IReadOnlyList<TakenExecution> Executions);

/// <summary>What waits to be sent: an execution, or a report about one.</summary>
internal sealed record Waiting(MadeExecution? Execution, Guid ExecutionId, Outcome? Outcome);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KeptCatalogue))]
[JsonSerializable(typeof(CatalogueRevision))]
[JsonSerializable(typeof(MadeExecutions))]
[JsonSerializable(typeof(TakenExecutions))]
[JsonSerializable(typeof(List<Waiting>))]
internal sealed partial class LocalJson : JsonSerializerContext;
