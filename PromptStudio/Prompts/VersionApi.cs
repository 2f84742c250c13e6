using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http.HttpResults;
using PromptStudio.Access;
using PromptStudio.Shell;
using PromptStudio.Web;

namespace PromptStudio.Prompts;

/// <summary><c>/api/admin/prompts/{id}/…</c>: what is done with one version.</summary>
public static class VersionApi
{
    public static void MapVersionApi(this IEndpointRouteBuilder admin)
    {
        admin.MapGet("/prompts/{id:guid}/versions", ListAsync)
            .RequireAuthorization(Policy.Read)
            .WithName("list_versions")
            .WithTags("Versions")
            .WithSummary("List the versions of a prompt")
            .WithDescription("The timeline of the prompt that the version belongs to, the newest first. Sort: version.")
            .WithParameter(new ParameterRule("id") { Description = "The id of a version.", Example = PromptExamples.Id })
            .WithAnswer(new ListPage<VersionSummary>([PromptExamples.Summary], 1, 50, 1))
            .WithSort("-version")
            .WithProblem(404, "version_not_found");
        admin.MapPost("/prompts/{id:guid}/versions", CreateAsync)
            .RequireAuthorization(Policy.Write)
            .WithName("create_version")
            .WithTags("Versions")
            .WithSummary("Create a version")
            .WithDescription("Makes a draft from any version of a prompt, with the prompt's next number. What is absent is taken from that version.")
            .WithParameter(new ParameterRule("id") { Description = "The id of a version.", Example = PromptExamples.Id })
            .WithBodyJson<NewVersion>("""{"template_text": "Student Query: {{ query }}", "message": "Clearer"}""")
            .WithAnswer(PromptExamples.Detail, StatusCodes.Status201Created)
            .WithProblem(404, "version_not_found")
            .WithProblem(409, "prompt_archived")
            .WithProblem(422, "invalid_prompt");
        admin.MapPost("/prompts/{id:guid}/activate", ActivateAsync)
            .RequireAuthorization(Policy.Write)
            .WithName("activate_version")
            .WithTags("Versions")
            .WithSummary("Activate a version")
            .WithDescription("Callers get this version from now on. Refused when recent callers did not send what it requires, unless the body, which is optional, says {\"force\": true}. Protected prompts and a protected label production need the right to promote.")
            .WithParameter(new ParameterRule("id") { Description = "The id of a version.", Example = PromptExamples.Id })
            .WithBody(new ActivateBody())
            .WithAnswer(PromptExamples.Detail)
            .WithProblem(403, "promotion_not_allowed")
            .WithProblem(404, "version_not_found")
            .WithProblem(409, "contract_mismatch", "approval_required", "prompt_archived")
            .WithProblem(422, "template_error");
        admin.MapPost("/prompts/{id:guid}/deactivate", DeactivateAsync)
            .RequireAuthorization(Policy.Write)
            .WithName("deactivate_version")
            .WithTags("Versions")
            .WithSummary("Deactivate a version")
            .WithDescription("The prompt then has no active version: callers get 404 unless they ask for a version or a label.")
            .WithParameter(new ParameterRule("id") { Description = "The id of a version.", Example = PromptExamples.Id })
            .WithAnswer(PromptExamples.Detail)
            .WithProblem(403, "promotion_not_allowed")
            .WithProblem(404, "version_not_found")
            .WithProblem(409, "prompt_archived");
        admin.MapPut("/prompts/{id:guid}/approval", ApproveAsync)
            .RequireAuthorization(Policy.Write)
            .WithName("approve_version")
            .WithTags("Versions")
            .WithSummary("Approve a version")
            .WithDescription("By a person who did not write it. Needs If-Match: what is approved is what was read. An edit takes the approval away.")
            .WithParameter(new ParameterRule("id") { Description = "The id of a version.", Example = PromptExamples.Id })
            .WithAnswer(PromptExamples.Detail)
            .WithProblem(403, "approval_by_author", "approval_by_person")
            .WithProblem(404, "version_not_found")
            .WithProblem(409, "edit_conflict", "prompt_archived")
            .WithProblem(428, "if_match_required");
        admin.MapDelete("/prompts/{id:guid}/approval", WithdrawAsync)
            .RequireAuthorization(Policy.Write)
            .WithName("withdraw_approval")
            .WithTags("Versions")
            .WithSummary("Withdraw an approval")
            .WithDescription("The version then needs a new approval before it is active for the first time.")
            .WithParameter(new ParameterRule("id") { Description = "The id of a version.", Example = PromptExamples.Id })
            .WithAnswer(PromptExamples.Detail)
            .WithProblem(404, "version_not_found")
            .WithProblem(409, "prompt_archived");
        admin.MapGet("/prompts/{id:guid}/diff", DiffAsync)
            .RequireAuthorization(Policy.Read)
            .WithName("diff_versions")
            .WithTags("Versions")
            .WithSummary("Compare two versions")
            .WithDescription("What changed from the version against (an id, or a number of the same prompt; the active version when it is absent) to this one: lines with the words that changed, of the text and of the variables, and the settings that differ.")
            .WithParameter(new ParameterRule("id") { Description = "The id of a version.", Example = PromptExamples.Id })
            .WithParameter(new ParameterRule("against") { Description = "What to compare with: the id of a version, or a number of the same prompt; absent: the active version.", Example = "1" })
            .WithAnswer(PromptExamples.Diff)
            .WithProblem(404, "version_not_found");
    }

