using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PromptStudio.Core.Experiments;
using PromptStudio.Core.Prompts;
using PromptStudio.Prompts;

namespace PromptStudio.Experiments;

/// <summary>An A/B test between versions of one prompt: a row of <c>ab_test_experiments</c>.</summary>
public sealed class AbTestExperiment
{
    /// <summary>Characters that a name may have.</summary>
    public const int NameMaxLength = 255;

    public required Guid Id { get; init; }
    public required string Name { get; set; }
    public string? Description { get; set; }

    /// <summary>The prompt that all its versions belong to.</summary>
    public required string PromptName { get; set; }

    public required Guid ControlTemplateId { get; set; }
    public required Guid[] VariantTemplateIds { get; set; }

    /// <summary>JSON: per cent by group, e.g. <c>{"control": 50, "variant_a": 50}</c>.</summary>
    public required string TrafficAllocation { get; set; }

    /// <summary>Of 10,000 users, how many take part.</summary>
    public int Coverage { get; set; } = Bucket.Count;

    /// <summary>Names of <see cref="Metric"/>.</summary>
    public required string PrimaryMetric { get; set; }

    public string[] SecondaryMetrics { get; set; } = [];

    /// <summary>JSON: a list of <see cref="GuardrailMetric"/>.</summary>
    public string GuardrailMetrics { get; set; } = "[]";

    /// <summary>One of <see cref="Core.Experiments.DecisionMethod"/>.</summary>
    public string DecisionMethod { get; set; } = Core.Experiments.DecisionMethod.AlwaysValid;

    public int MinimumSampleSize { get; set; } = 1000;
    public double SignificanceThreshold { get; set; } = 0.05;

    /// <summary>One of <see cref="ExperimentStatus"/>.</summary>
    public required string Status { get; set; }

    /// <summary>The current split, from 1; 0: never started.</summary>
    public int Phase { get; set; }

    /// <summary>Decides who takes part, see <see cref="RunningExperiment"/>.</summary>
    public required string InclusionSalt { get; init; }

    public Guid? WinnerTemplateId { get; set; }
    public DateTimeOffset? StartedAt { get; set; }

    /// <summary>When it ends by itself; null: when somebody ends it.</summary>
    public DateTimeOffset? PlannedEnd { get; set; }

    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>Counts the changes, from 1: who changes says which revision they saw.</summary>
    public int Revision { get; set; } = 1;

    public string? CreatedBy { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public string? UpdatedBy { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }
}

/// <summary>A stretch of an experiment under one split.</summary>
public sealed class ExperimentPhase
{
    public required Guid ExperimentId { get; init; }

    /// <summary>From 1.</summary>
    public required int Number { get; init; }

    /// <summary>JSON: per cent by group.</summary>
    public required string TrafficAllocation { get; init; }

    /// <summary>Decides who gets what, see <see cref="RunningExperiment"/>.</summary>
    public required string SplitSalt { get; init; }

    public required DateTimeOffset StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>Users who were seen in two groups.</summary>
    public long Crossovers { get; set; }

    /// <summary>Executions without a user.</summary>
    public long WithoutUser { get; set; }
}

/// <summary>What an experiment showed at a moment, with all that it was worked out from: a row of <c>experiment_snapshots</c>.</summary>
public sealed class ExperimentSnapshot
{
    /// <summary>A UUIDv7 of <see cref="TakenAt"/>.</summary>
    public required Guid Id { get; init; }

    public required Guid ExperimentId { get; init; }
    public required int Phase { get; init; }
    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>Of the analysis: another version may work the same sums out otherwise.</summary>
    public required string EngineVersion { get; init; }

    /// <summary>JSON: <see cref="ExperimentSettings"/>.</summary>
    public required string Settings { get; init; }

    /// <summary>JSON: <see cref="ExperimentSums"/>.</summary>
    public required string Sums { get; init; }

    /// <summary>JSON: what the analysis says of them.</summary>
    public required string Figures { get; init; }

