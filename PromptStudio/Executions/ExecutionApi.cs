using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using PromptStudio.Access;
using PromptStudio.Core.Executions;
using PromptStudio.Guardrails;
using PromptStudio.Web;

namespace PromptStudio.Executions;

/// <summary><c>/api/admin/executions</c>.</summary>
public static class ExecutionApi
{
    public static void MapExecutions(this RouteGroupBuilder admin)
    {
        var executions = admin.MapGroup("/executions").RequireAuthorization(Policy.Read).WithTags("Executions");
        executions.MapGet("/", ListAsync)
            .WithName("list_executions")
            .WithSummary("List executions")
            .WithDescription("Renders and what became of them, the newest first; of the last seven days when nothing is said. A key that is bound to prompts sees theirs only.")
            .WithParameter(new ParameterRule("prompt") { Description = "Only of this prompt.", MaxLength = ExecutionQuery.MaxLength, Example = "nlu_topic_extraction" })
            .WithParameter(new ParameterRule("version") { Description = "Only of this version of the prompt.", Minimum = 1, Example = 2 })
            .WithParameter(new ParameterRule("template_id") { Description = "Only of the version with this id.", Example = Example.TemplateId })
            .WithParameter(new ParameterRule("status") { Description = "Only with this status.", Values = ExecutionStatus.All })
            .WithParameter(new ParameterRule("ab_test_group") { Description = "Only of this group of an experiment.", MaxLength = ExecutionQuery.MaxLength, Example = "variant_a" })
            .WithParameter(new ParameterRule("user_id") { Description = "Only for this user of the caller's.", MaxLength = ExecutionQuery.MaxLength, Example = "u-1842" })
            .WithParameter(new ParameterRule("from") { Description = "Not before this time; seven days before the end when not given.", Example = "2026-11-01T00:00:00Z" })
            .WithParameter(new ParameterRule("to") { Description = "Before this time.", Example = "2026-12-01T00:00:00Z" })
            .WithParameter(new ParameterRule("after") { Description = "The 'next' of the page before.", Example = Example.Id })
            .WithParameter(new ParameterRule("page_size") { Description = "Items of a page.", Minimum = 1, Maximum = PageQuery.MaxPageSize, Default = PageQuery.DefaultPageSize })
            .WithAnswer(new ExecutionPage([Example], Example.Id));
        executions.MapGet("/{id:guid}", FindAsync)
            .WithName("get_execution")
            .WithSummary("Get an execution")
            .WithDescription("Everything that is stored of a render: variables, text, violations, and the reported outcome.")
            .WithParameter(new ParameterRule("id") { Description = "The execution_id of the render's answer.", Example = Example.Id })
            .WithAnswer(ExecutionAnswer.Example)
            .WithProblem(404, "execution_not_found");
    }

    private static async Task<Results<Ok<ExecutionPage>, Problem>> ListAsync(
        [AsParameters] ExecutionQuery query, HttpContext context, ExecutionList executions, CancellationToken cancellationToken)
    {
        if (query.Problem() is { } problem)
            return problem;
        var answer = await executions.ListAsync(context.Actor(), query.Filter(), cancellationToken);
        return answer.Value is { } page ? TypedResults.Ok(page) : answer.Problem!;
    }

    private static async Task<Results<Ok<ExecutionAnswer>, Problem>> FindAsync(Guid id, HttpContext context, ExecutionList executions, CancellationToken cancellationToken)
    {
        var answer = await executions.FindAsync(context.Actor(), id, cancellationToken);
        return answer.Value is { } found ? TypedResults.Ok(ExecutionAnswer.Of(found)) : answer.Problem!;
    }

    internal static ExecutionRow Example { get; } = new()
    {
        Id = new Guid("01a2047b-3a97-7139-b2de-be3cb065d8a6"),
        CreatedAt = new DateTimeOffset(2026, 11, 20, 9, 30, 0, TimeSpan.Zero),
        PromptName = "nlu_topic_extraction",
        TemplateId = new Guid("01a2008d-7400-7000-8000-000000000011"),
        Version = 2,
        Status = ExecutionStatus.Success,
        AbTestGroup = "variant_a",
        ExperimentId = new Guid("01a2008d-7400-7000-8000-0000000000e1"),
        UserId = "u-1842",
        ModelName = "gemini-2.5-flash",
        RenderTimeUs = 84,
        ExecutionTimeMs = 612,
        Success = true,
        OutcomeAt = new DateTimeOffset(2026, 11, 20, 9, 30, 1, TimeSpan.Zero),
    };
}

/// <summary>Which executions a call asks for.</summary>
public sealed record ExecutionQuery(
    [FromQuery(Name = "prompt")] string? Prompt = null,
    [FromQuery(Name = "version")] int? Version = null,
    [FromQuery(Name = "template_id")] Guid? TemplateId = null,
    [FromQuery(Name = "status")] string? Status = null,
    [FromQuery(Name = "ab_test_group")] string? AbTestGroup = null,
    [FromQuery(Name = "user_id")] string? UserId = null,
    [FromQuery(Name = "from")] DateTimeOffset? From = null,
    [FromQuery(Name = "to")] DateTimeOffset? To = null,
    [FromQuery(Name = "after")] Guid? After = null,
    [FromQuery(Name = "page_size")] int? PageSize = null)
{
    /// <summary>Characters of a name.</summary>
    public const int MaxLength = 255;

    /// <summary>What is wrong with it; null: nothing.</summary>
    public Problem? Problem() =>
        QueryText.TooLong("prompt", Prompt, MaxLength)
        ?? (Version is < 1 ? QueryText.Invalid("version", "'version' must be 1 or more.") : null)
        ?? QueryText.Unknown("status", Status, ExecutionStatus.All)
        ?? QueryText.TooLong("ab_test_group", AbTestGroup, MaxLength)
        ?? QueryText.TooLong("user_id", UserId, MaxLength)
        ?? QueryText.Backwards(From, To)
        ?? (PageSize is < 1 or > PageQuery.MaxPageSize ? QueryText.Invalid("page_size", $"'page_size' must be 1 to {PageQuery.MaxPageSize}.") : null);

    public ExecutionFilter Filter() => new()
    {
        Prompt = Prompt,
        Version = Version,
        TemplateId = TemplateId,
        Status = Status,
        AbTestGroup = AbTestGroup,
        UserId = UserId,
        From = From?.ToUniversalTime(),
        To = To?.ToUniversalTime(),
        After = After,
        PageSize = PageSize ?? PageQuery.DefaultPageSize,
    };
}

