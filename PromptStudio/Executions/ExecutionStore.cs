using Microsoft.EntityFrameworkCore;
using Npgsql;
using PromptStudio.Core.Executions;
using PromptStudio.Database;
using PromptStudio.Prompts;
using PromptStudio.Web;

namespace PromptStudio.Executions;

/// <summary>Every query and command about executions.</summary>
public sealed class ExecutionStore(IDbContextFactory<StudioDbContext> contexts, StudioDatabase database, TimeProvider clock)
{
    /// <summary>Stores an execution; it is committed when this returns.</summary>
    public Task AddAsync(PromptExecution execution, CancellationToken cancellationToken) =>
        InPartitionAsync(execution.CreatedAt, async () =>
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            context.PromptExecutions.Add(execution);
            await context.SaveChangesAsync(cancellationToken);
        }, cancellationToken);

    /// <summary>Stores an execution unless its <c>request_id</c> was used before.</summary>
    /// <param name="execution">With a request id.</param>
    /// <param name="requestHash">SHA-256 over what was asked.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null when it is stored and committed; else the earlier claim of the id.</returns>
    public async Task<ExecutionRequest?> AddOnceAsync(PromptExecution execution, byte[] requestHash, CancellationToken cancellationToken)
    {
        var requestId = execution.RequestId ?? throw new ArgumentException("The execution has no request id.", nameof(execution));
        ExecutionRequest? earlier = null;
        await InPartitionAsync(execution.CreatedAt, async () =>
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
            // A second request with the id waits here for the first one's commit, and then finds its row.
            var claimed = await context.Database.ExecuteSqlAsync(
                $"""
                INSERT INTO execution_requests (request_id, execution_id, request_hash, created_at)
                VALUES ({requestId}, {execution.Id}, {requestHash}, {execution.CreatedAt})
                ON CONFLICT (request_id) DO NOTHING
                """,
                cancellationToken);
            if (claimed == 0)
            {
                earlier = await context.ExecutionRequests.AsNoTracking().SingleAsync(claim => claim.RequestId == requestId, cancellationToken);
                return;
            }
            context.PromptExecutions.Add(execution);
            await context.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }, cancellationToken);
        return earlier;
    }

    /// <summary>The claim of a <c>request_id</c> that was used before, or null.</summary>
    public async Task<ExecutionRequest?> FindRequestAsync(Guid requestId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.ExecutionRequests.AsNoTracking().SingleOrDefaultAsync(claim => claim.RequestId == requestId, cancellationToken);
    }

    /// <summary>An execution with the version that it rendered.</summary>
    public async Task<(PromptExecution Execution, PromptTemplate Template)?> FindWithTemplateAsync(Guid id, CancellationToken cancellationToken)
    {
        if (ExecutionId.Instant(id) is not { } createdAt)
            return null;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var found = await context.PromptExecutions.AsNoTracking()
            .Where(execution => execution.Id == id && execution.CreatedAt == createdAt)
            .Join(context.PromptTemplates, execution => execution.PromptTemplateId, template => template.Id, (execution, template) => new { execution, template })
            .SingleOrDefaultAsync(cancellationToken);
        return found is null ? null : (found.execution, found.template);
    }

    /// <summary>Stores what the caller reports of an execution.</summary>
    /// <param name="id">The execution.</param>
    /// <param name="outcome">Already checked.</param>
    /// <param name="outcomeHash">SHA-256 over the report, to tell a repeated one from another one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The execution; or 404 <c>execution_not_found</c>, 409 <c>outcome_conflict</c> or <c>execution_failed</c>.</returns>
    public async Task<Answer<PromptExecution>> ReportAsync(Guid id, Outcome outcome, byte[] outcomeHash, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        var createdAt = ExecutionId.Instant(id);
        var execution = await context.PromptExecutions
            .FromSql($"SELECT * FROM prompt_executions WHERE id = {id} AND created_at = {createdAt} FOR UPDATE")
            .SingleOrDefaultAsync(cancellationToken);
        if (execution is null)
            return new Problem(404, "execution_not_found", $"There is no execution {id}.");
        if (execution.OutcomeHash is { } reported)
        {
            return reported.AsSpan().SequenceEqual(outcomeHash)
                ? execution
                : new Problem(409, "outcome_conflict", $"Execution {id} has another outcome already, reported {execution.OutcomeAt:u}. The first one stands.");
        }
        if (execution.Status is ExecutionStatus.Blocked or ExecutionStatus.Error)
            return new Problem(409, "execution_failed", $"Execution {id} gave no prompt (its status is {execution.Status}), so it has no outcome.");
        execution.Success = outcome.Success;
        execution.ConversionMetric = outcome.ConversionMetric;
        execution.ResponseText = outcome.ResponseText;
        execution.ResponseTokens = outcome.ResponseTokens;
        execution.ExecutionTimeMs = outcome.ExecutionTimeMs;
        execution.Status = outcome.Status ?? execution.Status;
        execution.ErrorMessage = outcome.ErrorMessage;
        execution.SafetyScore = outcome.SafetyScore;
        execution.ModelName = outcome.ModelName ?? execution.ModelName;
        execution.OutcomeAt = clock.GetUtcNow();
        execution.OutcomeHash = outcomeHash;
        await context.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return execution;
    }

    /// <summary>When the clock has run past the months that were made ahead (a machine that slept), makes them and tries again.</summary>
    private async Task InPartitionAsync(DateTimeOffset createdAt, Func<Task> insert, CancellationToken cancellationToken)
    {
        try
        {
            await insert();
        }
        catch (DbUpdateException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.CheckViolation, TableName: "prompt_executions", ConstraintName: null })
        {
            await ExecutionPartitions.EnsureAsync(database.DataSource, createdAt, cancellationToken);
            await insert();
        }
    }
}
