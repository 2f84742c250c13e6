using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using PromptStudio.Access;
using PromptStudio.Core.Guardrails;
using PromptStudio.Shell;
using PromptStudio.Web;

namespace PromptStudio.Guardrails;

/// <summary><c>/api/admin/guardrails</c>.</summary>
public static class GuardrailApi
{
    private const int SearchMaxLength = 200;

    public static void MapGuardrailApi(this IEndpointRouteBuilder admin)
    {
        var guardrails = admin.MapGroup("/guardrails").WithTags("Guardrails");
        guardrails.MapGet("", ListAsync)
            .RequireAuthorization(Policy.Read)
            .WithName("list_guardrails")
            .WithSummary("List guardrails")
            .WithDescription("With what each one did in the last seven days. Not for keys that are bound to prompts: guardrails are about all of them.")
            .WithParameter(new ParameterRule("search") { Description = "Part of a name or a description.", MaxLength = SearchMaxLength })
            .WithParameter(new ParameterRule("rule_type") { Description = "Only of this rule type.", MaxLength = 50, Example = "regex" })
            .WithParameter(new ParameterRule("level") { Description = "Only of this enforcement level.", Values = GuardrailWords.Levels })
            .WithParameter(new ParameterRule("active") { Description = "Only active ones, or only inactive ones." })
            .WithParameter(new ParameterRule("prompt") { Description = "Only those that look at this prompt.", MaxLength = Core.Prompts.PromptName.MaxLength, Example = "nlu_topic_extraction" })
            .WithSort(GuardrailStore.Sortable)
            .WithAnswer(new ListPage<GuardrailView>([GuardrailExamples.View], 1, 50, 1));
        guardrails.MapPost("", CreateAsync)
            .RequireAuthorization(Policy.Promote)
            .WithName("create_guardrail")
            .WithSummary("Create a guardrail")
            .WithDescription("Renders follow it from the answer on, on every node within a second. What is left out has its default: blocking, 100 %, the rendered prompt, all prompts, on_error allow.")
            .WithBodyJson<NewGuardrail>("""{"name": "US social security numbers", "rule_type": "regex", "rule_config": {"patterns": ["\\b\\d{3}-\\d{2}-\\d{4}\\b"]}, "enforcement_level": "blocking", "redact": true}""")
            .WithAnswer(GuardrailExamples.View, StatusCodes.Status201Created)
            .WithProblem(409, "guardrail_exists", "too_many_guardrails")
            .WithProblem(422, "invalid_guardrail");
        guardrails.MapGet("/{id:guid}", GetAsync)
            .RequireAuthorization(Policy.Read)
            .WithName("get_guardrail")
            .WithSummary("Get a guardrail")
            .WithDescription("The ETag is what an update sends as If-Match. A secret is never given out: has_secret says whether there is one.")
            .WithParameter(new ParameterRule("id") { Description = "The id of a guardrail.", Example = GuardrailExamples.Id })
            .WithAnswer(GuardrailExamples.View)
            .WithProblem(404, "guardrail_not_found");
        guardrails.MapPut("/{id:guid}", ChangeAsync)
            .RequireAuthorization(Policy.Promote)
            .WithName("change_guardrail")
            .WithSummary("Change a guardrail")
            .WithDescription("What is absent stays as it is; lists, rule_config and allow_list are given as a whole. Needs If-Match; who comes second gets 409 with what both wrote.")
            .WithParameter(new ParameterRule("id") { Description = "The id of a guardrail.", Example = GuardrailExamples.Id })
            .WithBodyJson<GuardrailEdit>("""{"enforcement_percentage": 10, "applies_to": ["nlu"]}""")
            .WithAnswer(GuardrailExamples.View)
            .WithProblem(404, "guardrail_not_found")
            .WithProblem(409, "edit_conflict", "guardrail_exists")
            .WithProblem(422, "invalid_guardrail")
            .WithProblem(428, "if_match_required");
        guardrails.MapDelete("/{id:guid}", DeleteAsync)
            .RequireAuthorization(Policy.Promote)
            .WithName("delete_guardrail")
            .WithSummary("Delete a guardrail")
            .WithDescription("Its violations stay, under its name. To stop it for a while, change is_active.")
            .WithParameter(new ParameterRule("id") { Description = "The id of a guardrail.", Example = GuardrailExamples.Id })
            .WithAnswer(GuardrailExamples.View)
            .WithProblem(404, "guardrail_not_found");
        guardrails.MapGet("/templates", Templates)
            .RequireAuthorization(Policy.Read)
            .WithName("list_guardrail_templates")
            .WithSummary("List ready-made rules")
            .WithDescription("Rules to be taken over as they are, or as a beginning: each has what a new guardrail needs.")
            .WithAnswer(new[] { GuardrailExamples.Template });
        guardrails.MapPost("/test", TestAsync)
            .RequireAuthorization(Policy.Read)
            .WithName("test_guardrails")
            .WithSummary("Test guardrails on a text")
            .WithDescription("Stored ones by their ids, one that need not be saved, or all active ones; whatever their scope and the prompts that they apply to. Stores nothing. A model_check asks its model anew, and shows its scores; one that is not saved takes the right to make one.")
            .WithBodyJson<GuardrailTest>("""{"text": "I am, 856-45-6789, lost", "rule": {"rule_type": "regex", "rule_config": {"patterns": ["\\d{3}-\\d{2}-\\d{4}"]}}}""")
            .WithAnswer(GuardrailExamples.Tested)
            .WithProblem(404, "guardrail_not_found")
            .WithProblem(422, "invalid_guardrail");
    }

