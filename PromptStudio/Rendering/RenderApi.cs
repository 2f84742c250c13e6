using System.Runtime.ExceptionServices;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using PromptStudio.Access;
using PromptStudio.Guardrails;
using PromptStudio.Web;

namespace PromptStudio.Rendering;

/// <summary><c>POST /api/render/{name}</c>.</summary>
public static class RenderApi
{
    public static void MapRender(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/render/{name}", RenderAsync)
            .RequireAuthorization(Policy.Render)
            .WithName("render")
            .WithTags("Rendering")
            .WithSummary("Render a prompt")
            .WithDescription("Finds the version, checks the variables, renders, lets guardrails look, and stores the execution before it answers. A prompt that is a chat is answered as messages too. What a guardrail blocks is stored too, and does not use up the request_id.")
            .WithParameter(new ParameterRule("name") { Description = "The prompt.", MaxLength = 255, Example = "nlu_topic_extraction" })
            .WithBody(ExampleBody)
            .WithAnswer(ExampleAnswer)
            .WithProblem(404, "prompt_not_found", "version_not_found")
            .WithProblem(409, "request_id_reused", "request_id_expired", "answer_redacted", "answer_changed", "answer_not_stored", "draft_changed")
            .WithProblem(422, "missing_variables", "invalid_variable", "template_error", "limit_exceeded", "guardrail_blocked");

    private static async Task<Results<JsonHttpResult<RenderedPrompt>, Problem>> RenderAsync(
        string name, HttpRequest request, PromptRenderer renderer, CancellationToken cancellationToken)
    {
        if (request.HttpContext.Features.Get<LaneFailure>() is { Exception: var exception })
            ExceptionDispatchInfo.Throw(exception);
        var body = await JsonBody.ReadAsync(request, RenderingJson.Default.RenderBody);
        if (body.Value is not { } given)
            return body.Problem!;
        var answer = await renderer.RenderAsync(request.HttpContext.Actor(), name, given, cancellationToken);
        return answer.Value is { } rendered
            ? TypedResults.Json(rendered, RenderingJson.Default.RenderedPrompt)
            : answer.Problem!;
    }

    private static RenderBody ExampleBody { get; } = new()
    {
        Variables = JsonSerializer.SerializeToElement(new Dictionary<string, object> { ["query"] = "Why is the sky blue?", ["grade_level"] = 7 }),
        UserId = "u-1842",
        RequestId = new Guid("5a0f3a0e-8d2b-4a52-9b3c-0a3d7b1c2d3e"),
        ModelName = "gemini-2.5-flash",
    };

    private static RenderedPrompt ExampleAnswer { get; } = new()
    {
        Text = "You are an expert educational content analyzer.\n\nStudent Query: Why is the sky blue?\nGrade Level: 7",
        TemplateId = new Guid("01a2008d-7400-7000-8000-000000000011"),
        TemplateName = "nlu_topic_extraction",
        TemplateVersion = 1,
        ExecutionId = new Guid("01a2047b-3a97-7139-b2de-be3cb065d8a6"),
        GuardrailViolations = [GuardrailExamples.Warning],
    };
}
