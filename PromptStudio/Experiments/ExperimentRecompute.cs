using Microsoft.EntityFrameworkCore;
using PromptStudio.Core.Experiments;
using PromptStudio.Database;

namespace PromptStudio.Experiments;

/// <summary>What a recomputation did.</summary>
/// <param name="Events">Executions and outcomes that were new.</param>
/// <param name="SnapshotId">The snapshot that it stored; null: there was nothing to say.</param>
/// <param name="WasBusy">Another node is at it, so this one did nothing.</param>
public sealed record Recomputed(long Events, Guid? SnapshotId, bool WasBusy = false);

/// <summary>
/// Brings an experiment's sums up to date, and stores what they say. What is new waits in a queue that executions write in their own transactions; each line is read once, in
/// the transaction that adds it up. So the cost grows with what is new, a transaction that ends late is not missed, and a kill in the middle leaves nothing half done. The
/// sums are exact (integers and decimals), so the order in which things arrive leaves no trace in them.
/// </summary>
public sealed class ExperimentRecompute(IDbContextFactory<StudioDbContext> contexts, TimeProvider clock)
{
    /// <summary>Lines that one transaction takes.</summary>
    internal const int BatchSize = 20_000;

    /// <summary>Adds up what is new.</summary>
    /// <param name="id">The experiment.</param>
    /// <param name="wait">Whether to wait for another node that is at it, or to leave it to that one.</param>
    /// <param name="cancellationToken">Gives up between two transactions, or within one, which leaves nothing.</param>
    public async Task<Recomputed> RunAsync(Guid id, bool wait, CancellationToken cancellationToken)
    {
        for (var events = 0L; ;)
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            context.Database.SetCommandTimeout(TimeSpan.FromMinutes(5));
            await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
            if (!await LockAsync(context, id, wait, cancellationToken))
                return new Recomputed(events, null, WasBusy: true);
            await HoldAsync(context, id, cancellationToken);
            var taken = (await context.Database.SqlQueryRaw<long>(ExperimentSql.Fold, id, BatchSize).ToListAsync(cancellationToken))[0];
            events += taken;
            var snapshot = taken == BatchSize ? null : await SnapshotAsync(context, id, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            if (taken < BatchSize)
                return new Recomputed(events, snapshot);
        }
    }

    /// <summary>Forgets the sums, and adds all executions up again.</summary>
    /// <returns>As <see cref="RunAsync"/>; nothing is new, as all of it is read.</returns>
    public async Task<Recomputed> FromScratchAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var context = await contexts.CreateDbContextAsync(cancellationToken);
        context.Database.SetCommandTimeout(TimeSpan.FromMinutes(30));
        // Waited for outside: the transaction must look at the database as it is after the other node is done.
        await context.Database.OpenConnectionAsync(cancellationToken);
        await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_lock(hashtextextended({ExperimentSql.LockName(id)}, 0))", cancellationToken);
        try
        {
            // One look for all of it: an execution and its line in the queue are both seen, or both not.
            await using var transaction = await context.Database.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken);
            await context.Database.ExecuteSqlRawAsync("SET LOCAL work_mem = '64MB'", cancellationToken);
            await HoldAsync(context, id, cancellationToken);
            foreach (var step in ExperimentSql.Rebuild)
                await context.Database.ExecuteSqlRawAsync(step, [id], cancellationToken);
            var snapshot = await SnapshotAsync(context, id, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return new Recomputed(0, snapshot);
        }
        finally
        {
            await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock(hashtextextended({ExperimentSql.LockName(id)}, 0))", CancellationToken.None);
        }
    }

    /// <summary>What is known of the current phase.</summary>
    internal static async Task<ExperimentSums> SumsAsync(StudioDbContext context, AbTestExperiment experiment, CancellationToken cancellationToken)
    {
        var phase = await context.ExperimentPhases.AsNoTracking().SingleAsync(one => one.ExperimentId == experiment.Id && one.Number == experiment.Phase, cancellationToken);
        var rows = await context.Database.SqlQueryRaw<SumsRow>(ExperimentSql.Sums, experiment.Id, experiment.Phase).ToListAsync(cancellationToken);
        var count = experiment.VariantTemplateIds.Length + 1;
        var allocation = ExperimentInput.Read(phase.TrafficAllocation, count) ?? Allocation.Equal(count);
        var groups = Enumerable.Range(0, count).Select(index =>
        {
            var name = Allocation.Group(index);
            var own = rows.Where(row => row.GroupName == name).ToArray();
            var exposure = own.FirstOrDefault(row => row.Metric == ExperimentSql.Exposure);
            return new GroupSums(name, allocation.BasisPoints[index], exposure?.Users ?? 0, exposure?.ValueSum ?? 0, exposure?.WeightSum ?? 0,
                new SortedDictionary<string, Sums>(own.Where(row => row.Metric != ExperimentSql.Exposure).ToDictionary(row => row.Metric, row => row.ToSums()), StringComparer.Ordinal));
        });
        return new ExperimentSums(phase.Number, [.. groups], phase.Crossovers, phase.WithoutUser);
    }

    private static async Task<bool> LockAsync(StudioDbContext context, Guid id, bool wait, CancellationToken cancellationToken)
    {
        var name = ExperimentSql.LockName(id);
        if (!wait)
            return (await context.Database.SqlQuery<bool>($"SELECT pg_try_advisory_xact_lock(hashtextextended({name}, 0)) AS \"Value\"").ToListAsync(cancellationToken))[0];
        await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended({name}, 0))", cancellationToken);
        return true;
    }

    /// <summary>As who changes the experiment does: first its row, then those of its phases. The other way round, one would wait for the other for ever.</summary>
    private static Task<int> HoldAsync(StudioDbContext context, Guid id, CancellationToken cancellationToken) =>
        context.Database.ExecuteSqlAsync($"SELECT FROM ab_test_experiments WHERE id = {id} FOR KEY SHARE", cancellationToken);

    private async Task<Guid?> SnapshotAsync(StudioDbContext context, Guid id, CancellationToken cancellationToken)
    {
        if (await context.AbTestExperiments.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id && row.Phase > 0, cancellationToken) is not { } experiment)
            return null;
        var sums = await SumsAsync(context, experiment, cancellationToken);
        var previous = await context.ExperimentSnapshots.AsNoTracking().Where(one => one.ExperimentId == id && one.Phase == experiment.Phase)
            .OrderByDescending(one => one.Id).FirstOrDefaultAsync(cancellationToken);
        var snapshot = Snapshots.Take(experiment, sums, previous, clock.GetUtcNow());
        if (snapshot is null)
            return null;
        context.ExperimentSnapshots.Add(snapshot);
        await context.SaveChangesAsync(cancellationToken);
        await context.Database.ExecuteSqlRawAsync(ExperimentSql.Thin, [id, snapshot.TakenAt], cancellationToken);
        return snapshot.Id;
    }

    private sealed record SumsRow
    {
        public required string GroupName { get; init; }
        public required string Metric { get; init; }
        public long Users { get; init; }
        public long ValueSum { get; init; }
        public long WeightSum { get; init; }
        public double MeanValue { get; init; }
        public double MeanWeight { get; init; }
        public double ValueSquares { get; init; }
        public double WeightSquares { get; init; }
        public double Products { get; init; }

        public Sums ToSums() => new(Users, MeanValue, MeanWeight, ValueSquares, WeightSquares, Products);
    }
}
