using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PromptStudio.Prompts;

namespace PromptStudio.Experiments;

/// <summary>An A/B test between versions of one prompt: a row of <c>ab_test_experiments</c>.</summary>
public sealed class AbTestExperiment
{
    public required Guid Id { get; init; }
    public required string Name { get; set; }
    public string? Description { get; set; }
    public required Guid ControlTemplateId { get; set; }
    public required Guid[] VariantTemplateIds { get; set; }

    /// <summary>JSON: per cent by group, e.g. <c>{"control": 50, "variant_a": 50}</c>.</summary>
    public required string TrafficAllocation { get; set; }

    public required string PrimaryMetric { get; set; }
    public int MinimumSampleSize { get; set; } = 1000;
    public double SignificanceThreshold { get; set; } = 0.05;
    public required string Status { get; set; }
    public Guid? WinnerTemplateId { get; set; }
    public DateTimeOffset? StartedAt { get; set; }
    public DateTimeOffset? EndedAt { get; set; }
    public string? CreatedBy { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
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
        });
        table.Property(e => e.Id).ValueGeneratedNever();
        table.Property(e => e.Name).HasMaxLength(255);
        table.Property(e => e.TrafficAllocation).HasColumnType("jsonb");
        table.Property(e => e.PrimaryMetric).HasMaxLength(100);
        table.Property(e => e.MinimumSampleSize).HasDefaultValue(1000);
        table.Property(e => e.SignificanceThreshold).HasDefaultValueSql("0.05");
        table.Property(e => e.Status).HasMaxLength(50);
        table.Property(e => e.CreatedBy).HasMaxLength(255);
        table.Property(e => e.CreatedAt).HasDefaultValueSql("now()");
        table.HasOne<PromptTemplate>().WithMany().HasForeignKey(e => e.ControlTemplateId).OnDelete(DeleteBehavior.Restrict);
        table.HasOne<PromptTemplate>().WithMany().HasForeignKey(e => e.WinnerTemplateId).OnDelete(DeleteBehavior.Restrict);
        table.HasIndex(e => e.Name).IsUnique();
        table.HasIndex(e => e.Status);
    }
}
