using System.Text.Json.Serialization;

namespace PromptStudio.Client;

// Members that a later studio adds are skipped; what is null is not sent.
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RenderBody))]
[JsonSerializable(typeof(RenderedPrompt))]
[JsonSerializable(typeof(Outcome))]
[JsonSerializable(typeof(ReportedOutcome))]
[JsonSerializable(typeof(PromptStudioProblem))]
internal sealed partial class ClientJson : JsonSerializerContext;
