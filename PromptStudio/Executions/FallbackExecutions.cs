using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using PromptStudio.Access;
using PromptStudio.Core.Access;
using PromptStudio.Core.Executions;
using PromptStudio.Database;
using PromptStudio.Guardrails;
using PromptStudio.Prompts;

namespace PromptStudio.Executions;

/// <summary>Takes the executions that clients made by themselves while they could not reach the studio.</summary>
public sealed class FallbackExecutions(
    IDbContextFactory<StudioDbContext> contexts, StudioDatabase database, PromptGuard guard, PromptStorage storage, Refusals refusals, TimeProvider clock)
{
    /// <summary>Executions of one call.</summary>
    public const int MostItems = 100;

    /// <summary>How long ago an execution may have been.</summary>
    public static readonly TimeSpan Oldest = TimeSpan.FromDays(7);

    /// <summary>How far a client's clock may be ahead of ours.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromMinutes(5);

    /// <summary>Stores what can be stored; each execution by itself.</summary>
    /// <returns>What became of each, in the same order.</returns>
    public async Task<IReadOnlyList<FallbackResult>> StoreAsync(Actor actor, IReadOnlyList<FallbackExecution> executions, CancellationToken cancellationToken)
    {
        var ids = executions.Select(execution => execution.TemplateId).Distinct().ToArray();
        Dictionary<Guid, PromptTemplate> versions;
        await using (var context = await contexts.CreateDbContextAsync(cancellationToken))
            versions = await context.PromptTemplates.AsNoTracking().Where(version => ids.Contains(version.Id)).ToDictionaryAsync(version => version.Id, cancellationToken);
        List<FallbackResult> results = [];
        foreach (var execution in executions)
            results.Add(await StoreAsync(actor, execution, versions.GetValueOrDefault(execution.TemplateId), cancellationToken));
        return results;
    }

    private async Task<FallbackResult> StoreAsync(Actor actor, FallbackExecution execution, PromptTemplate? version, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (execution.Problem(now - Oldest, now + Ahead) is { } invalid)
            return FallbackResult.Refused(execution.Id, "invalid_execution", invalid);
        // A draft was never handed out to be rendered elsewhere.
        if (version?.FrozenAt is null)
            return FallbackResult.Refused(execution.Id, "version_not_found", $"There is no version {execution.TemplateId} that was in service.");
        if (!actor.Reaches(version.Name, version.Category))
        {
            var refused = await refusals.RecordAsync(actor, $"report execution of prompt {version.Name}", AccessProblem.OutOfReach(version.Name), cancellationToken);
            return FallbackResult.Refused(execution.Id, refused.Code, refused.Detail);
        }
        var createdAt = ExecutionId.Instant(execution.Id)!.Value;
        var variables = execution.Variables ?? JsonElement.Parse("{}");
        var guarded = await guard.RenderAsync(version, variables, execution.RenderedPrompt, null, execution.UserId ?? execution.Id.ToString(), cancellationToken);
        guarded = storage.Of(version.StoreRenderedPrompt, guarded, cancellationToken);
        // The prompt was handed out before anybody looked.
        IReadOnlyList<Violation> found =
            [.. guarded.Verdict.Violations.Select(violation => violation.Outcome == ViolationOutcome.Blocked ? violation with { Outcome = ViolationOutcome.WouldBlock } : violation)];
        var row = new PromptExecution
        {
            Id = execution.Id,
            CreatedAt = createdAt,
            PromptTemplateId = version.Id,
            Variables = guarded.Variables,
            RenderedPrompt = guarded.Prompt,
            StoredAs = version.StoreRenderedPrompt,
            RenderTimeUs = execution.RenderTimeUs,
            ModelName = execution.ModelName,
            Status = ExecutionStatus.Success,
            UserId = execution.UserId,
            GuardrailViolations = Violation.Write(found),
            Violations = [.. found.Select(violation => violation.ToRow(Guid.CreateVersion7(createdAt), createdAt, execution.Id, version.Name, version.Id))],
            IsRedacted = guarded.IsRedacted,
            IsFallback = true,
        };
        try
        {
            return await InsertAsync(row, cancellationToken);
        }
        catch (DbUpdateException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.CheckViolation, ConstraintName: null })
        {
            // The last days of a month that the studio has not seen.
            await ExecutionPartitions.EnsureAsync(database.DataSource, createdAt, cancellationToken);
            return await InsertAsync(row, cancellationToken);
        }
    }

    private async Task<FallbackResult> InsertAsync(PromptExecution row, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var known = await context.PromptExecutions.AsNoTracking().Where(execution => execution.Id == row.Id && execution.CreatedAt == row.CreatedAt)
            .Select(execution => new { execution.PromptTemplateId, execution.IsFallback }).SingleOrDefaultAsync(cancellationToken);
        if (known is not null)
        {
            return known.IsFallback && known.PromptTemplateId == row.PromptTemplateId
                ? new FallbackResult(row.Id, FallbackState.Known)
                : FallbackResult.Refused(row.Id, "execution_exists", $"The id {row.Id} is another execution's.");
        }
        context.PromptExecutions.Add(row);
        context.GuardrailViolations.AddRange(row.Violations);
        try
        {
            await context.SaveChangesAsync(cancellationToken);
            return new FallbackResult(row.Id, FallbackState.Stored);
        }
        catch (DbUpdateException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            // The same call, sent twice at once.
            return new FallbackResult(row.Id, FallbackState.Known);
        }
    }
}

