using Microsoft.EntityFrameworkCore;
using PromptStudio.Access;
using PromptStudio.Core.Access;
using PromptStudio.Core.Executions;
using PromptStudio.Database;
using PromptStudio.Guardrails;
using PromptStudio.Prompts;
using PromptStudio.Web;

namespace PromptStudio.Executions;

/// <summary>Looks at stored executions. A page goes on from an execution, not from a number: ids are in the order of time, so each page is a short walk along an index.</summary>
public sealed class ExecutionList(IDbContextFactory<StudioDbContext> contexts, Refusals refusals, TimeProvider clock)
{
    /// <summary>How far back a list reaches when nothing is said.</summary>
    public static readonly TimeSpan DefaultWindow = TimeSpan.FromDays(7);

    /// <summary>Experiments that a list can be filtered by.</summary>
    private const int MostExperiments = 200;

    /// <summary>A page of executions, the newest first.</summary>
    /// <returns>The page, or 403.</returns>
    public async Task<Answer<ExecutionPage>> ListAsync(Actor actor, ExecutionFilter filter, CancellationToken cancellationToken)
    {
        if (await RefusedAsync(actor, cancellationToken) is { } problem)
            return problem;
        var end = filter.To ?? clock.GetUtcNow();
        var from = filter.From ?? (end - DateTimeOffset.MinValue > DefaultWindow ? end - DefaultWindow : DateTimeOffset.MinValue);
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        // The time decides the partitions; the id, which begins with it, the order.
        var executions = context.PromptExecutions.AsNoTracking().Where(execution => execution.CreatedAt >= from);
        if (filter.To is { } to)
            executions = executions.Where(execution => execution.CreatedAt < to);
        if (filter.After is { } after)
            executions = executions.Where(execution => execution.Id < after);
        if (filter.Status is { } status)
            executions = executions.Where(execution => execution.Status == status);
        if (filter.AbTestGroup is { } group)
            executions = executions.Where(execution => execution.AbTestGroup == group);
        if (filter.UserId is { } user)
            executions = executions.Where(execution => execution.UserId == user);
        if (filter.TemplateId is { } template)
            executions = executions.Where(execution => execution.PromptTemplateId == template);
        if (filter.ExperimentId is { } experiment)
            executions = executions.Where(execution => execution.ExperimentId == experiment);
        if (filter.GuardrailId is { } guardrail)
            executions = executions.Where(execution => context.GuardrailViolations.Any(hit => hit.GuardrailId == guardrail && hit.ExecutionId == execution.Id && hit.CreatedAt >= from));
        if (filter.AnyId is { } anyId)
        {
            var claimed = await context.ExecutionRequests.AsNoTracking().Where(claim => claim.RequestId == anyId).Select(claim => (Guid?)claim.ExecutionId).SingleOrDefaultAsync(cancellationToken);
            var id = claimed ?? anyId;
            // Its own time, wherever the list looks: who knows the id wants that one.
            var createdAt = ExecutionId.Instant(id);
            executions = context.PromptExecutions.AsNoTracking().Where(execution => execution.Id == id && execution.CreatedAt == createdAt);
        }
        if (filter.NamesVersions || actor.Binding is not null)
        {
            // Known first: an execution holds the id of its version, and there is an index for that.
            var ids = await Reachable(actor, context.PromptTemplates).Where(version => filter.Prompt == null || version.Name == filter.Prompt)
                .Where(version => filter.Version == null || version.Version == filter.Version)
                .Select(version => version.Id).ToArrayAsync(cancellationToken);
            executions = executions.Where(execution => ids.Contains(execution.PromptTemplateId));
        }
        var found = await executions.OrderByDescending(execution => execution.Id).Take(filter.PageSize + 1)
            .Join(context.PromptTemplates, execution => execution.PromptTemplateId, version => version.Id, (execution, version) => new ExecutionRow
            {
                Id = execution.Id,
                CreatedAt = execution.CreatedAt,
                PromptName = version.Name,
                TemplateId = version.Id,
                Version = version.Version,
                Status = execution.Status,
                AbTestGroup = execution.AbTestGroup,
                ExperimentId = execution.ExperimentId,
                UserId = execution.UserId,
                ModelName = execution.ModelName,
                RenderTimeUs = execution.RenderTimeUs,
                ExecutionTimeMs = execution.ExecutionTimeMs,
                Success = execution.Success,
                OutcomeAt = execution.OutcomeAt,
            })
            .OrderByDescending(row => row.Id).ToListAsync(cancellationToken);
        var items = found.Take(filter.PageSize).ToList();
        return new ExecutionPage(items, found.Count > items.Count ? items[^1].Id : null);
    }

