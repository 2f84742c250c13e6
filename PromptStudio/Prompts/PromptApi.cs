using System.Globalization;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using PromptStudio.Access;
using PromptStudio.Core.Prompts;
using PromptStudio.Shell;
using PromptStudio.Web;

namespace PromptStudio.Prompts;

/// <summary><c>/api/admin/prompts</c>: prompts as a whole.</summary>
public static class PromptApi
{
    private const int SearchMaxLength = 200;

    public static void MapPromptApi(this IEndpointRouteBuilder admin)
    {
        admin.MapGet("/prompts", ListAsync)
            .RequireAuthorization(Policy.Read)
            .WithName("list_prompts")
            .WithTags("Prompts")
            .WithSummary("List prompts")
            .WithDescription("One item for all versions of a name. status: active, inactive (no active version), draft (with a version that can still change) or archived; without it all that are in service. Sort: changed_at, name, category, active_version, versions, executions.")
            .WithAnswer(new ListPage<PromptRow>([PromptExamples.Row], 1, 50, 1))
            .WithSort("-changed_at", "name", "category", "active_version", "versions", "executions")
            .WithParameter(new ParameterRule("search") { Description = "Part of a name or a description.", MaxLength = SearchMaxLength })
            .WithParameter(new ParameterRule("category") { Description = "Only prompts of this category.", MaxLength = PromptText.CategoryMaxLength })
            .WithParameter(new ParameterRule("status") { Description = "Only prompts in this state; absent: all that are in service.", Values = [.. PromptStatus.All.OfType<string>()] });
        admin.MapPost("/prompts", CreateAsync)
            .RequireAuthorization(Policy.Write)
            .WithName("create_prompt")
            .WithTags("Prompts")
            .WithSummary("Create a prompt")
            .WithDescription("Makes the prompt with version 1, a draft. Its text may have errors: the diagnostics name them. Callers get it once it is activated.")
            .WithBodyJson<NewPrompt>("""{"name": "nlu_topic_extraction", "category": "nlu", "template_text": "Query: {{ query }}", "template_variables": {"required": ["query"]}, "message": "First words"}""")
            .WithAnswer(PromptExamples.Detail, StatusCodes.Status201Created)
            .WithProblem(409, "prompt_exists")
            .WithProblem(422, "invalid_prompt");
        admin.MapGet("/prompts/{id:guid}", GetAsync)
            .RequireAuthorization(Policy.Read)
            .WithName("get_prompt")
            .WithTags("Prompts")
            .WithSummary("Get a version")
            .WithDescription("A version with its prompt's settings, labels, approval and diagnostics. The ETag is what an update sends as If-Match.")
            .WithParameter(new ParameterRule("id") { Description = "The id of a version.", Example = PromptExamples.Id })
            .WithAnswer(PromptExamples.Detail)
            .WithProblem(404, "version_not_found");
        admin.MapPut("/prompts/{id:guid}", EditAsync)
            .RequireAuthorization(Policy.Write)
            .WithName("edit_prompt")
            .WithTags("Prompts")
            .WithSummary("Edit a draft, or what a prompt's versions share")
            .WithDescription("Text, format, variables and message are of the version, and change only while it is a draft; description, category, name, is_protected, requires_approval and store_rendered_prompt are of the prompt. What is absent stays as it is. Needs If-Match; who comes second gets 409 with both texts.")
            .WithParameter(new ParameterRule("id") { Description = "The id of a version.", Example = PromptExamples.Id })
            .WithBodyJson<PromptEdit>("""{"template_text": "Student Query: {{ query }}", "message": "Clearer"}""")
            .WithAnswer(PromptExamples.Detail)
            .WithProblem(403, "promotion_not_allowed")
            .WithProblem(404, "version_not_found")
            .WithProblem(409, "edit_conflict", "version_frozen", "prompt_archived", "prompt_exists", "prompt_executed")
            .WithProblem(422, "invalid_prompt")
            .WithProblem(428, "if_match_required");
        admin.MapPost("/prompts/{name}/archive", ArchiveAsync)
            .RequireAuthorization(Policy.Write)
            .WithName("archive_prompt")
            .WithTags("Prompts")
            .WithSummary("Archive a prompt")
            .WithDescription("Takes the prompt out of service, with its active version. Its history stays.")
            .WithParameter(new ParameterRule("name") { Description = "The name of a prompt.", Example = "nlu_topic_extraction" })
            .WithAnswer(PromptExamples.Detail)
            .WithProblem(403, "promotion_not_allowed")
            .WithProblem(404, "prompt_not_found");
        admin.MapPost("/prompts/{name}/restore", RestoreAsync)
            .RequireAuthorization(Policy.Write)
            .WithName("restore_prompt")
            .WithTags("Prompts")
            .WithSummary("Restore a prompt")
            .WithDescription("Takes an archived prompt back. It has no active version until one is activated.")
            .WithParameter(new ParameterRule("name") { Description = "The name of a prompt.", Example = "nlu_topic_extraction" })
            .WithAnswer(PromptExamples.Detail)
            .WithProblem(403, "promotion_not_allowed")
            .WithProblem(404, "prompt_not_found");
        admin.MapPost("/prompts/{name}/rollback", RollBackAsync)
            .RequireAuthorization(Policy.Write)
            .WithName("roll_back_prompt")
            .WithTags("Prompts")
            .WithSummary("Roll back to a version")
            .WithDescription("Makes any version of the prompt, by its number, the active one.")
            .WithParameter(new ParameterRule("name") { Description = "The name of a prompt.", Example = "nlu_topic_extraction" })
            .WithBody(new RollbackBody { Version = 1 })
            .WithAnswer(PromptExamples.Detail)
            .WithProblem(403, "promotion_not_allowed")
            .WithProblem(404, "prompt_not_found", "version_not_found")
            .WithProblem(409, "contract_mismatch", "approval_required", "prompt_archived")
            .WithProblem(422, "template_error");
    }

