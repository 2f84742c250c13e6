using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using PromptStudio.Access;
using PromptStudio.Core.Access;
using PromptStudio.Core.Audit;
using PromptStudio.Core.Executions;
using PromptStudio.Database;
using PromptStudio.Guardrails;
using PromptStudio.Web;

namespace PromptStudio.Executions;

/// <summary>What somebody reports of an execution.</summary>
/// <param name="Actor">Who.</param>
/// <param name="Id">The execution.</param>
/// <param name="Outcome">Already checked.</param>
/// <param name="Hash">SHA-256 over the report, to tell a repeated one from another one.</param>
/// <param name="Guarded">What guardrails found in it, and how its texts are stored; null: no guardrail looks at it.</param>
public sealed record OutcomeReport(Actor Actor, Guid Id, Outcome Outcome, byte[] Hash, GuardedReport? Guarded);

/// <summary>Stores outcomes as <see cref="ExecutionWriter"/> stores executions: as many in one commit as arrived during the last one. Who comes first works for those who come meanwhile.</summary>
public sealed class OutcomeWriter(IDbContextFactory<StudioDbContext> contexts, StudioDatabase database, TimeProvider clock)
{
    /// <summary>Outcomes that may wait.</summary>
    public const int MostWaiting = 2_000;

    private const int MostTogether = 100;

    private readonly ConcurrentQueue<Waiting> _waiting = new();
    private int _count;
    private int _isWorking;

    /// <summary>Stores a report; it is committed when this returns an execution.</summary>
    /// <returns>The execution; or 403 <c>prompt_not_allowed</c>, 404 <c>execution_not_found</c>, 409 <c>outcome_conflict</c> or <c>execution_failed</c>.</returns>
    /// <exception cref="StudioBusyException">Too many wait already.</exception>
    public Task<Answer<PromptExecution>> StoreAsync(OutcomeReport report)
    {
        if (Interlocked.Increment(ref _count) > MostWaiting)
        {
            Interlocked.Decrement(ref _count);
            throw new StudioBusyException();
        }
        var waiting = new Waiting(report);
        _waiting.Enqueue(waiting);
        if (Interlocked.Exchange(ref _isWorking, 1) == 0)
            _ = Task.Run(WorkAsync);
        return waiting.Done.Task;
    }

    private async Task WorkAsync()
    {
        do
        {
            while (!_waiting.IsEmpty)
            {
                var batch = new List<Waiting>();
                while (batch.Count < MostTogether && _waiting.TryDequeue(out var next))
                    batch.Add(next);
                await StoreAsync(batch);
                Interlocked.Add(ref _count, -batch.Count);
            }
            Volatile.Write(ref _isWorking, 0);
        }
        // Somebody may have come between the last look and the end of the work.
        while (!_waiting.IsEmpty && Interlocked.Exchange(ref _isWorking, 1) == 0);
    }

    private async Task StoreAsync(IReadOnlyList<Waiting> batch)
    {
        try
        {
            var answers = await InPartitionAsync(() => StoreOnceAsync(batch));
            for (var index = 0; index < batch.Count; index++)
                batch[index].Done.SetResult(answers[index]);
        }
#pragma warning disable CA1031 // Whatever it is, each caller must have an answer, and the next one a writer.
        catch (Exception exception)
        {
            if (batch.Count == 1 || exception is not DbUpdateException)
            {
                foreach (var one in batch)
                    one.Done.SetException(exception);
                return;
            }
            // One of them cannot be stored: the others must not suffer for it.
            foreach (var one in batch)
                await StoreAsync([one]);
        }
#pragma warning restore CA1031
    }

