using Microsoft.EntityFrameworkCore;
using PromptStudio.Core.Access;
using PromptStudio.Core.Experiments.Analysis;
using PromptStudio.Database;
using PromptStudio.Web;

namespace PromptStudio.Experiments;

/// <summary>An experiment in a list, with what it says at the moment.</summary>
/// <param name="Experiment">The experiment.</param>
/// <param name="Figures">Of the newest snapshot of its current phase; null: there is none.</param>
public sealed record ExperimentGlance(ExperimentView Experiment, ExperimentAnalysis? Figures);

/// <summary>What pages ask about experiments beyond the API.</summary>
public sealed class ExperimentGlances(IDbContextFactory<StudioDbContext> contexts, ExperimentStore experiments)
{
    /// <summary>A page of the experiments that an actor reaches, each with its newest figures.</summary>
    public async Task<ListPage<ExperimentGlance>> ListAsync(Actor actor, ExperimentFilter filter, PageRequest page, CancellationToken cancellationToken)
    {
        var found = await experiments.ListAsync(actor, filter, page, cancellationToken);
        Guid[] ids = [.. found.Items.Select(one => one.Id)];
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        var newest = await context.Database.SqlQuery<Newest>(
            $"""
            SELECT e.id, s.figures FROM ab_test_experiments e
            CROSS JOIN LATERAL (SELECT figures FROM experiment_snapshots WHERE experiment_id = e.id AND phase = e.phase ORDER BY id DESC LIMIT 1) s
            WHERE e.id = ANY ({ids})
            """).ToDictionaryAsync(row => row.Id, row => row.Figures, cancellationToken);
        return new ListPage<ExperimentGlance>(
            [.. found.Items.Select(one => new ExperimentGlance(one, newest.TryGetValue(one.Id, out var figures) ? Snapshots.Figures(figures) : null))],
            found.Page, found.PageSize, found.Total);
    }

    /// <summary>How often a version succeeded so far, as its usage was rolled up; null: it is not known.</summary>
    public async Task<double?> SuccessRateAsync(Guid versionId, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        return await context.PromptTemplates.Where(version => version.Id == versionId).Select(version => version.SuccessRate).SingleOrDefaultAsync(cancellationToken);
    }

    private sealed record Newest
    {
        public required Guid Id { get; init; }
        public required string Figures { get; init; }
    }
}
