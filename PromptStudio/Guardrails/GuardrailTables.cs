using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PromptStudio.Guardrails;

/// <summary>A rule about what may be sent to a model: a row of <c>prompt_guardrails</c>.</summary>
public sealed class PromptGuardrail
{
    public required Guid Id { get; init; }
    public required string Name { get; set; }
    public string? Description { get; set; }
    public required string RuleType { get; set; }

    /// <summary>JSON, by rule type.</summary>
    public required string RuleConfig { get; set; }

    public required string EnforcementLevel { get; set; }

    /// <summary>Names of prompts or categories; null or empty: all.</summary>
    public string[]? AppliesTo { get; set; }

    public bool IsActive { get; set; } = true;
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; set; }
}

internal sealed class PromptGuardrailTable : IEntityTypeConfiguration<PromptGuardrail>
{
    public void Configure(EntityTypeBuilder<PromptGuardrail> table)
    {
        table.ToTable("prompt_guardrails", t =>
            t.HasCheckConstraint("ck_prompt_guardrails_enforcement_level", "enforcement_level IN ('blocking', 'warning', 'logging')"));
        table.Property(g => g.Id).ValueGeneratedNever();
        table.Property(g => g.Name).HasMaxLength(255);
        table.Property(g => g.RuleType).HasMaxLength(50);
        table.Property(g => g.RuleConfig).HasColumnType("jsonb");
        table.Property(g => g.EnforcementLevel).HasMaxLength(50);
        table.Property(g => g.AppliesTo).HasColumnType("varchar(255)[]");
        table.Property(g => g.IsActive).HasDefaultValue(true).HasSentinel(true);
        table.Property(g => g.CreatedAt).HasDefaultValueSql("now()");
        table.Property(g => g.UpdatedAt).HasDefaultValueSql("now()");
        table.HasIndex(g => g.Name).IsUnique();
    }
}