    /// <summary>SHA-256 over all of it.</summary>
    public required byte[] Hash { get; init; }
}

/// <summary>Who declared which version the winner, and on what figures. Written once.</summary>
public sealed class ExperimentDecision
{
    public required Guid ExperimentId { get; init; }
    public required Guid WinnerTemplateId { get; init; }
    public required string WinnerGroup { get; init; }
    public required DateTimeOffset DeclaredAt { get; init; }
    public string? DeclaredBy { get; init; }

    /// <summary>Why it was declared although not all gates were open; null: they were.</summary>
    public string? OverrideReason { get; init; }

    public required int Phase { get; init; }
    public required string EngineVersion { get; init; }

    /// <summary>JSON, as in the snapshot.</summary>
    public required string Settings { get; init; }

    /// <summary>JSON, as in the snapshot.</summary>
    public required string Sums { get; init; }

    /// <summary>JSON, as in the snapshot.</summary>
    public required string Figures { get; init; }

    /// <summary>SHA-256 over all of it, the decision included.</summary>
    public required byte[] Hash { get; init; }
}

/// <summary>How the recomputation of an experiment goes.</summary>
public sealed class ExperimentJob
{
    public required Guid ExperimentId { get; init; }
    public DateTimeOffset? SucceededAt { get; set; }
    public DateTimeOffset? FailedAt { get; set; }

    /// <summary>Failures since the last success.</summary>
    public int Failures { get; set; }

    /// <summary>What the last failure said.</summary>
    public string? Failure { get; set; }

    /// <summary>After failures: not before this.</summary>
    public DateTimeOffset? RetryAt { get; set; }
}

internal sealed class AbTestExperimentTable : IEntityTypeConfiguration<AbTestExperiment>
{
    public void Configure(EntityTypeBuilder<AbTestExperiment> table)
    {
        table.ToTable("ab_test_experiments", t =>
        {
            t.HasCheckConstraint("ck_ab_test_experiments_status",
                "status IN ('draft', 'running', 'paused', 'completed', 'winner_declared')");
            t.HasCheckConstraint("ck_ab_test_experiments_significance_threshold",
                "significance_threshold > 0 AND significance_threshold < 1");
            t.HasCheckConstraint("ck_ab_test_experiments_minimum_sample_size", "minimum_sample_size > 0");
            t.HasCheckConstraint("ck_ab_test_experiments_coverage", "coverage BETWEEN 0 AND 10000");
            t.HasCheckConstraint("ck_ab_test_experiments_decision_method", "decision_method IN ('always_valid', 'fixed_horizon', 'bayesian')");
        });
        table.Property(e => e.Id).ValueGeneratedNever();
        table.Property(e => e.Name).HasMaxLength(AbTestExperiment.NameMaxLength);
        table.Property(e => e.PromptName).HasMaxLength(PromptName.MaxLength);
        table.Property(e => e.TrafficAllocation).HasColumnType("jsonb");
        table.Property(e => e.Coverage).HasDefaultValue(Bucket.Count).HasSentinel(Bucket.Count);
        table.Property(e => e.PrimaryMetric).HasMaxLength(100);
        table.Property(e => e.SecondaryMetrics).HasDefaultValueSql("'{}'");
        table.Property(e => e.GuardrailMetrics).HasColumnType("jsonb").HasDefaultValueSql("'[]'");
        table.Property(e => e.DecisionMethod).HasMaxLength(20).HasDefaultValue(DecisionMethod.AlwaysValid);
        table.Property(e => e.MinimumSampleSize).HasDefaultValue(1000);
        table.Property(e => e.SignificanceThreshold).HasDefaultValueSql("0.05");
        table.Property(e => e.Status).HasMaxLength(50);
        table.Property(e => e.Phase).HasDefaultValue(0);
        table.Property(e => e.InclusionSalt).HasMaxLength(64).HasDefaultValueSql("gen_random_uuid()::text");
        table.Property(e => e.Revision).HasDefaultValue(1);
        table.Property(e => e.CreatedBy).HasMaxLength(255);
        table.Property(e => e.CreatedAt).HasDefaultValueSql("now()");
        table.Property(e => e.UpdatedBy).HasMaxLength(255);
        table.Property(e => e.UpdatedAt).HasDefaultValueSql("now()");
        table.HasOne<Prompt>().WithMany().HasForeignKey(e => e.PromptName).OnDelete(DeleteBehavior.Restrict);
        table.HasOne<PromptTemplate>().WithMany().HasForeignKey(e => e.ControlTemplateId).OnDelete(DeleteBehavior.Restrict);
        table.HasOne<PromptTemplate>().WithMany().HasForeignKey(e => e.WinnerTemplateId).OnDelete(DeleteBehavior.Restrict);
        table.HasIndex(e => e.Name).IsUnique();
        table.HasIndex(e => e.Status);
        // Two experiments on one prompt would each blur the other's figures.
        table.HasIndex(e => e.PromptName, RunningIndex).IsUnique().HasFilter("status = 'running'").HasDatabaseName(RunningIndex);
    }

