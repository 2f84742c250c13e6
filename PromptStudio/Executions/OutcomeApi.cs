using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using PromptStudio.Access;
using PromptStudio.Core.Executions;
using PromptStudio.Guardrails;
using PromptStudio.Web;

namespace PromptStudio.Executions;

/// <summary><c>POST /api/executions/{id}/outcome</c>.</summary>
public static class OutcomeApi
{
    public static void MapOutcome(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/executions/{id}/outcome", ReportAsync)
            .RequireAuthorization(Policy.Render)
            .WithName("outcome")
            .WithTags("Rendering")
            .WithSummary("Report an outcome")
            .WithDescription("Tells what became of a rendered prompt. Guardrails of the scope response look at response_text: with response_blocked, it must not be shown. The same report again changes nothing and answers the same; another one is refused.")
            .WithParameter(new ParameterRule("id") { Description = "The execution_id of the render's answer.", Example = ExecutionApi.Example.Id })
            .WithBody(new Outcome { Success = true, ResponseTokens = 214, ExecutionTimeMs = 612, ModelName = "gemini-2.5-flash" })
            .WithAnswer(new ReportedOutcome(ExecutionApi.Example.Id, ExecutionStatus.Success, ExecutionApi.Example.CreatedAt))
            .WithProblem(404, "execution_not_found")
            .WithProblem(409, "outcome_conflict", "execution_failed")
            .WithProblem(422, "invalid_outcome");

    private static async Task<Results<JsonHttpResult<ReportedOutcome>, Problem>> ReportAsync(
        string id, HttpRequest request, OutcomeReports reports, CancellationToken cancellationToken)
    {
        var body = await JsonBody.ReadAsync(request, OutcomeJson.Default.Outcome);
        if (body.Value is not { } outcome)
            return body.Problem!;
        if (outcome.Problems() is { Count: > 0 } problems)
        {
            return new Problem(422, "invalid_outcome", string.Join(" ", problems.Select(problem => problem.Message)))
            {
                Extensions = { ["members"] = problems.Select(problem => problem.Field).Where(field => field.Length > 0).ToArray() },
            };
        }
        if (!Guid.TryParse(id, out var executionId))
            return new Problem(404, "execution_not_found", $"There is no execution '{id}'.");
        // Hashed as this app writes it, so that the order of members and white space do not make another report of it.
        var hash = SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(outcome, OutcomeJson.Default.Outcome));
        var answer = await reports.RunAsync(request.HttpContext.Actor(), executionId, outcome, hash, cancellationToken);
        return answer.Value is { } execution
            ? TypedResults.Json(ReportedOutcome.Of(execution), OutcomeJson.Default.ReportedOutcome)
            : answer.Problem!;
    }
}

/// <summary>The answer to a report.</summary>
/// <param name="ExecutionId">The execution.</param>
/// <param name="Status">How it went.</param>
/// <param name="OutcomeAt">When its outcome was reported first.</param>
public sealed record ReportedOutcome(Guid ExecutionId, string Status, DateTimeOffset OutcomeAt)
{
    /// <summary>Whether a guardrail blocks the response: it is stored, and must not be shown to anybody.</summary>
    public bool ResponseBlocked { get; init; }

    /// <summary>What guardrails found in the response; those that only log are not told.</summary>
    public IReadOnlyList<Violation> GuardrailViolations { get; init; } = [];

    internal static ReportedOutcome Of(PromptExecution execution)
    {
        IReadOnlyList<Violation> told =
            [.. Violation.Read(execution.GuardrailViolations).Where(violation => violation.Scope == GuardrailWords.Response && violation.IsTold)];
        return new ReportedOutcome(execution.Id, execution.Status, execution.OutcomeAt!.Value)
        {
            ResponseBlocked = told.Any(violation => violation.Outcome == ViolationOutcome.Blocked),
            GuardrailViolations = told,
        };
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(Outcome))]
[JsonSerializable(typeof(ReportedOutcome))]
internal sealed partial class OutcomeJson : JsonSerializerContext;
