using Microsoft.AspNetCore.Http.HttpResults;
using PromptStudio.Access;
using PromptStudio.Core.Prompts;
using PromptStudio.Web;

namespace PromptStudio.Prompts;

/// <summary><c>/api/admin/prompts/{name}/labels</c> and <c>/api/admin/labels</c>.</summary>
public static class LabelApi
{
    public static void MapLabelApi(this IEndpointRouteBuilder admin)
    {
        admin.MapGet("/prompts/{name}/labels", OfPromptAsync)
            .RequireAuthorization(Policy.Read)
            .WithName("list_prompt_labels")
            .WithTags("Labels")
            .WithSummary("List the labels of a prompt")
            .WithDescription("Where each label points; production among them when a version is active.")
            .WithParameter(new ParameterRule("name") { Description = "The name of a prompt.", Example = "nlu_topic_extraction" })
            .WithAnswer(new LabelList([PromptExamples.Label]))
            .WithProblem(404, "prompt_not_found");
        admin.MapPut("/prompts/{name}/labels/{label}", MoveAsync)
            .RequireAuthorization(Policy.Write)
            .WithName("move_label")
            .WithTags("Labels")
            .WithSummary("Point a label to a version")
            .WithDescription("Adds the label or moves it. The version never changes from then on. A protected label needs the right to promote; production moves by activation only.")
            .WithParameter(new ParameterRule("name") { Description = "The name of a prompt.", Example = "nlu_topic_extraction" })
            .WithParameter(new ParameterRule("label") { Description = "A label.", MaxLength = LabelName.MaxLength, Example = "staging" })
            .WithBody(new LabelBody { Version = 2 })
            .WithAnswer(PromptExamples.Detail)
            .WithProblem(403, "promotion_not_allowed")
            .WithProblem(404, "prompt_not_found", "version_not_found")
            .WithProblem(409, "prompt_archived")
            .WithProblem(422, "invalid_label", "label_reserved");
        admin.MapDelete("/prompts/{name}/labels/{label}", RemoveAsync)
            .RequireAuthorization(Policy.Write)
            .WithName("remove_label")
            .WithTags("Labels")
            .WithSummary("Remove a label from a prompt")
            .WithDescription("Callers who ask for it get 404 from then on.")
            .WithParameter(new ParameterRule("name") { Description = "The name of a prompt.", Example = "nlu_topic_extraction" })
            .WithParameter(new ParameterRule("label") { Description = "A label.", MaxLength = LabelName.MaxLength, Example = "staging" })
            .WithAnswer(PromptExamples.Detail)
            .WithProblem(403, "promotion_not_allowed")
            .WithProblem(404, "prompt_not_found", "label_not_found")
            .WithProblem(409, "prompt_archived")
            .WithProblem(422, "invalid_label", "label_reserved");
        admin.MapGet("/labels", ListAsync)
            .RequireAuthorization(Policy.Read)
            .WithName("list_labels")
            .WithTags("Labels")
            .WithSummary("List labels")
            .WithDescription("Every label that a prompt has or that is protected. Sort: label, prompts.")
            .WithAnswer(new ListPage<LabelRow>([new LabelRow { Label = "staging", IsProtected = true, Prompts = 12 }], 1, 50, 1))
            .WithSort("label", "prompts");
        admin.MapPut("/labels/{label}/protection", (string label, HttpContext context, LabelCommands labels, CancellationToken cancellationToken) =>
                ProtectAsync(label, true, context, labels, cancellationToken))
            .RequireAuthorization(Policy.Administer)
            .WithName("protect_label")
            .WithTags("Labels")
            .WithSummary("Protect a label")
            .WithDescription("Only who may promote can move it then, on any prompt. To protect production is to protect all activations.")
            .WithParameter(new ParameterRule("label") { Description = "A label.", MaxLength = LabelName.MaxLength, Example = "staging" })
            .WithAnswer(new LabelProtection("staging", true))
            .WithProblem(422, "invalid_label");
        admin.MapDelete("/labels/{label}/protection", (string label, HttpContext context, LabelCommands labels, CancellationToken cancellationToken) =>
                ProtectAsync(label, false, context, labels, cancellationToken))
            .RequireAuthorization(Policy.Administer)
            .WithName("unprotect_label")
            .WithTags("Labels")
            .WithSummary("Take the protection of a label away")
            .WithDescription("Whoever may change prompts can move it then.")
            .WithParameter(new ParameterRule("label") { Description = "A label.", MaxLength = LabelName.MaxLength, Example = "staging" })
            .WithAnswer(new LabelProtection("staging", false))
            .WithProblem(422, "invalid_label");
    }

    private static async Task<Results<Ok<LabelList>, Problem>> OfPromptAsync(string name, HttpContext context, LabelStore labels, CancellationToken cancellationToken)
    {
        var answer = await labels.OfPromptAsync(context.Actor(), name, cancellationToken);
        return answer.Value is { } list ? TypedResults.Ok(list) : answer.Problem!;
    }

    private static async Task<Results<Ok<PromptDetail>, Problem>> MoveAsync(
        string name, string label, Body<LabelBody> body, HttpContext context, LabelCommands labels, CancellationToken cancellationToken) =>
        context.Answered(await labels.MoveAsync(context.Actor(), name, label, body.Value.Version, cancellationToken));

    private static async Task<Results<Ok<PromptDetail>, Problem>> RemoveAsync(
        string name, string label, HttpContext context, LabelCommands labels, CancellationToken cancellationToken) =>
        context.Answered(await labels.RemoveAsync(context.Actor(), name, label, cancellationToken));

    private static async Task<Results<Ok<ListPage<LabelRow>>, Problem>> ListAsync([AsParameters] PageQuery page, HttpContext context, LabelStore labels, CancellationToken cancellationToken)
    {
        var request = page.Check("label", "prompts");
        return request.Value is { } asked ? TypedResults.Ok(await labels.ListAsync(context.Actor(), asked, cancellationToken)) : request.Problem!;
    }

    private static async Task<Results<Ok<LabelProtection>, Problem>> ProtectAsync(
        string label, bool protect, HttpContext context, LabelCommands labels, CancellationToken cancellationToken)
    {
        var answer = await labels.ProtectAsync(context.Actor(), label, protect, cancellationToken);
        return answer.Value is { } protection ? TypedResults.Ok(protection) : answer.Problem!;
    }
}
