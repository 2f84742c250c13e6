using Microsoft.EntityFrameworkCore;
using PromptStudio.Access;
using PromptStudio.Core.Access;
using PromptStudio.Core.Experiments.Analysis;
using PromptStudio.Database;
using PromptStudio.Web;

namespace PromptStudio.Experiments;

/// <summary>Every query about experiments.</summary>
public sealed class ExperimentStore(IDbContextFactory<StudioDbContext> contexts, Refusals refusals)
{
    /// <summary>What the list can be sorted by.</summary>
    public static readonly IReadOnlyList<string> Sortable = ["-created_at", "name", "prompt_name", "status", "started_at"];

    /// <summary>Points that a series has at most.</summary>
    internal const int MostPoints = 200;

    /// <summary>A page of the experiments on prompts that the actor reaches.</summary>
    public async Task<ListPage<ExperimentView>> ListAsync(Actor actor, ExperimentFilter filter, PageRequest page, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var rows = context.AbTestExperiments.AsNoTracking();
        if (actor.Binding is { } within)
            rows = rows.Where(row => within.Names.Contains(row.PromptName) || context.PromptTemplates.Any(version => version.Name == row.PromptName && within.Categories.Contains(version.Category)));
        if (filter.Search is { Length: > 0 } search)
        {
            var pattern = LikePattern.Containing(search);
            rows = rows.Where(row => EF.Functions.ILike(row.Name, pattern, "\\") || EF.Functions.ILike(row.Description!, pattern, "\\") || EF.Functions.ILike(row.PromptName, pattern, "\\"));
        }
        if (filter.Status is { } status)
            rows = rows.Where(row => row.Status == status);
        if (filter.Prompt is { } prompt)
            rows = rows.Where(row => row.PromptName == prompt);
        var total = await rows.CountAsync(cancellationToken);
        var found = await Sorted(rows, page).Skip(page.Skip).Take(page.PageSize).ToListAsync(cancellationToken);
        var versions = await VersionsAsync(context, found, cancellationToken);
        return new ListPage<ExperimentView>([.. found.Select(row => ExperimentView.Of(row, versions))], page.Page, page.PageSize, total);
    }

