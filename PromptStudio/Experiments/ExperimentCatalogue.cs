using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptStudio.Core.Experiments;
using PromptStudio.Database;

namespace PromptStudio.Experiments;

/// <summary>Every running experiment, in memory: a render looks up here who gets which version, and asks no database.</summary>
public sealed partial class ExperimentCatalogue(IServiceScopeFactory scopes, ILogger<ExperimentCatalogue> logger) : IDisposable
{
    private readonly SemaphoreSlim _loading = new(1, 1);
    private volatile Dictionary<string, RunningExperiment> _running = new(StringComparer.Ordinal);

    /// <summary>The experiment that runs on a prompt, or null.</summary>
    public RunningExperiment? For(ReadOnlySpan<char> promptName) =>
        _running is { Count: > 0 } running && running.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(promptName, out var experiment) ? experiment : null;

    /// <summary>What the experiment of a prompt chooses for a user; null: the active version.</summary>
    /// <param name="promptName">The prompt.</param>
    /// <param name="userId">Null: nobody in particular.</param>
#pragma warning disable CA5394 // Nobody gains by guessing it.
    public Assignment? Assign(ReadOnlySpan<char> promptName, string? userId) =>
        For(promptName)?.Assign(userId, (uint)Random.Shared.NextInt64(1L << 32));
#pragma warning restore CA5394

    /// <summary>Reads what runs. When this returns, renders on this node follow what was committed before the call.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken);
        try
        {
            // Not a factory from the constructor: the app makes its services before the database has started.
            await using var scope = scopes.CreateAsyncScope();
            var context = scope.ServiceProvider.GetRequiredService<StudioDbContext>();
            var rows = await context.AbTestExperiments.AsNoTracking().Where(experiment => experiment.Status == ExperimentStatus.Running)
                .Join(context.ExperimentPhases, experiment => new { experiment.Id, Number = experiment.Phase }, phase => new { Id = phase.ExperimentId, phase.Number }, (experiment, phase) => new { experiment, phase })
                .ToListAsync(cancellationToken);
            Guid[] ids = [.. rows.SelectMany(row => row.experiment.VariantTemplateIds.Prepend(row.experiment.ControlTemplateId)).Distinct()];
            var versions = await context.PromptTemplates.Where(version => ids.Contains(version.Id))
                .Select(version => new { version.Id, version.Version }).ToDictionaryAsync(version => version.Id, version => version.Version, cancellationToken);
            var running = new Dictionary<string, RunningExperiment>(StringComparer.Ordinal);
            foreach (var row in rows)
            {
                if (Build(row.experiment, row.phase, versions) is { } experiment)
                    running[experiment.PromptName] = experiment;
                else
                    Log.Broken(logger, row.experiment.Name);
            }
            _running = running;
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>As <see cref="LoadAsync"/>, after a change on this node that is committed already: when the database fails now, the listener follows later.</summary>
    public async Task FollowAsync(CancellationToken cancellationToken)
    {
        try
        {
            await LoadAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is Npgsql.NpgsqlException or InvalidOperationException or TimeoutException or OperationCanceledException)
        {
            Log.NotFollowed(logger, exception.Message.Split('\n')[0]);
        }
    }

    public void Dispose() => _loading.Dispose();

    /// <summary>Null: somebody wrote into the table what no experiment can be; callers get the active version.</summary>
    private static RunningExperiment? Build(AbTestExperiment row, ExperimentPhase phase, Dictionary<Guid, int> versions)
    {
        Guid[] ids = [row.ControlTemplateId, .. row.VariantTemplateIds];
        if (ids.Length > Allocation.MostGroups || !ids.All(versions.ContainsKey) || Allocation.Read(Percentages(phase.TrafficAllocation), ids.Length).Value is not { } allocation)
            return null;
        return new RunningExperiment
        {
            Id = row.Id,
            PromptName = row.PromptName,
            Phase = phase.Number,
            Coverage = row.Coverage,
            InclusionSalt = row.InclusionSalt,
            SplitSalt = phase.SplitSalt,
            Groups = RunningExperiment.Lay(allocation, [.. ids.Select(id => (id, versions[id]))]),
        };
    }

    private static Dictionary<string, decimal> Percentages(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, decimal>>(json) ?? [];
        }
        catch (JsonException)
        {
            return [];
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The experiment {Name} cannot be understood, so callers get the active version")]
        public static partial void Broken(ILogger logger, string name);

        [LoggerMessage(2, LogLevel.Warning, "A changed experiment is followed a little later: {Reason}")]
        public static partial void NotFollowed(ILogger logger, string reason);
    }
}
