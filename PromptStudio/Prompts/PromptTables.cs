using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PromptStudio.Core.Prompts;

namespace PromptStudio.Prompts;

/// <summary>What all versions of a name share. Its row is what concurrent changes of a prompt queue for.</summary>
public sealed class Prompt
{
    public required string Name { get; init; }

    /// <summary>Only who may promote decides which version is active, and about name and archive.</summary>
    public bool IsProtected { get; set; }

    /// <summary>A second person approves a version before it is active for the first time.</summary>
    public bool RequiresApproval { get; set; }

    /// <summary>When it was taken out of service; null: it is in service.</summary>
    public DateTimeOffset? ArchivedAt { get; set; }

    public string? CreatedBy { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>One version of a prompt: a row of <c>prompt_templates</c>.</summary>
public sealed class PromptTemplate
{
    public required Guid Id { get; init; }
    public required string Name { get; init; }
    public string? Description { get; set; }
    public string? Category { get; set; }
    public required string TemplateText { get; set; }

    /// <summary>The language of the text: <c>jinja2</c> or <c>scriban</c>.</summary>
    public string TemplateFormat { get; set; } = "jinja2";

    /// <summary>JSON, read by <see cref="Core.Prompts.TemplateVariables"/>.</summary>
    public string? TemplateVariables { get; set; }

    /// <summary>In which form executions keep the rendered prompt, one of <see cref="Core.Executions.StoredForm"/>; the same for all versions.</summary>
    public string StoreRenderedPrompt { get; set; } = Core.Executions.StoredForm.Full;

    public int Version { get; init; } = 1;
    public bool IsActive { get; set; }
    public Guid? ParentVersionId { get; init; }
    public string? AbTestGroup { get; set; }
    public int? TrafficPercentage { get; set; }
    public double? AvgResponseTimeMs { get; set; }

    /// <summary>Share of executions that succeeded, 0 to 1.</summary>
    public double? SuccessRate { get; set; }

    public int TotalInvocations { get; set; }

    /// <summary>What the version is about, in its author's words.</summary>
    public string? Message { get; set; }

    /// <summary>Counts the edits of the draft, from 1: who edits says which revision they saw.</summary>
    public int Revision { get; set; } = 1;

    /// <summary>When the version was active, labelled or executed for the first time; from then on its text never changes. Null: a draft.</summary>
    public DateTimeOffset? FrozenAt { get; set; }

    /// <summary>Ids of all who wrote this version: none of them can be the second person who approves it.</summary>
    public string[] AuthorIds { get; set; } = [];

    public string? ApprovedBy { get; set; }
    public DateTimeOffset? ApprovedAt { get; set; }
    public string? CreatedBy { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public string? UpdatedBy { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }
    public DateTimeOffset? ActivatedAt { get; set; }
    public DateTimeOffset? DeactivatedAt { get; set; }
}

/// <summary>A movable pointer from a prompt to one of its versions.</summary>
public sealed class PromptLabel
{
    public required string PromptName { get; init; }
    public required string Label { get; init; }
    public required Guid TemplateId { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }
    public string? UpdatedBy { get; set; }
}

/// <summary>A label that only who may promote can move; <c>production</c> stands for activation.</summary>
public sealed class ProtectedLabel
{
    public required string Label { get; init; }
    public string? CreatedBy { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
}

internal sealed class PromptsTable : IEntityTypeConfiguration<Prompt>
{
    public void Configure(EntityTypeBuilder<Prompt> table)
    {
        table.ToTable("prompts");
        table.HasKey(p => p.Name);
        table.Property(p => p.Name).HasMaxLength(PromptName.MaxLength);
        table.Property(p => p.IsProtected).HasDefaultValue(false);
        table.Property(p => p.RequiresApproval).HasDefaultValue(false);
        table.Property(p => p.CreatedBy).HasMaxLength(255);
        table.Property(p => p.CreatedAt).HasDefaultValueSql("now()");
    }
}

internal sealed class PromptTemplateTable : IEntityTypeConfiguration<PromptTemplate>
{
    public void Configure(EntityTypeBuilder<PromptTemplate> table)
    {
        table.ToTable("prompt_templates", t =>
        {
            t.HasCheckConstraint("ck_prompt_templates_version", "version >= 1");
            t.HasCheckConstraint("ck_prompt_templates_template_format", "template_format IN ('jinja2', 'scriban')");
            t.HasCheckConstraint("ck_prompt_templates_store_rendered_prompt", "store_rendered_prompt IN ('full', 'redacted', 'hash', 'none')");
            t.HasCheckConstraint("ck_prompt_templates_traffic_percentage", "traffic_percentage BETWEEN 0 AND 100");
            t.HasCheckConstraint("ck_prompt_templates_success_rate", "success_rate BETWEEN 0 AND 1");
            t.HasCheckConstraint("ck_prompt_templates_frozen", "frozen_at IS NOT NULL OR NOT is_active");
        });
        table.Property(t => t.Id).ValueGeneratedNever();
        table.Property(t => t.Name).HasMaxLength(PromptName.MaxLength);
        table.Property(t => t.Category).HasMaxLength(PromptText.CategoryMaxLength);
        table.Property(t => t.TemplateFormat).HasMaxLength(20).HasDefaultValue("jinja2");
        table.Property(t => t.TemplateVariables).HasColumnType("jsonb");
        table.Property(t => t.StoreRenderedPrompt).HasMaxLength(Core.Executions.StoredForm.MaxLength).HasDefaultValue(Core.Executions.StoredForm.Full);
        table.Property(t => t.Version).HasDefaultValue(1);
        table.Property(t => t.IsActive).HasDefaultValue(false);
        table.Property(t => t.TotalInvocations).HasDefaultValue(0);
        table.Property(t => t.AbTestGroup).HasMaxLength(50);
        table.Property(t => t.Message).HasMaxLength(PromptText.MessageMaxLength);
        table.Property(t => t.Revision).HasDefaultValue(1);
        table.Property(t => t.AuthorIds).HasDefaultValueSql("'{}'");
        table.Property(t => t.ApprovedBy).HasMaxLength(255);
        table.Property(t => t.CreatedBy).HasMaxLength(255);
        table.Property(t => t.UpdatedBy).HasMaxLength(255);
        table.Property(t => t.CreatedAt).HasDefaultValueSql("now()");
        table.HasOne<Prompt>().WithMany().HasForeignKey(t => t.Name).OnDelete(DeleteBehavior.Restrict);
        table.Property(t => t.UpdatedAt).HasDefaultValueSql("now()");
        table.HasOne<PromptTemplate>().WithMany().HasForeignKey(t => t.ParentVersionId).OnDelete(DeleteBehavior.Restrict);
        table.HasIndex(t => new { t.Name, t.Version }).IsUnique();
        table.HasIndex(t => t.Name).IsUnique().HasFilter("is_active").HasDatabaseName("ix_prompt_templates_active");
        table.HasIndex(t => t.AbTestGroup).HasFilter("ab_test_group IS NOT NULL");
    }
}

internal sealed class PromptLabelTable : IEntityTypeConfiguration<PromptLabel>
{
    public void Configure(EntityTypeBuilder<PromptLabel> table)
    {
        table.ToTable("prompt_labels");
        table.HasKey(l => new { l.PromptName, l.Label });
        table.Property(l => l.PromptName).HasMaxLength(PromptName.MaxLength);
        table.Property(l => l.Label).HasMaxLength(LabelName.MaxLength);
        table.Property(l => l.UpdatedAt).HasDefaultValueSql("now()");
        table.Property(l => l.UpdatedBy).HasMaxLength(255);
        table.HasOne<PromptTemplate>().WithMany().HasForeignKey(l => l.TemplateId).OnDelete(DeleteBehavior.Restrict);
        table.HasOne<Prompt>().WithMany().HasForeignKey(l => l.PromptName).OnDelete(DeleteBehavior.Restrict);
    }
}

internal sealed class ProtectedLabelTable : IEntityTypeConfiguration<ProtectedLabel>
{
    public void Configure(EntityTypeBuilder<ProtectedLabel> table)
    {
        table.ToTable("protected_labels");
        table.HasKey(l => l.Label);
        table.Property(l => l.Label).HasMaxLength(LabelName.MaxLength);
        table.Property(l => l.CreatedBy).HasMaxLength(255);
        table.Property(l => l.CreatedAt).HasDefaultValueSql("now()");
    }
}
