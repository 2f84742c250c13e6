using System.Text.Json;
using PromptStudio.Core.Experiments;
using PromptStudio.Web;

namespace PromptStudio.Experiments;

/// <summary>A group of an experiment.</summary>
/// <param name="Name"><c>control</c>, <c>variant_a</c>, …</param>
/// <param name="TemplateId">The version that its users get.</param>
/// <param name="Version">The version's number.</param>
/// <param name="Percentage">Its share of the users who take part.</param>
public sealed record ExperimentGroupView(string Name, Guid TemplateId, int Version, decimal Percentage);

/// <summary>A stretch of an experiment under one split.</summary>
/// <param name="Number">From 1.</param>
/// <param name="TrafficAllocation">Per cent by group.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="EndedAt">When it ended; null: it lasts.</param>
public sealed record ExperimentPhaseView(int Number, IReadOnlyDictionary<string, decimal> TrafficAllocation, DateTimeOffset StartedAt, DateTimeOffset? EndedAt);

/// <summary>An experiment, as the admin API and the page show it.</summary>
public sealed record ExperimentView
{
    public required Guid Id { get; init; }
    public required string Name { get; init; }
    public string? Description { get; init; }

    /// <summary>The prompt that all its versions belong to.</summary>
    public required string PromptName { get; init; }

    /// <summary><c>draft</c>, <c>running</c>, <c>paused</c>, <c>completed</c> or <c>winner_declared</c>.</summary>
    public required string Status { get; init; }

    /// <summary>The control first.</summary>
    public required IReadOnlyList<ExperimentGroupView> Groups { get; init; }

    public required Guid ControlTemplateId { get; init; }
    public required IReadOnlyList<Guid> VariantTemplateIds { get; init; }

    /// <summary>Per cent by group.</summary>
    public required IReadOnlyDictionary<string, decimal> TrafficAllocation { get; init; }

    /// <summary>Per cent of the users who take part.</summary>
    public required decimal Coverage { get; init; }

    public required string PrimaryMetric { get; init; }
    public required IReadOnlyList<string> SecondaryMetrics { get; init; }
    public required IReadOnlyList<GuardrailMetric> GuardrailMetrics { get; init; }

    /// <summary><c>always_valid</c>, <c>fixed_horizon</c> or <c>bayesian</c>.</summary>
    public required string DecisionMethod { get; init; }

    public required int MinimumSampleSize { get; init; }
    public required double SignificanceThreshold { get; init; }

    /// <summary>The current split, from 1; 0: never started.</summary>
    public required int Phase { get; init; }

    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? PlannedEnd { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public Guid? WinnerTemplateId { get; init; }

    /// <summary>Counts the changes, from 1.</summary>
    public required int Revision { get; init; }

    /// <summary>What an update sends as If-Match.</summary>
    public required string Etag { get; init; }

    public string? CreatedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public string? UpdatedBy { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }

    internal static ExperimentView Of(AbTestExperiment row, IReadOnlyDictionary<Guid, int> versions)
    {
        Guid[] ids = [row.ControlTemplateId, .. row.VariantTemplateIds];
        var allocation = ExperimentInput.Read(row.TrafficAllocation, ids.Length)?.Percentages ?? new Dictionary<string, decimal>();
        return new ExperimentView
        {
            Id = row.Id,
            Name = row.Name,
            Description = row.Description,
            PromptName = row.PromptName,
            Status = row.Status,
            Groups = [.. ids.Select((id, index) => new ExperimentGroupView(Allocation.Group(index), id, versions.GetValueOrDefault(id), allocation.GetValueOrDefault(Allocation.Group(index))))],
            ControlTemplateId = row.ControlTemplateId,
            VariantTemplateIds = row.VariantTemplateIds,
            TrafficAllocation = allocation,
            Coverage = row.Coverage / 100m,
            PrimaryMetric = row.PrimaryMetric,
            SecondaryMetrics = row.SecondaryMetrics,
            GuardrailMetrics = ExperimentInput.Guardrails(row),
            DecisionMethod = row.DecisionMethod,
            MinimumSampleSize = row.MinimumSampleSize,
            SignificanceThreshold = row.SignificanceThreshold,
            Phase = row.Phase,
            StartedAt = row.StartedAt,
            PlannedEnd = row.PlannedEnd,
            EndedAt = row.EndedAt,
            WinnerTemplateId = row.WinnerTemplateId,
            Revision = row.Revision,
            Etag = IfMatch.Tag(row.Revision),
            CreatedBy = row.CreatedBy,
            CreatedAt = row.CreatedAt,
            UpdatedBy = row.UpdatedBy,
            UpdatedAt = row.UpdatedAt,
        };
    }
}

/// <summary>What an experiment shows.</summary>
public sealed record ExperimentMetrics
{
    public required ExperimentView Experiment { get; init; }