    private static async Task<Results<Ok<ListPage<VersionSummary>>, Problem>> ListAsync(
        Guid id, [AsParameters] PageQuery page, HttpContext context, PromptStore prompts, CancellationToken cancellationToken)
    {
        var request = page.Check("-version");
        if (request.Value is not { } asked)
            return request.Problem!;
        var answer = await prompts.VersionsAsync(context.Actor(), id, asked, cancellationToken);
        return answer.Value is { } versions ? TypedResults.Ok(versions) : answer.Problem!;
    }

    private static async Task<Results<Created<PromptDetail>, Problem>> CreateAsync(
        Guid id, Body<NewVersion> body, HttpContext context, VersionCommands versions, CancellationToken cancellationToken)
    {
        var answer = await versions.CreateAsync(context.Actor(), id, body.Value, cancellationToken);
        if (answer.Value is not { } version)
            return answer.Problem!;
        context.SetETag(version.Revision);
        return TypedResults.Created(Links.Version(version.Id), version);
    }

    private static async Task<Results<Ok<PromptDetail>, Problem>> ActivateAsync(Guid id, HttpContext context, ActivationCommands activation, CancellationToken cancellationToken)
    {
        var asked = new ActivateBody();
        if (context.HasBody())
        {
            var body = await JsonBody.ReadAsync(context.Request, (JsonTypeInfo<ActivateBody>)ApiJson.Options.GetTypeInfo(typeof(ActivateBody)));
            if (body.Problem is not null)
                return body.Problem;
            asked = body.Value!;
        }
        return context.Answered(await activation.ActivateAsync(context.Actor(), id, asked.Force, cancellationToken));
    }

    private static async Task<Results<Ok<PromptDetail>, Problem>> DeactivateAsync(Guid id, HttpContext context, ActivationCommands activation, CancellationToken cancellationToken) =>
        context.Answered(await activation.DeactivateAsync(context.Actor(), id, cancellationToken));

    private static async Task<Results<Ok<PromptDetail>, Problem>> ApproveAsync(Guid id, HttpContext context, VersionCommands versions, CancellationToken cancellationToken)
    {
        var (revision, problem) = IfMatch.Read(context.Request);
        return problem is not null ? problem : context.Answered(await versions.ApproveAsync(context.Actor(), id, revision, cancellationToken));
    }

    private static async Task<Results<Ok<PromptDetail>, Problem>> WithdrawAsync(Guid id, HttpContext context, VersionCommands versions, CancellationToken cancellationToken) =>
        context.Answered(await versions.WithdrawApprovalAsync(context.Actor(), id, cancellationToken));

    private static async Task<Results<Ok<VersionDiff>, Problem>> DiffAsync(Guid id, string? against, HttpContext context, PromptStore prompts, CancellationToken cancellationToken)
    {
        var answer = await prompts.CompareAsync(context.Actor(), id, against, cancellationToken);
        return answer.Value is { } diff ? TypedResults.Ok(diff) : answer.Problem!;
    }
}