/// <summary>Executions that a client made by itself.</summary>
public sealed record FallbackBody
{
    /// <summary>1 to 100.</summary>
    public required IReadOnlyList<FallbackExecution> Executions { get; init; }
}

/// <summary>An execution that a client made by itself.</summary>
public sealed record FallbackExecution
{
    /// <summary>The client's: a UUIDv7 of the instant. The same id again stores nothing twice.</summary>
    public required Guid Id { get; init; }

    /// <summary>The version that was rendered.</summary>
    public required Guid TemplateId { get; init; }

    /// <summary>What the template got, defaults included: a JSON object.</summary>
    public JsonElement? Variables { get; init; }

    /// <summary>What was handed out.</summary>
    public required string RenderedPrompt { get; init; }

    /// <summary>Who the prompt was for.</summary>
    public string? UserId { get; init; }

    /// <summary>The model that the prompt was for.</summary>
    public string? ModelName { get; init; }

    /// <summary>Microseconds that the render took.</summary>
    public int RenderTimeUs { get; init; }

    /// <summary>What is wrong with it; null: nothing.</summary>
    internal string? Problem(DateTimeOffset oldest, DateTimeOffset newest) => this switch
    {
        _ when ExecutionId.Instant(Id) is null => "'id' must be a UUIDv7.",
        _ when ExecutionId.Instant(Id) < oldest => $"'id' is of an instant before {oldest:u}: that is too long ago.",
        _ when ExecutionId.Instant(Id) > newest => $"'id' is of an instant after {newest:u}: the client's clock is ahead.",
        { Variables.ValueKind: not JsonValueKind.Object } => "'variables' must be an object.",
        { RenderedPrompt: null or "" } => "'rendered_prompt' must be given.",
        { UserId.Length: > 255 } => "'user_id' may have 255 characters.",
        { ModelName.Length: > Outcome.ModelNameMaxLength } => $"'model_name' may have {Outcome.ModelNameMaxLength} characters.",
        { RenderTimeUs: < 0 } => "'render_time_us' must be 0 or more.",
        _ => null,
    };
}

/// <summary>What became of an execution that was sent.</summary>
public static class FallbackState
{
    /// <summary>It is stored.</summary>
    public const string Stored = "stored";

    /// <summary>It was stored before.</summary>
    public const string Known = "known";

    /// <summary>It is not stored, and sending it again changes nothing.</summary>
    public const string Refused = "refused";
}

/// <summary>What became of an execution that was sent.</summary>
/// <param name="Id">The execution.</param>
/// <param name="State"><c>stored</c>, <c>known</c> (from before) or <c>refused</c>.</param>
/// <param name="Code">Why it is refused: <c>invalid_execution</c>, <c>version_not_found</c>, <c>prompt_not_allowed</c> or <c>execution_exists</c>.</param>
/// <param name="Detail">The same for people.</param>
public sealed record FallbackResult(Guid Id, string State, string? Code = null, string? Detail = null)
{
    internal static FallbackResult Refused(Guid id, string code, string detail) => new(id, FallbackState.Refused, code, detail);
}

/// <summary>What became of all that were sent.</summary>
/// <param name="Executions">In the order in which they were sent.</param>
public sealed record FallbackAnswer(IReadOnlyList<FallbackResult> Executions);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(FallbackBody))]
[JsonSerializable(typeof(FallbackAnswer))]
internal sealed partial class FallbackJson : JsonSerializerContext;
