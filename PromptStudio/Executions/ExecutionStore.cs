using Microsoft.EntityFrameworkCore;
using Npgsql;
using PromptStudio.Access;
using PromptStudio.Core.Access;
using PromptStudio.Core.Executions;
using PromptStudio.Database;
using PromptStudio.Guardrails;
using PromptStudio.Prompts;
using PromptStudio.Web;

namespace PromptStudio.Executions;

/// <summary>Every query and command about executions.</summary>
public sealed class ExecutionStore(IDbContextFactory<StudioDbContext> contexts, StudioDatabase database, ExecutionWriter writer, OutcomeWriter outcomes, Refusals refusals)
{
    /// <summary>Stores an execution; it is committed when this returns true. The draft that it rendered is frozen with it.</summary>
    /// <returns>False: the draft was changed after it was read, and nothing is stored.</returns>
    /// <exception cref="StudioBusyException">Too many wait already.</exception>
    public async Task<bool> AddAsync(PromptExecution execution, CancellationToken cancellationToken)
    {
        if (execution.DraftRevision is null)
            return await writer.StoreAsync(PendingExecution.Of(execution, null)) == Fate.Stored;
        var stored = true;
        await InPartitionAsync(execution.CreatedAt, async () =>
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
            stored = await FrozenAsync(context, execution, cancellationToken);
            if (!stored)
                return;
            Add(context, execution);
            await context.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }, cancellationToken);
        return stored;
    }

    /// <summary>Stores an execution unless its <c>request_id</c> was used before.</summary>
    /// <param name="execution">With a request id.</param>
    /// <param name="requestHash">SHA-256 over what was asked.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it is stored and committed; else the earlier claim of the id, or null: the draft was changed after it was read.</returns>
    public async Task<(bool Stored, ExecutionRequest? Earlier)> AddOnceAsync(PromptExecution execution, byte[] requestHash, CancellationToken cancellationToken)
    {
        var requestId = execution.RequestId ?? throw new ArgumentException("The execution has no request id.", nameof(execution));
        if (execution.DraftRevision is null)
        {
            return await writer.StoreAsync(PendingExecution.Of(execution, requestHash)) == Fate.Stored
                ? (true, null)
                : (false, await FindRequestAsync(requestId, cancellationToken));
        }
        ExecutionRequest? earlier = null;
        var stored = false;
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
            if (!await FrozenAsync(context, execution, cancellationToken))
                return;
            Add(context, execution);
            await context.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            stored = true;
        }, cancellationToken);
        return (stored, earlier);
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
    /// <param name="actor">Who reports it.</param>
    /// <param name="id">The execution.</param>
    /// <param name="outcome">Already checked.</param>
    /// <param name="outcomeHash">SHA-256 over the report, to tell a repeated one from another one.</param>
    /// <param name="guarded">What guardrails found in it, and how its texts are stored; null: no guardrail looks at it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The execution; or 403 <c>prompt_not_allowed</c>, 404 <c>execution_not_found</c>, 409 <c>outcome_conflict</c> or <c>execution_failed</c>.</returns>
    /// <exception cref="StudioBusyException">Too many wait already.</exception>
    public async Task<Answer<PromptExecution>> ReportAsync(Actor actor, Guid id, Outcome outcome, byte[] outcomeHash, GuardedReport? guarded, CancellationToken cancellationToken)
    {
        var answer = await outcomes.StoreAsync(new OutcomeReport(actor, id, outcome, outcomeHash, guarded));
        return answer.Problem is { Code: AccessProblem.OutOfReachCode } problem
            ? await refusals.RecordAsync(actor, $"report outcome: {problem.Detail}", problem, cancellationToken)
            : answer;
    }

    private static void Add(StudioDbContext context, PromptExecution execution)
    {
        context.PromptExecutions.Add(execution);
        context.GuardrailViolations.AddRange(execution.Violations);
    }

    /// <summary>From now on the text that an execution refers to never changes: whoever edits the draft waits for this transaction, and then finds it frozen.</summary>
    private static async Task<bool> FrozenAsync(StudioDbContext context, PromptExecution execution, CancellationToken cancellationToken) =>
        execution.DraftRevision is not { } revision || await context.Database.ExecuteSqlAsync(
            $"UPDATE prompt_templates SET frozen_at = coalesce(frozen_at, {execution.CreatedAt}) WHERE id = {execution.PromptTemplateId} AND revision = {revision}",
            cancellationToken) == 1;

    /// <summary>When the clock has run past the months that were made ahead (a machine that slept), makes them and tries again.</summary>
    private async Task InPartitionAsync(DateTimeOffset createdAt, Func<Task> insert, CancellationToken cancellationToken)
    {
        try
        {
            await insert();
        }
        catch (DbUpdateException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.CheckViolation, TableName: "prompt_executions" or "guardrail_violations", ConstraintName: null })
        {
            await ExecutionPartitions.EnsureAsync(database.DataSource, createdAt, cancellationToken);
            await insert();
        }
    }
}

/// <summary>What guardrails say of a report.</summary>
/// <param name="Response">What they found, and how its texts are stored.</param>
/// <param name="Template">The version that was rendered.</param>
public sealed record GuardedReport(GuardedResponse Response, PromptTemplate Template);