    /// <summary>An experiment.</summary>
    /// <returns>Or 403 <c>prompt_not_allowed</c>, 404 <c>experiment_not_found</c>.</returns>
    public async Task<Answer<ExperimentView>> FindAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var found = await RowAsync(context, actor, id, cancellationToken);
        return found.Value is { } row ? ExperimentView.Of(row, await VersionsAsync(context, [row], cancellationToken)) : found.Problem!;
    }

    /// <summary>What an experiment shows, now and over time, and how its recomputation goes.</summary>
    /// <returns>Or 403 <c>prompt_not_allowed</c>, 404 <c>experiment_not_found</c>.</returns>
    public async Task<Answer<ExperimentMetrics>> MetricsAsync(Actor actor, Guid id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var found = await RowAsync(context, actor, id, cancellationToken);
        if (found.Value is not { } row)
            return found.Problem!;
        var phases = await context.ExperimentPhases.AsNoTracking().Where(phase => phase.ExperimentId == id).OrderBy(phase => phase.Number).ToListAsync(cancellationToken);
        var snapshot = await context.ExperimentSnapshots.AsNoTracking().Where(one => one.ExperimentId == id && one.Phase == row.Phase)
            .OrderByDescending(one => one.Id).FirstOrDefaultAsync(cancellationToken);
        var decision = await context.ExperimentDecisions.AsNoTracking().SingleOrDefaultAsync(one => one.ExperimentId == id, cancellationToken);
        return new ExperimentMetrics
        {
            Experiment = ExperimentView.Of(row, await VersionsAsync(context, [row], cancellationToken)),
            Phases = [.. phases.Select(phase => new ExperimentPhaseView(
                phase.Number, ExperimentInput.Read(phase.TrafficAllocation, row.VariantTemplateIds.Length + 1)?.Percentages ?? new Dictionary<string, decimal>(), phase.StartedAt, phase.EndedAt))],
            Snapshot = snapshot is null ? null : ExperimentSnapshotView.Of(snapshot),
            Series = await SeriesAsync(context, id, row.Phase, cancellationToken),
            Health = await HealthAsync(context, id, cancellationToken),
            Decision = decision is null ? null : ExperimentDecisionView.Of(decision),
        };
    }

    /// <summary>Versions by id, as far as experiments name them.</summary>
    internal static async Task<Dictionary<Guid, int>> VersionsAsync(StudioDbContext context, IEnumerable<AbTestExperiment> rows, CancellationToken cancellationToken)
    {
        Guid[] ids = [.. rows.SelectMany(row => row.VariantTemplateIds.Prepend(row.ControlTemplateId)).Distinct()];
        return await context.PromptTemplates.AsNoTracking().Where(version => ids.Contains(version.Id))
            .ToDictionaryAsync(version => version.Id, version => version.Version, cancellationToken);
    }

    private async Task<Answer<AbTestExperiment>> RowAsync(StudioDbContext context, Actor actor, Guid id, CancellationToken cancellationToken)
    {
        if (await context.AbTestExperiments.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancellationToken) is not { } row)
            return ExperimentProblem.NotFound(id);
        if (actor.Binding is null)
            return row;
        var category = await context.PromptTemplates.Where(version => version.Name == row.PromptName).Select(version => version.Category).FirstOrDefaultAsync(cancellationToken);
        return actor.Reaches(row.PromptName, category)
            ? row
            : await refusals.RecordAsync(actor, $"read experiments of prompt {row.PromptName}", AccessProblem.OutOfReach(row.PromptName), cancellationToken);
    }

    /// <summary>Evenly spread over the phase, the first and the last one always among them.</summary>
    private static async Task<IReadOnlyList<ExperimentPoint>> SeriesAsync(StudioDbContext context, Guid id, int phase, CancellationToken cancellationToken)
    {
        var figures = await context.Database.SqlQuery<PointRow>(
            $"""
            SELECT taken_at, figures FROM (
                SELECT taken_at, figures, row_number() OVER (ORDER BY id) AS place, count(*) OVER () AS points
                FROM experiment_snapshots WHERE experiment_id = {id} AND phase = {phase}) one
            WHERE points <= {MostPoints} OR place IN (1, points) OR place % ((points + {MostPoints} - 1) / {MostPoints}) = 0
            ORDER BY place
            """).ToListAsync(cancellationToken);
        return [.. figures.Select(row => ExperimentPoint.Of(row.TakenAt, Snapshots.Figures(row.Figures))).OfType<ExperimentPoint>()];
    }

    private static async Task<ExperimentHealth> HealthAsync(StudioDbContext context, Guid id, CancellationToken cancellationToken)
    {
        var waiting = (await context.Database.SqlQuery<long>($"SELECT count(*) AS \"Value\" FROM experiment_events WHERE experiment_id = {id}").ToListAsync(cancellationToken))[0];
        var job = await context.ExperimentJobs.AsNoTracking().SingleOrDefaultAsync(one => one.ExperimentId == id, cancellationToken);
        return new ExperimentHealth
        {
            Waiting = waiting,
            SucceededAt = job?.SucceededAt,
            Failures = job?.Failures ?? 0,
            FailedAt = job?.FailedAt,
            Failure = job?.Failure,
            RetryAt = job?.RetryAt,
        };
    }

    private static IQueryable<AbTestExperiment> Sorted(IQueryable<AbTestExperiment> rows, PageRequest page) => (page.SortField switch
    {
        "name" => page.Descending ? rows.OrderByDescending(row => row.Name) : rows.OrderBy(row => row.Name),
        "prompt_name" => page.Descending ? rows.OrderByDescending(row => row.PromptName) : rows.OrderBy(row => row.PromptName),
        "status" => page.Descending ? rows.OrderByDescending(row => row.Status) : rows.OrderBy(row => row.Status),
        "started_at" => page.Descending ? rows.OrderByDescending(row => row.StartedAt) : rows.OrderBy(row => row.StartedAt),
        _ => page.Descending ? rows.OrderByDescending(row => row.CreatedAt) : rows.OrderBy(row => row.CreatedAt),
    }).ThenBy(row => row.Id);

    private sealed record PointRow
    {
        public required DateTimeOffset TakenAt { get; init; }
        public required string Figures { get; init; }
    }
}

/// <summary>Which experiments are asked for; null: any.</summary>
/// <param name="Search">Part of a name, a description or a prompt's name.</param>
/// <param name="Status">Only of this status.</param>
/// <param name="Prompt">Only of this prompt.</param>
public sealed record ExperimentFilter(string? Search = null, string? Status = null, string? Prompt = null);

/// <summary>A variant's effect at a moment.</summary>
/// <param name="Group">The variant.</param>
/// <param name="Effect">Variant minus control, in the primary metric's unit; null: not computable then.</param>
/// <param name="Lower">Where its interval begins; null: nowhere.</param>
/// <param name="Upper">Where its interval ends; null: nowhere.</param>
/// <param name="P">Adjusted for the number of variants.</param>
/// <param name="ChanceToBeat">With the Bayesian method.</param>
public sealed record ExperimentEffect(string Group, double? Effect, double? Lower, double? Upper, double? P, double? ChanceToBeat);

/// <summary>What an experiment's primary metric showed at a moment.</summary>
/// <param name="TakenAt">When.</param>
/// <param name="Users">Users who were counted.</param>
/// <param name="Effects">Each variant.</param>
public sealed record ExperimentPoint(DateTimeOffset TakenAt, long Users, IReadOnlyList<ExperimentEffect> Effects)
{
    internal static ExperimentPoint? Of(DateTimeOffset takenAt, ExperimentAnalysis? figures) => figures is null ? null : new ExperimentPoint(takenAt, figures.Users,
    [
        .. figures.Metrics.Where(metric => metric.Role == MetricAnalysis.Primary).SelectMany(metric => metric.Comparisons).Select(one => new ExperimentEffect(
            one.Group, one.Effect, Bounded(one.Interval?.Lower), Bounded(one.Interval?.Upper), one.AdjustedP, one.Belief?.ChanceToBeat)),
    ]);

    private static double? Bounded(double? end) => end is { } value && double.IsFinite(value) ? value : null;
}
