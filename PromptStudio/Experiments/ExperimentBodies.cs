using PromptStudio.Core.Experiments;

namespace PromptStudio.Experiments;

/// <summary>An experiment that is to be made.</summary>
public sealed record NewExperiment
{
    public required string Name { get; init; }
    public string? Description { get; init; }

    /// <summary>The version that the others are compared with.</summary>
    public required Guid ControlTemplateId { get; init; }

    /// <summary>Other versions of the same prompt, 1 to 9: <c>variant_a</c>, <c>variant_b</c>, …</summary>
    public required IReadOnlyList<Guid> VariantTemplateIds { get; init; }

    /// <summary>Per cent by group, 100 together, with two decimals at most; absent: an equal split.</summary>
    public IReadOnlyDictionary<string, decimal>? TrafficAllocation { get; init; }

    /// <summary>Per cent of the users who take part; the others get the active version.</summary>
    public decimal Coverage { get; init; } = 100;

    /// <summary>The metric that decides.</summary>
    public required string PrimaryMetric { get; init; }

    /// <summary>Metrics that are shown, and do not decide.</summary>
    public IReadOnlyList<string>? SecondaryMetrics { get; init; }

    /// <summary>Metrics that a winner must not make worse by more than their margins.</summary>
    public IReadOnlyList<GuardrailMetric>? GuardrailMetrics { get; init; }

    /// <summary><c>always_valid</c>, <c>fixed_horizon</c> or <c>bayesian</c>.</summary>
    public string DecisionMethod { get; init; } = Core.Experiments.DecisionMethod.AlwaysValid;

    /// <summary>Users that each group needs before a winner can be declared.</summary>
    public int MinimumSampleSize { get; init; } = 1000;

    /// <summary>How often a difference may be seen where there is none.</summary>
    public double SignificanceThreshold { get; init; } = 0.05;

    /// <summary>When it ends by itself; absent: when somebody ends it.</summary>
    public DateTimeOffset? PlannedEnd { get; init; }
}

/// <summary>
/// What is to change of an experiment; what is absent stays as it is. Once it has started, only name, description, traffic_allocation (which begins a new phase), coverage
/// and planned_end change.
/// </summary>
public sealed record ExperimentEdit
{
    public string? Name { get; init; }

    /// <summary>Empty: none.</summary>
    public string? Description { get; init; }

    public Guid? ControlTemplateId { get; init; }
    public IReadOnlyList<Guid>? VariantTemplateIds { get; init; }

    /// <summary>Per cent by group; of an experiment that has started, it begins a new phase.</summary>
    public IReadOnlyDictionary<string, decimal>? TrafficAllocation { get; init; }

    public decimal? Coverage { get; init; }
    public string? PrimaryMetric { get; init; }
    public IReadOnlyList<string>? SecondaryMetrics { get; init; }
    public IReadOnlyList<GuardrailMetric>? GuardrailMetrics { get; init; }
    public string? DecisionMethod { get; init; }
    public int? MinimumSampleSize { get; init; }
    public double? SignificanceThreshold { get; init; }
    public DateTimeOffset? PlannedEnd { get; init; }

    internal static ExperimentEdit Of(NewExperiment wanted) => new()
    {
        Name = wanted.Name,
        Description = wanted.Description,
        ControlTemplateId = wanted.ControlTemplateId,
        VariantTemplateIds = wanted.VariantTemplateIds,
        TrafficAllocation = wanted.TrafficAllocation,
        Coverage = wanted.Coverage,
        PrimaryMetric = wanted.PrimaryMetric,
        SecondaryMetrics = wanted.SecondaryMetrics,
        GuardrailMetrics = wanted.GuardrailMetrics,
        DecisionMethod = wanted.DecisionMethod,
        MinimumSampleSize = wanted.MinimumSampleSize,
        SignificanceThreshold = wanted.SignificanceThreshold,
        PlannedEnd = wanted.PlannedEnd,
    };

    /// <summary>Whether anything of it is frozen once the experiment has started.</summary>
    internal bool ChangesDesign => ControlTemplateId is not null || VariantTemplateIds is not null || PrimaryMetric is not null || SecondaryMetrics is not null
        || GuardrailMetrics is not null || DecisionMethod is not null || MinimumSampleSize is not null || SignificanceThreshold is not null;
}

/// <summary>Whether callers are to be started although some did not send what a version requires.</summary>
public sealed record StartExperiment
{
    /// <summary>Starts although callers did not send what a version requires.</summary>
    public bool Force { get; init; }
}

/// <summary>Which version is the winner.</summary>
public sealed record DeclareWinner
{
    /// <summary>The version: the control, or a variant.</summary>
    public required Guid TemplateId { get; init; }

    /// <summary>Why, although not all gates are open. Kept in the decision and in the audit log.</summary>
    public string? OverrideReason { get; init; }
}

/// <summary>How an experiment is recomputed.</summary>
public sealed record RecomputeExperiment
{
    /// <summary>Reads all executions again, instead of only what is new.</summary>
    public bool FromScratch { get; init; }
}
