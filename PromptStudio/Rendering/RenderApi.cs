using Microsoft.AspNetCore.Http.HttpResults;
using PromptStudio.Access;
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
            .WithDescription("Finds the version, checks the variables, renders, and stores the execution before it answers.")
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(413).ProducesProblem(422).ProducesProblem(503);

    private static async Task<Results<JsonHttpResult<RenderedPrompt>, Problem>> RenderAsync(
        string name, HttpRequest request, PromptRenderer renderer, CancellationToken cancellationToken)
    {
        var body = await JsonBody.ReadAsync(request, RenderingJson.Default.RenderBody);
        if (body.Value is not { } given)
            return body.Problem!;
        var answer = await renderer.RenderAsync(request.HttpContext.Actor(), name, given, cancellationToken);
        return answer.Value is { } rendered
            ? TypedResults.Json(rendered, RenderingJson.Default.RenderedPrompt)
            : answer.Problem!;
    }
}
