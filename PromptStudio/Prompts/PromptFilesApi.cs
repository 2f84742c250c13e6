using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using PromptStudio.Access;
using PromptStudio.Web;

namespace PromptStudio.Prompts;

/// <summary><c>prompts/export</c> and <c>prompts/import</c>: a folder of text files as a zip archive.</summary>
public static class PromptFilesApi
{
    private const string ZipType = "application/zip";

    public static void MapPromptFiles(this IEndpointRouteBuilder admin)
    {
        admin.MapGet("/prompts/export", ExportAsync)
            .RequireAuthorization(Policy.Read)
            .WithName("export_prompts")
            .WithTags("Prompts")
            .WithSummary("Export prompts as files")
            .WithDescription("A zip archive with a folder for each prompt: prompt.md, and a text file with YAML front matter for each version. The same prompts always make the same bytes.")
            .WithParameter(new ParameterRule("name") { Description = "Only this prompt; may be given several times. Absent: all.", Example = "nlu_topic_extraction" })
            .WithMetadata(new AnswerExample(StatusCodes.Status200OK, typeof(Stream), "The bytes of a zip archive.", ZipType));
        admin.MapPost("/prompts/import", ImportAsync)
            .RequireAuthorization(Policy.Write)
            .WithMetadata(new RequestSizeLimitAttribute(PromptZip.MaxBytes))
            .WithName("import_prompts")
            .WithTags("Prompts")
            .WithSummary("Import prompts from files")
            .WithDescription("Without apply=true nothing is changed, and the report says of each file what would be created, changed, left or refused. With it, everything is imported in one transaction, or nothing.")
            .WithParameter(new ParameterRule("apply") { Description = "Whether to import, or only to say what would happen.", Default = false })
            .WithParameter(new ParameterRule("force") { Description = "Whether a version becomes active although recent callers did not send what it requires.", Default = false })
            .WithParameter(new ParameterRule("plan") { Description = "The plan of an earlier report: imports exactly that, or nothing.", MaxLength = 64 })
            .WithMetadata(new BodyExample(typeof(Stream), "The bytes of a zip archive, as the export writes it.", ZipType))
            .WithAnswer(new ImportReport(false, "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752", 1, 1, 0, 0,
                [new ImportReportItem("nlu_topic_extraction/prompt.md", "changed", "active version v1 → v2"), new ImportReportItem("nlu_topic_extraction/v2.jinja", "created", null)]))
            .WithProblem(400, "malformed_zip")
            .WithProblem(409, "import_refused", "import_changed", "import_conflict")
            .WithProblem(422, "invalid_prompt");
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
        return TypedResults.Stream(output => archive.DrainBufferAsync(output, cancellationToken), ZipType, "prompts.zip");
    }

    private static async Task<Results<Ok<ImportReport>, Problem>> ImportAsync(HttpContext context, PromptImport import, bool? apply, bool? force, string? plan, CancellationToken cancellationToken)
    {
        if (MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) && type.MediaType != ZipType)
            return new Problem(415, "unsupported_media_type", $"Send the archive as Content-Type: {ZipType}.");
        if (context.Request.ContentLength > PromptZip.MaxBytes)
            return PromptZip.TooLarge($"{PromptZip.MaxBytes:N0} bytes");
        using var archive = new MemoryStream();
        await context.Request.Body.CopyToAsync(archive, cancellationToken);
        archive.Position = 0;
        var files = await PromptZip.ReadAsync(archive, cancellationToken);
        if (files.Value is null)
            return files.Problem!;
        var answer = await import.RunAsync(context.Actor(), files.Value, apply == true, force == true, plan, cancellationToken);
        return answer.Value is { } report ? TypedResults.Ok(report) : answer.Problem!;
    }
}