/// <summary>An execution with everything that is stored of it.</summary>
public sealed record ExecutionAnswer
{
    public required Guid Id { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required string PromptName { get; init; }
    public required Guid TemplateId { get; init; }
    public required int Version { get; init; }

    /// <summary><c>success</c>, <c>error</c>, <c>timeout</c> or <c>blocked</c>.</summary>
    public required string Status { get; init; }

    public string? ErrorMessage { get; init; }

    /// <summary>What the template got, defaults included.</summary>
    [JsonConverter(typeof(RawJsonText))]
    public required string Variables { get; init; }

    /// <summary>In the form that <c>stored_as</c> says; empty when the render failed.</summary>
    public required string RenderedPrompt { get; init; }

    /// <summary><c>full</c>, <c>redacted</c>, <c>hash</c> or <c>none</c>, as the prompt's <c>store_rendered_prompt</c> was then.</summary>
    public string StoredAs { get; init; } = StoredForm.Full;

    /// <summary>Whether a client rendered it by itself, while it could not reach the studio, and sent it later.</summary>
    public bool IsFallback { get; init; }

    /// <summary>Whether something of the variables, the prompt or the error message was blacked out before it was stored.</summary>
    public bool IsRedacted { get; init; }

    /// <summary>What guardrails found.</summary>
    public required IReadOnlyList<ViolationRow> GuardrailViolations { get; init; }

    /// <summary>Microseconds that the render itself took.</summary>
    public required int RenderTimeUs { get; init; }

    public Guid? ExperimentId { get; init; }
    public string? AbTestGroup { get; init; }
    public string? UserId { get; init; }
    public Guid? RequestId { get; init; }
    public string? ModelName { get; init; }
    public bool? Success { get; init; }
    public double? ConversionMetric { get; init; }
    public string? ResponseText { get; init; }
    public int? ResponseTokens { get; init; }

    /// <summary>Milliseconds that the model call took, as it was reported.</summary>
    public int? ExecutionTimeMs { get; init; }

    public double? SafetyScore { get; init; }
    public DateTimeOffset? OutcomeAt { get; init; }

    public static ExecutionAnswer Of(ExecutionWithVersion found) => new()
    {
        Id = found.Execution.Id,
        CreatedAt = found.Execution.CreatedAt,
        PromptName = found.Version.Name,
        TemplateId = found.Version.Id,
        Version = found.Version.Version,
        Status = found.Execution.Status,
        ErrorMessage = found.Execution.ErrorMessage,
        Variables = found.Execution.Variables,
        RenderedPrompt = found.Execution.RenderedPrompt,
        StoredAs = found.Execution.StoredAs,
        IsFallback = found.Execution.IsFallback,
        IsRedacted = found.Execution.IsRedacted,
        GuardrailViolations = found.Violations,
        RenderTimeUs = found.Execution.RenderTimeUs,
        ExperimentId = found.Execution.ExperimentId,
        AbTestGroup = found.Execution.AbTestGroup,
        UserId = found.Execution.UserId,
        RequestId = found.Execution.RequestId,
        ModelName = found.Execution.ModelName,
        Success = found.Execution.Success,
        ConversionMetric = found.Execution.ConversionMetric,
        ResponseText = found.Execution.ResponseText,
        ResponseTokens = found.Execution.ResponseTokens,
        ExecutionTimeMs = found.Execution.ExecutionTimeMs,
        SafetyScore = found.Execution.SafetyScore,
        OutcomeAt = found.Execution.OutcomeAt,
    };

    internal static ExecutionAnswer Example { get; } = new()
    {
        Id = ExecutionApi.Example.Id,
        CreatedAt = ExecutionApi.Example.CreatedAt,
        PromptName = ExecutionApi.Example.PromptName,
        TemplateId = ExecutionApi.Example.TemplateId,
        Version = ExecutionApi.Example.Version,
        Status = ExecutionApi.Example.Status,
        Variables = """{"query":"Why is the sky blue?","grade_level":7}""",
        RenderedPrompt = "You are an expert educational content analyzer.",
        GuardrailViolations = [GuardrailExamples.Row with { Outcome = ViolationOutcome.WouldBlock }],
        RenderTimeUs = ExecutionApi.Example.RenderTimeUs,
        UserId = ExecutionApi.Example.UserId,
        ModelName = ExecutionApi.Example.ModelName,
        Success = true,
        ResponseTokens = 214,
        ExecutionTimeMs = ExecutionApi.Example.ExecutionTimeMs,
        OutcomeAt = ExecutionApi.Example.OutcomeAt,
    };
}
