using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using PromptStudio.Access;
using PromptStudio.Web;

namespace PromptStudio.Prompts;

/// <summary><c>prompts/export</c> and <c>prompts/import</c>: a folder of text files as a zip archive.</summary>
public static class PromptFilesApi
{
    public static void MapPromptFiles(this IEndpointRouteBuilder admin)
    {
        admin.MapGet("/prompts/export", ExportAsync)
            .RequireAuthorization(Policy.Read)
            .WithName("exportPrompts")
            .WithTags("Prompts")
            .WithSummary("Export prompts as files")
            .WithDescription("A zip archive with a folder for each prompt: prompt.md and a text file with YAML front matter for each version. The same prompts always make the same bytes.")
            .Produces<FileContentHttpResult>(200, "application/zip");
        admin.MapPost("/prompts/import", ImportAsync)
            .RequireAuthorization(Policy.Write)
            .WithMetadata(new RequestSizeLimitAttribute(PromptZip.MaxBytes))
            .Accepts<IFormFile>("application/zip")
            .WithName("importPrompts")
            .WithTags("Prompts")
            .WithSummary("Import prompts from files")
            .WithDescription("Without apply=true nothing is changed, and the report says of each file what would be created, changed, left or refused. With it, everything is imported in one transaction, or nothing. Give the plan of an earlier report to import exactly that.")
            .ProducesProblem(409).ProducesProblem(413);
    }

    private static async Task<Results<PushStreamHttpResult, Problem>> ExportAsync(
        HttpContext context, PromptExport export, [FromQuery(Name = "name")] string[] names, CancellationToken cancellationToken)
    {
        if (names.Any(name => StorableJson.Problem(name) is not null))
            return new Problem(400, "invalid_request", "'name' contains what no name can.") { Extensions = { ["member"] = "name" } };
        // Through a temporary file: an archive is partly written in one go, which the connection does not allow, and a failure must not look like a short archive.
        var archive = new FileBufferingWriteStream();
        context.Response.RegisterForDisposeAsync(archive);
        await PromptZip.WriteAsync(archive, export.FilesAsync(context.Actor(), names, cancellationToken), cancellationToken);
        return TypedResults.Stream(output => archive.DrainBufferAsync(output, cancellationToken), "application/zip", "prompts.zip");
    }

    private static async Task<Results<Ok<ImportReport>, Problem>> ImportAsync(HttpContext context, PromptImport import, bool? apply, string? plan, CancellationToken cancellationToken)
    {
        using var archive = new MemoryStream();
        await context.Request.Body.CopyToAsync(archive, cancellationToken);
        archive.Position = 0;
        var files = await PromptZip.ReadAsync(archive, cancellationToken);
        if (files.Value is null)
            return files.Problem!;
        var answer = await import.RunAsync(context.Actor(), files.Value, apply == true, plan, cancellationToken);
        return answer.Value is { } report ? TypedResults.Ok(report) : answer.Problem!;
    }
}