    /// <summary>Every phase, the first one first.</summary>
    public required IReadOnlyList<ExperimentPhaseView> Phases { get; init; }

    /// <summary>The newest snapshot of the current phase; null: there is none yet.</summary>
    public ExperimentSnapshotView? Snapshot { get; init; }

    /// <summary>The current phase over time, the oldest first; thinned to at most 200 points.</summary>
    public required IReadOnlyList<ExperimentPoint> Series { get; init; }

    /// <summary>How the recomputation goes.</summary>
    public required ExperimentHealth Health { get; init; }

    /// <summary>Who declared which version the winner; null: nobody so far.</summary>
    public ExperimentDecisionView? Decision { get; init; }
}

/// <summary>What an experiment showed at a moment.</summary>
/// <param name="Id">Of the snapshot.</param>
/// <param name="TakenAt">When.</param>
/// <param name="Phase">Of which phase.</param>
/// <param name="EngineVersion">Of the analysis.</param>
/// <param name="Settings">What the analysis went by.</param>
/// <param name="Sums">What it was worked out from.</param>
/// <param name="Figures">What the analysis says: effects with intervals, gates, and the decision in words.</param>
/// <param name="Hash">SHA-256 over engine version, settings, sums and figures, in hexadecimal digits.</param>
public sealed record ExperimentSnapshotView(
    Guid Id, DateTimeOffset TakenAt, int Phase, string EngineVersion, JsonElement Settings, JsonElement Sums, JsonElement Figures, string Hash)
{
    internal static ExperimentSnapshotView Of(ExperimentSnapshot row) => new(
        row.Id, row.TakenAt, row.Phase, row.EngineVersion, JsonElement.Parse(row.Settings), JsonElement.Parse(row.Sums), JsonElement.Parse(row.Figures), Convert.ToHexStringLower(row.Hash));
}

/// <summary>How the recomputation of an experiment goes.</summary>
public sealed record ExperimentHealth
{
    /// <summary>Executions and outcomes that are not counted yet.</summary>
    public required long Waiting { get; init; }

    /// <summary>When it was recomputed last; null: never.</summary>
    public DateTimeOffset? SucceededAt { get; init; }

    /// <summary>Failures since then.</summary>
    public int Failures { get; init; }

    public DateTimeOffset? FailedAt { get; init; }

    /// <summary>What the last failure said.</summary>
    public string? Failure { get; init; }

    /// <summary>After failures: when it is tried again.</summary>
    public DateTimeOffset? RetryAt { get; init; }
}

/// <summary>Who declared which version the winner, and on what figures.</summary>
public sealed record ExperimentDecisionView
{
    public required Guid WinnerTemplateId { get; init; }
    public required string WinnerGroup { get; init; }
    public required DateTimeOffset DeclaredAt { get; init; }
    public string? DeclaredBy { get; init; }

    /// <summary>Why, although not all gates were open; null: they were.</summary>
    public string? OverrideReason { get; init; }

    public required int Phase { get; init; }
    public required string EngineVersion { get; init; }
    public required JsonElement Settings { get; init; }
    public required JsonElement Sums { get; init; }
    public required JsonElement Figures { get; init; }

    /// <summary>SHA-256 over all of it, in hexadecimal digits.</summary>
    public required string Hash { get; init; }

    internal static ExperimentDecisionView Of(ExperimentDecision row) => new()
    {
        WinnerTemplateId = row.WinnerTemplateId,
        WinnerGroup = row.WinnerGroup,
        DeclaredAt = row.DeclaredAt,
        DeclaredBy = row.DeclaredBy,
        OverrideReason = row.OverrideReason,
        Phase = row.Phase,
        EngineVersion = row.EngineVersion,
        Settings = JsonElement.Parse(row.Settings),
        Sums = JsonElement.Parse(row.Sums),
        Figures = JsonElement.Parse(row.Figures),
        Hash = Convert.ToHexStringLower(row.Hash),
    };
}
