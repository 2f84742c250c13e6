using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using PromptStudio.Access;
using PromptStudio.Web;

namespace PromptStudio.Executions;

/// <summary><c>POST /api/executions</c>.</summary>
public static class FallbackApi
{
    public static void MapFallbackExecutions(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/executions", StoreAsync)
            .RequireAuthorization(Policy.Render)
            .WithName("report_executions")
            .WithTags("Rendering")
            .WithSummary("Report executions made elsewhere")
            .WithDescription("For clients that rendered by themselves while they could not reach the studio. Each is stored by itself, marked as fallback, and guardrails look at it afterwards; the same id again stores nothing twice. At most 100 a call, not older than seven days.")
            .WithBody(new FallbackBody { Executions = [Example] })
            .WithAnswer(new FallbackAnswer([new FallbackResult(Example.Id, FallbackState.Stored)]));

    private static async Task<Results<JsonHttpResult<FallbackAnswer>, Problem>> StoreAsync(HttpRequest request, FallbackExecutions executions, CancellationToken cancellationToken)
    {
        var body = await JsonBody.ReadAsync(request, FallbackJson.Default.FallbackBody);
        if (body.Value is not { } given)
            return body.Problem!;
        if (given.Executions is not { Count: >= 1 and <= FallbackExecutions.MostItems } || given.Executions.Contains(null!))
            return new Problem(400, "invalid_request", $"'executions' must have 1 to {FallbackExecutions.MostItems} items.") { Extensions = { ["member"] = "executions" } };
        var stored = await executions.StoreAsync(request.HttpContext.Actor(), given.Executions, cancellationToken);
        return TypedResults.Json(new FallbackAnswer(stored), FallbackJson.Default.FallbackAnswer);
    }

    private static FallbackExecution Example { get; } = new()
    {
        Id = new Guid("01a2047b-3a97-7139-b2de-be3cb065d8a6"),
        TemplateId = new Guid("01a2008d-7400-7000-8000-000000000011"),
        Variables = JsonElement.Parse("""{"query": "Why is the sky blue?", "grade_level": 7}"""),
        RenderedPrompt = "You are an expert educational content analyzer.\n\nStudent Query: Why is the sky blue?\nGrade Level: 7",
        UserId = "u-1842",
        RenderTimeUs = 90,
    };
}