    /// <summary>One execution, with everything that is stored of it.</summary>
    /// <returns>The execution and its version; 403; or 404 <c>execution_not_found</c>, also for one of a prompt that the key is not bound to.</returns>
    public async Task<Answer<ExecutionWithVersion>> FindAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        if (await RefusedAsync(actor, cancellationToken) is { } problem)
            return problem;
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var createdAt = ExecutionId.Instant(id);
        var found = await context.PromptExecutions.AsNoTracking().Where(execution => execution.Id == id && execution.CreatedAt == createdAt)
            .Join(context.PromptTemplates, execution => execution.PromptTemplateId, version => version.Id, (execution, version) => new { execution, version })
            .SingleOrDefaultAsync(cancellationToken);
        return found is not null && actor.Reaches(found.version.Name, found.version.Category)
            ? new ExecutionWithVersion(found.execution, found.version, found.execution.GuardrailViolations is null ? [] : await ViolationStore.OfExecutionAsync(context, id, found.execution.CreatedAt, cancellationToken))
            : new Problem(404, "execution_not_found", $"There is no execution {id}.");
    }

    /// <summary>The experiments that executions can belong to, the newest first.</summary>
    public async Task<IReadOnlyList<(Guid Id, string Name)>> ExperimentsAsync(CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return [.. (await context.AbTestExperiments.AsNoTracking().OrderByDescending(experiment => experiment.CreatedAt).Take(MostExperiments)
            .Select(experiment => new { experiment.Id, experiment.Name }).ToListAsync(cancellationToken)).Select(experiment => (experiment.Id, experiment.Name))];
    }

    private static IQueryable<PromptTemplate> Reachable(Actor actor, IQueryable<PromptTemplate> versions) => actor.Binding is { } binding
        ? versions.Where(version => binding.Names.Contains(version.Name) || (version.Category != null && binding.Categories.Contains(version.Category)))
        : versions;

    private async Task<Problem?> RefusedAsync(Actor actor, CancellationToken cancellationToken) => actor.May(Permissions.Read)
        ? null
        : await refusals.RecordAsync(actor, "executions", AccessProblem.Missing(actor, Permissions.Read), cancellationToken);
}

/// <summary>Which executions are asked for; null: any.</summary>
public sealed record ExecutionFilter
{
    public string? Prompt { get; init; }
    public int? Version { get; init; }
    public Guid? TemplateId { get; init; }
    public string? Status { get; init; }
    public string? AbTestGroup { get; init; }
    public string? UserId { get; init; }
    public Guid? ExperimentId { get; init; }

    /// <summary>Only those in which this guardrail found something.</summary>
    public Guid? GuardrailId { get; init; }

    /// <summary>The id of the execution, or of the caller's request: then nothing else but the prompt counts.</summary>
    public Guid? AnyId { get; init; }

    /// <summary>UTC, inclusive; null: <see cref="ExecutionList.DefaultWindow"/> before the end.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>UTC, exclusive.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>The page goes on after this execution.</summary>
    public Guid? After { get; init; }

    public int PageSize { get; init; } = PageQuery.DefaultPageSize;

    internal bool NamesVersions => Prompt is not null || Version is not null;
}

/// <summary>An execution in a list.</summary>
public sealed record ExecutionRow
{
    public required Guid Id { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required string PromptName { get; init; }
    public required Guid TemplateId { get; init; }
    public required int Version { get; init; }

    /// <summary><c>success</c>, <c>error</c>, <c>timeout</c> or <c>blocked</c>.</summary>
    public required string Status { get; init; }

    public string? AbTestGroup { get; init; }
    public Guid? ExperimentId { get; init; }
    public string? UserId { get; init; }
    public string? ModelName { get; init; }

    /// <summary>Microseconds that the render itself took.</summary>
    public required int RenderTimeUs { get; init; }

    /// <summary>Milliseconds that the model call took, as it was reported.</summary>
    public int? ExecutionTimeMs { get; init; }

    public bool? Success { get; init; }
    public DateTimeOffset? OutcomeAt { get; init; }
}

/// <summary>A page of executions.</summary>
/// <param name="Items">The newest first.</param>
/// <param name="Next">What to ask for as <c>after</c> to get the next page; null: this is the last one.</param>
public sealed record ExecutionPage(IReadOnlyList<ExecutionRow> Items, Guid? Next);

/// <summary>An execution, the version that it rendered, and what guardrails found in it.</summary>
public sealed record ExecutionWithVersion(PromptExecution Execution, PromptTemplate Version, IReadOnlyList<ViolationRow> Violations);
