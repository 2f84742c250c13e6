using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PromptStudio.Bench.Load;

/// <summary>What a render is measured against: Kestrel that reads the same JSON and writes the same JSON, and does nothing in between.</summary>
internal static class BareServer
{
    /// <summary>Serves until the process ends.</summary>
    /// <param name="port">On the loopback address.</param>
    /// <param name="answerFile">The studio's answer to the request.</param>
    public static async Task<int> RunAsync(string port, string answerFile)
    {
        var answer = JsonSerializer.Deserialize(await File.ReadAllTextAsync(answerFile), BareJson.Default.BareAnswer)!;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        await using var app = builder.Build();
        app.MapPost("/api/render/{name}", async (HttpContext context) =>
        {
            var body = await JsonSerializer.DeserializeAsync(context.Request.Body, BareJson.Default.BareRequest, context.RequestAborted);
            await context.Response.WriteAsJsonAsync(answer with { ExecutionId = body!.DryRun ? null : answer.ExecutionId }, BareJson.Default.BareAnswer, cancellationToken: context.RequestAborted);
        });
        await app.RunAsync($"http://127.0.0.1:{port}");
        return 0;
    }
}

internal sealed record BareRequest(JsonElement Variables, string? UserId, bool DryRun);

internal sealed record BareAnswer(
    string RenderedPrompt, Guid TemplateId, string TemplateName, int TemplateVersion, string? AbTestGroup, Guid? ExperimentId, Guid? ExecutionId, JsonElement GuardrailViolations);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(BareRequest))]
[JsonSerializable(typeof(BareAnswer))]
internal sealed partial class BareJson : JsonSerializerContext;
