using Microsoft.AspNetCore.Http.HttpResults;
using PromptStudio.Access;
using PromptStudio.Prompts;
using PromptStudio.Web;

namespace PromptStudio.Rendering;

/// <summary><c>POST /api/admin/preview</c> and <c>POST /api/admin/prompts/{id}/preview</c>.</summary>
public static class PreviewApi
{
    public static void MapPreview(this IEndpointRouteBuilder admin)
    {
        admin.MapPost("/preview", PreviewAsync)
            .RequireAuthorization(Policy.Read)
            .WithName("preview")
            .WithTags("Prompts")
            .WithSummary("Preview a text")
            .WithDescription("Renders a text that need not be saved, under the limits of a render. Stores nothing. A text that cannot be rendered is an answer too: its diagnostics say why.")
            .WithBodyJson<PreviewBody>("""{"template_text": "Hello {{ name }}!", "variables": {"name": "Ada"}}""")
            .WithAnswer(new PreviewedPrompt { RenderedPrompt = "Hello Ada!", DetectedVariables = ["name"], Diagnostics = [] })
            .WithProblem(422, "invalid_prompt", "invalid_settings");
        admin.MapPost("/prompts/{id:guid}/preview", PreviewVersionAsync)
            .RequireAuthorization(Policy.Read)
            .WithName("preview_version")
            .WithTags("Prompts")
            .WithSummary("Preview a version")
            .WithDescription("As a preview of a text; what the body leaves out is the version's own.")
            .WithParameter(new ParameterRule("id") { Description = "The id of a version.", Example = PromptExamples.Id })
            .WithBodyJson<PreviewBody>("""{"variables": {"name": "Ada"}}""")
            .WithAnswer(new PreviewedPrompt { RenderedPrompt = "Hello Ada!", DetectedVariables = ["name"], Diagnostics = [] })
            .WithProblem(404, "version_not_found")
            .WithProblem(422, "invalid_prompt", "invalid_settings");
    }

    private static async Task<Results<Ok<PreviewedPrompt>, Problem>> PreviewAsync(
        Body<PreviewBody> body, HttpContext context, PromptPreview preview, CancellationToken cancellationToken)
    {
        var answer = await preview.RenderAsync(context.Actor(), body.Value, cancellationToken);
        return answer.Value is { } rendered ? TypedResults.Ok(rendered) : answer.Problem!;
    }

    private static async Task<Results<Ok<PreviewedPrompt>, Problem>> PreviewVersionAsync(
        Guid id, Body<PreviewBody> body, HttpContext context, PromptPreview preview, CancellationToken cancellationToken)
    {
        var answer = await preview.RenderAsync(context.Actor(), id, body.Value, cancellationToken);
        return answer.Value is { } rendered ? TypedResults.Ok(rendered) : answer.Problem!;
    }
}