    private static Ok<IEnumerable<GuardrailTemplate>> Templates() => TypedResults.Ok(RuleTemplates.All.Select(GuardrailTemplate.Of));

    private static async Task<Results<Ok<ListPage<GuardrailView>>, Problem>> ListAsync(
        [AsParameters] PageQuery page, string? search, [FromQuery(Name = "rule_type")] string? ruleType, string? level, bool? active, string? prompt, HttpContext context, GuardrailStore guardrails,
        CancellationToken cancellationToken)
    {
        var request = page.Check([.. GuardrailStore.Sortable]);
        if (request.Value is not { } asked)
            return request.Problem!;
        if ((QueryText.TooLong("search", search, SearchMaxLength) ?? QueryText.TooLong("rule_type", ruleType, 50) ?? QueryText.Unknown("level", level, GuardrailWords.Levels)
            ?? QueryText.TooLong("prompt", prompt, Core.Prompts.PromptName.MaxLength)) is { } problem)
        {
            return problem;
        }
        var answer = await guardrails.ListAsync(context.Actor(), new GuardrailFilter(search?.Trim(), ruleType, level, active, prompt), asked, cancellationToken);
        return answer.Value is { } found ? TypedResults.Ok(found) : answer.Problem!;
    }

    private static async Task<Results<Created<GuardrailView>, Problem>> CreateAsync(Body<NewGuardrail> body, HttpContext context, GuardrailStore guardrails, CancellationToken cancellationToken)
    {
        var answer = await guardrails.CreateAsync(context.Actor(), body.Value, cancellationToken);
        if (answer.Value is not { } made)
            return answer.Problem!;
        context.SetETag(made.Revision);
        return TypedResults.Created(Links.Guardrail(made.Id), made);
    }

    private static async Task<Results<Ok<GuardrailView>, Problem>> GetAsync(Guid id, HttpContext context, GuardrailStore guardrails, CancellationToken cancellationToken) =>
        Answered(context, await guardrails.FindAsync(context.Actor(), id, cancellationToken));

    private static async Task<Results<Ok<GuardrailView>, Problem>> ChangeAsync(Guid id, Body<GuardrailEdit> body, HttpContext context, GuardrailStore guardrails, CancellationToken cancellationToken)
    {
        var (revision, problem) = IfMatch.Read(context.Request);
        return problem is not null ? problem : Answered(context, await guardrails.ChangeAsync(context.Actor(), id, revision, body.Value, cancellationToken));
    }

    private static async Task<Results<Ok<GuardrailView>, Problem>> DeleteAsync(Guid id, HttpContext context, GuardrailStore guardrails, CancellationToken cancellationToken)
    {
        var answer = await guardrails.DeleteAsync(context.Actor(), id, cancellationToken);
        return answer.Value is { } gone ? TypedResults.Ok(gone) : answer.Problem!;
    }

    private static async Task<Results<Ok<TestedGuardrails>, Problem>> TestAsync(Body<GuardrailTest> body, HttpContext context, GuardrailTrial trial, CancellationToken cancellationToken)
    {
        var answer = await trial.RunAsync(context.Actor(), body.Value, cancellationToken);
        return answer.Value is { } tested ? TypedResults.Ok(tested) : answer.Problem!;
    }

    private static Results<Ok<GuardrailView>, Problem> Answered(HttpContext context, Answer<GuardrailView> answer)
    {
        if (answer.Value is not { } guardrail)
            return answer.Problem!;
        context.SetETag(guardrail.Revision);
        return TypedResults.Ok(guardrail);
    }
}