    private async Task<Answer<PromptExecution>[]> StoreOnceAsync(IReadOnlyList<Waiting> batch)
    {
        await using var context = await contexts.CreateDbContextAsync();
        await using var transaction = await context.Database.BeginTransactionAsync();
        Guid[] ids = [.. batch.Select(waiting => waiting.Report.Id).Distinct()];
        DateTimeOffset[] instants = [.. ids.Select(id => ExecutionId.Instant(id)).OfType<DateTimeOffset>().Distinct()];
        // In the order of the ids: two nodes that report on the same ones must not wait for each other.
        var executions = await context.PromptExecutions
            .FromSql($"SELECT * FROM prompt_executions WHERE id = ANY({ids}) AND created_at = ANY({instants}) ORDER BY id FOR UPDATE")
            .ToDictionaryAsync(execution => execution.Id);
        Guid[] bound = [.. batch.Where(waiting => waiting.Report.Actor.Binding is not null).Select(waiting => executions.GetValueOrDefault(waiting.Report.Id)?.PromptTemplateId).OfType<Guid>()];
        var prompts = bound.Length == 0 ? [] : await context.PromptTemplates.Where(version => bound.Contains(version.Id))
            .ToDictionaryAsync(version => version.Id, version => new { version.Name, version.Category });
        var answers = new Answer<PromptExecution>[batch.Count];
        for (var index = 0; index < batch.Count; index++)
        {
            var report = batch[index].Report;
            if (executions.GetValueOrDefault(report.Id) is not { } execution)
            {
                answers[index] = new Problem(404, "execution_not_found", $"There is no execution {report.Id}.");
                continue;
            }
            var prompt = report.Actor.Binding is null ? null : prompts.GetValueOrDefault(execution.PromptTemplateId);
            answers[index] = report.Actor.Binding is not null && !report.Actor.Reaches(prompt?.Name ?? "", prompt?.Category)
                ? AccessProblem.OutOfReach(prompt?.Name ?? "?")
                : Take(context, report, execution);
        }
        await context.SaveChangesAsync();
        await transaction.CommitAsync();
        return answers;
    }

    private Answer<PromptExecution> Take(StudioDbContext context, OutcomeReport report, PromptExecution execution)
    {
        var (_, id, outcome, hash, guarded) = report;
        if (execution.OutcomeHash is { } reported)
        {
            return reported.AsSpan().SequenceEqual(hash)
                ? execution
                : new Problem(409, "outcome_conflict", $"Execution {id} has another outcome already, reported {execution.OutcomeAt:u}. The first one stands.");
        }
        if (execution.Status is ExecutionStatus.Blocked or ExecutionStatus.Error)
            return new Problem(409, "execution_failed", $"Execution {id} gave no prompt (its status is {execution.Status}), so it has no outcome.");
        execution.Success = outcome.Success;
        execution.ConversionMetric = outcome.ConversionMetric;
        execution.ResponseText = guarded is null ? outcome.ResponseText : guarded.Response.Response;
        execution.ResponseTokens = outcome.ResponseTokens;
        execution.ExecutionTimeMs = outcome.ExecutionTimeMs;
        execution.Status = outcome.Status ?? execution.Status;
        execution.ErrorMessage = guarded is null ? outcome.ErrorMessage : guarded.Response.Error;
        execution.SafetyScore = outcome.SafetyScore;
        execution.ModelName = outcome.ModelName ?? execution.ModelName;
        // As PostgreSQL keeps it, so that a repeated report gets the very same answer.
        execution.OutcomeAt = AuditChain.Storable(clock.GetUtcNow());
        execution.OutcomeHash = hash;
        if (guarded is { Response.Verdict.Violations: { Count: > 0 } found })
        {
            execution.GuardrailViolations = Violation.Write([.. Violation.Read(execution.GuardrailViolations), .. found]);
            var foundAt = DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds());
            context.AddRange(found.Select(violation => violation.ToRow(Guid.CreateVersion7(foundAt), foundAt, id, guarded.Template.Name, guarded.Template.Id)));
        }
        return execution;
    }

    /// <summary>When the clock has run past the months that were made ahead (a machine that slept), makes them and tries again.</summary>
    private async Task<T> InPartitionAsync<T>(Func<Task<T>> store)
    {
        try
        {
            return await store();
        }
        catch (DbUpdateException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.CheckViolation, TableName: "guardrail_violations", ConstraintName: null })
        {
            await ExecutionPartitions.EnsureAsync(database.DataSource, clock.GetUtcNow(), CancellationToken.None);
            return await store();
        }
    }

    private sealed record Waiting(OutcomeReport Report)
    {
        public TaskCompletionSource<Answer<PromptExecution>> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