    /// <summary>What keeps a second experiment from running on a prompt.</summary>
    internal const string RunningIndex = "ix_ab_test_experiments_running";
}

internal sealed class ExperimentPhaseTable : IEntityTypeConfiguration<ExperimentPhase>
{
    public void Configure(EntityTypeBuilder<ExperimentPhase> table)
    {
        table.ToTable("experiment_phases");
        table.HasKey(p => new { p.ExperimentId, p.Number });
        table.Property(p => p.TrafficAllocation).HasColumnType("jsonb");
        table.Property(p => p.SplitSalt).HasMaxLength(64);
        table.Property(p => p.Crossovers).HasDefaultValue(0L);
        table.Property(p => p.WithoutUser).HasDefaultValue(0L);
        table.HasOne<AbTestExperiment>().WithMany().HasForeignKey(p => p.ExperimentId).OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class ExperimentSnapshotTable : IEntityTypeConfiguration<ExperimentSnapshot>
{
    public void Configure(EntityTypeBuilder<ExperimentSnapshot> table)
    {
        table.ToTable("experiment_snapshots");
        table.Property(s => s.Id).ValueGeneratedNever();
        table.Property(s => s.EngineVersion).HasMaxLength(50);
        table.Property(s => s.Settings).HasColumnType("jsonb");
        table.Property(s => s.Sums).HasColumnType("jsonb");
        table.Property(s => s.Figures).HasColumnType("jsonb");
        table.HasOne<AbTestExperiment>().WithMany().HasForeignKey(s => s.ExperimentId).OnDelete(DeleteBehavior.Restrict);
        table.HasIndex(s => new { s.ExperimentId, s.Phase, s.Id });
    }
}

internal sealed class ExperimentDecisionTable : IEntityTypeConfiguration<ExperimentDecision>
{
    public void Configure(EntityTypeBuilder<ExperimentDecision> table)
    {
        table.ToTable("experiment_decisions");
        table.HasKey(d => d.ExperimentId);
        table.Property(d => d.ExperimentId).ValueGeneratedNever();
        table.Property(d => d.WinnerGroup).HasMaxLength(50);
        table.Property(d => d.DeclaredBy).HasMaxLength(255);
        table.Property(d => d.EngineVersion).HasMaxLength(50);
        table.Property(d => d.Settings).HasColumnType("jsonb");
        table.Property(d => d.Sums).HasColumnType("jsonb");
        table.Property(d => d.Figures).HasColumnType("jsonb");
        table.HasOne<AbTestExperiment>().WithMany().HasForeignKey(d => d.ExperimentId).OnDelete(DeleteBehavior.Restrict);
        table.HasOne<PromptTemplate>().WithMany().HasForeignKey(d => d.WinnerTemplateId).OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class ExperimentJobTable : IEntityTypeConfiguration<ExperimentJob>
{
    public void Configure(EntityTypeBuilder<ExperimentJob> table)
    {
        table.ToTable("experiment_jobs");
        table.HasKey(j => j.ExperimentId);
        table.Property(j => j.ExperimentId).ValueGeneratedNever();
        table.Property(j => j.Failures).HasDefaultValue(0);
        table.HasOne<AbTestExperiment>().WithMany().HasForeignKey(j => j.ExperimentId).OnDelete(DeleteBehavior.Restrict);
    }
}
