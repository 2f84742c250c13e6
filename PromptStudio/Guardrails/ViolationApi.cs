using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using PromptStudio.Access;
using PromptStudio.Executions;
using PromptStudio.Web;

namespace PromptStudio.Guardrails;

/// <summary><c>/api/admin/guardrails/violations</c>.</summary>
public static class ViolationApi
{
    public static void MapViolationApi(this IEndpointRouteBuilder admin)
    {
        var violations = admin.MapGroup("/guardrails/violations").WithTags("Guardrails");
        Filtered(violations.MapGet("", ListAsync))
            .WithName("list_violations")
            .WithSummary("List what guardrails found")
            .WithDescription("The newest first; of the last seven days when nothing is said. Never the text that was found. A key that is bound to prompts sees theirs only.")
            .WithParameter(new ParameterRule("after") { Description = "The 'next' of the page before.", Example = GuardrailExamples.Row.Id })
            .WithParameter(new ParameterRule("page_size") { Description = "Items of a page.", Minimum = 1, Maximum = PageQuery.MaxPageSize, Default = PageQuery.DefaultPageSize })
            .WithAnswer(new ViolationPage([GuardrailExamples.Row], GuardrailExamples.Row.Id));
        Filtered(violations.MapGet("/by-day", ByDayAsync))
            .WithName("count_violations")
            .WithSummary("Count what guardrails found, day by day")
            .WithDescription("By UTC day and outcome, the oldest day first; of the last 30 days when nothing is said, and of 366 days at most.")
            .WithAnswer(new ViolationsByDay([new ViolationDay(new DateOnly(2026, 11, 20), 12, 3, 40, 7, 0)]));
        violations.MapPut("/{id:guid}/false-positive", MarkAsync)
            .RequireAuthorization(Policy.Write)
            .WithName("mark_false_positive")
            .WithSummary("Mark a violation as found wrongly")
            .WithDescription("It counts against its guardrail's precision.")
            .WithParameter(new ParameterRule("id") { Description = "The id of a violation.", Example = GuardrailExamples.Row.Id })
            .WithAnswer(GuardrailExamples.Row with { FalsePositive = true, MarkedBy = "ada@example.com", MarkedAt = GuardrailExamples.Row.CreatedAt })
            .WithProblem(404, "violation_not_found");
        violations.MapDelete("/{id:guid}/false-positive", UnmarkAsync)
            .RequireAuthorization(Policy.Write)
            .WithName("unmark_false_positive")
            .WithSummary("Take back that a violation was found wrongly")
            .WithDescription("It no longer counts against its guardrail's precision.")
            .WithParameter(new ParameterRule("id") { Description = "The id of a violation.", Example = GuardrailExamples.Row.Id })
            .WithAnswer(GuardrailExamples.Row)
            .WithProblem(404, "violation_not_found");
    }

    private static RouteHandlerBuilder Filtered(RouteHandlerBuilder route) => route
        .RequireAuthorization(Policy.Read)
        .WithParameter(new ParameterRule("guardrail") { Description = "Only of the guardrail with this id.", Example = GuardrailExamples.Id })
        .WithParameter(new ParameterRule("execution_id") { Description = "Only of this execution.", Example = ExecutionApi.Example.Id })
        .WithParameter(new ParameterRule("prompt") { Description = "Only of this prompt.", MaxLength = ExecutionQuery.MaxLength, Example = "nlu_topic_extraction" })
        .WithParameter(new ParameterRule("level") { Description = "Only of this enforcement level.", Values = GuardrailWords.Levels })
        .WithParameter(new ParameterRule("outcome") { Description = "Only with this outcome.", Values = ViolationOutcome.All })
        .WithParameter(new ParameterRule("false_positive") { Description = "Only what was marked as found wrongly, or only what was not." })
        .WithParameter(new ParameterRule("from") { Description = "Not before this time.", Example = "2026-11-01T00:00:00Z" })
        .WithParameter(new ParameterRule("to") { Description = "Before this time.", Example = "2026-12-01T00:00:00Z" });

    private static async Task<Results<Ok<ViolationPage>, Problem>> ListAsync(
        [AsParameters] ViolationQuery query, [FromQuery(Name = "after")] Guid? after, [FromQuery(Name = "page_size")] int? pageSize, HttpContext context, ViolationStore violations,
        CancellationToken cancellationToken)
    {
        if ((query.Problem() ?? (pageSize is < 1 or > PageQuery.MaxPageSize ? QueryText.Invalid("page_size", $"'page_size' must be 1 to {PageQuery.MaxPageSize}.") : null)) is { } problem)
            return problem;
        var filter = query.Filter() with { After = after, PageSize = pageSize ?? PageQuery.DefaultPageSize };
        var answer = await violations.ListAsync(context.Actor(), filter, cancellationToken);
        return answer.Value is { } page ? TypedResults.Ok(page) : answer.Problem!;
    }

    private static async Task<Results<Ok<ViolationsByDay>, Problem>> ByDayAsync(
        [AsParameters] ViolationQuery query, HttpContext context, ViolationStore violations, CancellationToken cancellationToken)
    {
        if (query.Problem() is { } problem)
            return problem;
        var answer = await violations.ByDayAsync(context.Actor(), query.Filter(), cancellationToken);
        return answer.Value is { } days ? TypedResults.Ok(days) : answer.Problem!;
    }

    private static async Task<Results<Ok<ViolationRow>, Problem>> MarkAsync(Guid id, HttpContext context, ViolationStore violations, CancellationToken cancellationToken)
    {
        var answer = await violations.MarkAsync(context.Actor(), id, isFalsePositive: true, cancellationToken);
        return answer.Value is { } marked ? TypedResults.Ok(marked) : answer.Problem!;
    }

    private static async Task<Results<Ok<ViolationRow>, Problem>> UnmarkAsync(Guid id, HttpContext context, ViolationStore violations, CancellationToken cancellationToken)
    {
        var answer = await violations.MarkAsync(context.Actor(), id, isFalsePositive: false, cancellationToken);
        return answer.Value is { } unmarked ? TypedResults.Ok(unmarked) : answer.Problem!;
    }
}

/// <summary>Which violations a call asks for.</summary>
public sealed record ViolationQuery(
    [FromQuery(Name = "guardrail")] Guid? Guardrail = null,
    [FromQuery(Name = "execution_id")] Guid? ExecutionId = null,
    [FromQuery(Name = "prompt")] string? Prompt = null,
    [FromQuery(Name = "level")] string? Level = null,
    [FromQuery(Name = "outcome")] string? Outcome = null,
    [FromQuery(Name = "false_positive")] bool? FalsePositive = null,
    [FromQuery(Name = "from")] DateTimeOffset? From = null,
    [FromQuery(Name = "to")] DateTimeOffset? To = null)
{
    /// <summary>What is wrong with it; null: nothing.</summary>
    public Problem? Problem() =>
        QueryText.TooLong("prompt", Prompt, ExecutionQuery.MaxLength)
        ?? QueryText.Unknown("level", Level, GuardrailWords.Levels)
        ?? QueryText.Unknown("outcome", Outcome, ViolationOutcome.All)
        ?? QueryText.Backwards(From, To);

    public ViolationFilter Filter() => new()
    {
        GuardrailId = Guardrail,
        ExecutionId = ExecutionId,
        Prompt = Prompt,
        Level = Level,
        Outcome = Outcome,
        FalsePositive = FalsePositive,
        From = From?.ToUniversalTime(),
        To = To?.ToUniversalTime(),
    };
}
