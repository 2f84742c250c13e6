using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PromptStudio.Core.Guardrails;

namespace PromptStudio.Guardrails;

/// <summary>A rule about what may be sent to a model: a row of <c>prompt_guardrails</c>.</summary>
public sealed class PromptGuardrail
{
    public required Guid Id { get; init; }
    public required string Name { get; set; }
    public string? Description { get; set; }

    /// <summary>One of <see cref="Core.Guardrails.RuleType"/>.</summary>
    public required string RuleType { get; set; }

    /// <summary>JSON, by rule type.</summary>
    public required string RuleConfig { get; set; }

    /// <summary>One of <see cref="GuardrailWords.Levels"/>.</summary>
    public required string EnforcementLevel { get; set; }

    /// <summary>0 to 100, see <see cref="Guardrail.EnforcementPercentage"/>.</summary>
    public double EnforcementPercentage { get; set; } = 100;

    /// <summary>One of <see cref="GuardrailWords.Scopes"/>.</summary>
    public string Scope { get; set; } = GuardrailWords.RenderedPrompt;

    /// <summary>With the scope <c>variables</c>: those that it looks at; empty: all.</summary>
    public string[] Variables { get; set; } = [];

    /// <summary>Names of prompts or categories; null or empty: all.</summary>
    public string[]? AppliesTo { get; set; }

    /// <summary><c>allow</c> or <c>block</c>.</summary>
    public string OnError { get; set; } = GuardrailWords.Allow;

    public string? Message { get; set; }

    /// <summary>Whether what is found is blacked out in what is stored.</summary>
    public bool Redact { get; set; }

    /// <summary>JSON: <c>{texts, patterns}</c>; null: none.</summary>
    public string? AllowList { get; set; }

    /// <summary>What the rule needs to reach a model, encrypted; see <see cref="GuardrailSecrets"/>.</summary>
    public string? SecretProtected { get; set; }

    public bool IsActive { get; set; } = true;

    /// <summary>Counts the changes, from 1: who changes says which revision they saw.</summary>
    public int Revision { get; set; } = 1;

    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; set; }
    public string? UpdatedBy { get; set; }
}

internal sealed class PromptGuardrailTable : IEntityTypeConfiguration<PromptGuardrail>
{
    public void Configure(EntityTypeBuilder<PromptGuardrail> table)
    {
        table.ToTable("prompt_guardrails", t =>
        {
            t.HasCheckConstraint("ck_prompt_guardrails_enforcement_level", "enforcement_level IN ('blocking', 'warning', 'logging')");
            t.HasCheckConstraint("ck_prompt_guardrails_enforcement_percentage", "enforcement_percentage BETWEEN 0 AND 100");
            t.HasCheckConstraint("ck_prompt_guardrails_scope", "scope IN ('rendered_prompt', 'variables', 'response')");
            t.HasCheckConstraint("ck_prompt_guardrails_on_error", "on_error IN ('allow', 'block')");
        });
        table.Property(g => g.Id).ValueGeneratedNever();
        table.Property(g => g.Name).HasMaxLength(GuardrailInput.NameMaxLength);
        table.Property(g => g.RuleType).HasMaxLength(50);
        table.Property(g => g.RuleConfig).HasColumnType("jsonb");
        table.Property(g => g.EnforcementLevel).HasMaxLength(50);
        table.Property(g => g.EnforcementPercentage).HasDefaultValue(100.0).HasSentinel(100.0);
        table.Property(g => g.Scope).HasMaxLength(20).HasDefaultValue(GuardrailWords.RenderedPrompt).HasSentinel(GuardrailWords.RenderedPrompt);
        table.Property(g => g.Variables).HasDefaultValueSql("'{}'");
        table.Property(g => g.AppliesTo).HasColumnType("varchar(255)[]");
        table.Property(g => g.OnError).HasMaxLength(10).HasDefaultValue(GuardrailWords.Allow).HasSentinel(GuardrailWords.Allow);
        table.Property(g => g.Message).HasMaxLength(GuardrailInput.MessageMaxLength);
        table.Property(g => g.Redact).HasDefaultValue(false);
        table.Property(g => g.AllowList).HasColumnType("jsonb");
        table.Property(g => g.IsActive).HasDefaultValue(true).HasSentinel(true);
        table.Property(g => g.Revision).HasDefaultValue(1);
        table.Property(g => g.CreatedAt).HasDefaultValueSql("now()");
        table.Property(g => g.UpdatedAt).HasDefaultValueSql("now()");
        table.Property(g => g.UpdatedBy).HasMaxLength(255);
        table.HasIndex(g => g.Name).IsUnique();
    }
}