    /// <summary>The answer of a command: the version, with its ETag.</summary>
    internal static Results<Ok<PromptDetail>, Problem> Answered(this HttpContext context, Answer<PromptDetail> answer)
    {
        if (answer.Value is not { } version)
            return answer.Problem!;
        context.SetETag(version.Revision);
        return TypedResults.Ok(version);
    }

    /// <summary>Whether a request has a body at all.</summary>
    internal static bool HasBody(this HttpContext context) => context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true;

    private static async Task<Results<Ok<ListPage<PromptRow>>, Problem>> ListAsync(
        [AsParameters] PageQuery page, string? search, string? category, string? status, HttpContext context, PromptStore prompts, CancellationToken cancellationToken)
    {
        var request = page.Check("-changed_at", "name", "category", "active_version", "versions", "executions");
        if (request.Value is not { } asked)
            return request.Problem!;
        if (search?.Length > SearchMaxLength || StorableJson.Problem(search) is not null)
            return Invalid("search", string.Create(CultureInfo.InvariantCulture, $"'search' may have {SearchMaxLength} characters, and no U+0000."));
        if (StorableJson.Problem(category) is not null)
            return Invalid("category", "'category' may not contain U+0000.");
        if (status is not null && !PromptStatus.All.Contains(status))
            return Invalid("status", $"'status' must be one of {string.Join(", ", PromptStatus.All)}.");
        var column = asked.SortField switch { "changed_at" => "changed", "active_version" => "active", var field => field };
        var query = new PromptQuery { Search = search?.Trim() ?? "", Category = category is { Length: > 0 } ? category : null, Status = status, Sort = asked.Descending ? "-" + column : column };
        return TypedResults.Ok(await prompts.PageAsync(context.Actor(), query, asked, cancellationToken));
    }

    private static async Task<Results<Created<PromptDetail>, Problem>> CreateAsync(Body<NewPrompt> body, HttpContext context, PromptCommands prompts, CancellationToken cancellationToken)
    {
        var answer = await prompts.CreateAsync(context.Actor(), body.Value, cancellationToken);
        if (answer.Value is not { } version)
            return answer.Problem!;
        context.SetETag(version.Revision);
        return TypedResults.Created(Links.Version(version.Id), version);
    }

    private static async Task<Results<Ok<PromptDetail>, Problem>> GetAsync(Guid id, HttpContext context, PromptStore prompts, CancellationToken cancellationToken) =>
        context.Answered(await prompts.FindAsync(context.Actor(), id, cancellationToken));

    private static async Task<Results<Ok<PromptDetail>, Problem>> EditAsync(Guid id, Body<PromptEdit> body, HttpContext context, EditCommand edit, CancellationToken cancellationToken)
    {
        var (revision, problem) = IfMatch.Read(context.Request);
        return problem is not null ? problem : context.Answered(await edit.RunAsync(context.Actor(), id, revision, body.Value, cancellationToken));
    }

    private static async Task<Results<Ok<PromptDetail>, Problem>> ArchiveAsync(string name, HttpContext context, PromptCommands prompts, CancellationToken cancellationToken) =>
        context.Answered(await prompts.ArchiveAsync(context.Actor(), name, cancellationToken));

    private static async Task<Results<Ok<PromptDetail>, Problem>> RestoreAsync(string name, HttpContext context, PromptCommands prompts, CancellationToken cancellationToken) =>
        context.Answered(await prompts.RestoreAsync(context.Actor(), name, cancellationToken));

    private static async Task<Results<Ok<PromptDetail>, Problem>> RollBackAsync(
        string name, Body<RollbackBody> body, HttpContext context, ActivationCommands activation, CancellationToken cancellationToken) =>
        context.Answered(await activation.RollBackAsync(context.Actor(), name, body.Value.Version, body.Value.Force, cancellationToken));

    private static Problem Invalid(string member, string detail) => new(400, "invalid_request", detail) { Extensions = { ["member"] = member } };
}
