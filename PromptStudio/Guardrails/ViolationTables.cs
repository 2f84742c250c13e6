using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PromptStudio.Guardrails;

/// <summary>What became of what a guardrail found.</summary>
public static class ViolationOutcome
{
    /// <summary>The prompt was not handed out; of a response: it must not be shown.</summary>
    public const string Blocked = "blocked";

    /// <summary>The caller was told.</summary>
    public const string Warned = "warned";

    /// <summary>Nobody was told.</summary>
    public const string Logged = "logged";

    /// <summary>The guardrail blocks, but not for this user yet: the caller was told.</summary>
    public const string WouldBlock = "would_block";

    /// <summary>The guardrail could not look, and lets such texts pass.</summary>
    public const string Error = "error";

    /// <summary>Every outcome.</summary>
    public static IReadOnlyList<string> All { get; } = [Blocked, WouldBlock, Warned, Logged, Error];
}

/// <summary>What one guardrail found in one execution: a row of <c>guardrail_violations</c>. Never the text that it found.</summary>
public sealed class GuardrailViolation
{
    /// <summary>A UUIDv7 of <see cref="CreatedAt"/>.</summary>
    public required Guid Id { get; init; }

    /// <summary>When it was found, to the millisecond as in the id; decides the partition.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    public required Guid ExecutionId { get; init; }

    /// <summary>The guardrail may be gone: its violations stay.</summary>
    public required Guid GuardrailId { get; init; }

    /// <summary>The guardrail's name at that time.</summary>
    public required string Name { get; init; }

    public required string RuleType { get; init; }
    public required string EnforcementLevel { get; init; }

    /// <summary>One of <see cref="ViolationOutcome"/>.</summary>
    public required string Outcome { get; init; }

    /// <summary>One of <see cref="GuardrailWords.Scopes"/>.</summary>
    public required string Scope { get; init; }

    /// <summary>With the scope <c>variables</c>: where the first place is, e.g. <c>user.email</c>.</summary>
    public string? Variable { get; init; }

    public required string PromptName { get; init; }
    public required Guid TemplateId { get; init; }

    /// <summary>Places where it found something; 0: it could not look.</summary>
    public required int Hits { get; init; }

    public required string Message { get; init; }

    /// <summary>What kind of thing the first place is, e.g. <c>CREDIT_CARD</c>.</summary>
    public string? Entity { get; init; }

    /// <summary>Where the first place begins, in code points of the text before anything was blacked out; null: the text as a whole.</summary>
    public int? Start { get; init; }

    public int? End { get; init; }

    /// <summary>Whether somebody said that it was found wrongly; null: nobody did.</summary>
    public bool? FalsePositive { get; set; }

    public string? MarkedBy { get; set; }
    public DateTimeOffset? MarkedAt { get; set; }
}

/// <remarks>
/// Partitioned by month as <c>prompt_executions</c> is, so that both are dropped together; the migration creates the table in SQL. Ids are in the order of time, so
/// each list is a walk along one of the indexes.
/// </remarks>
internal sealed class GuardrailViolationTable : IEntityTypeConfiguration<GuardrailViolation>
{
    public void Configure(EntityTypeBuilder<GuardrailViolation> table)
    {
        table.ToTable("guardrail_violations");
        table.HasKey(v => new { v.Id, v.CreatedAt });
        table.Property(v => v.Id).ValueGeneratedNever();
        table.Property(v => v.Name).HasMaxLength(GuardrailInput.NameMaxLength);
        table.Property(v => v.RuleType).HasMaxLength(50);
        table.Property(v => v.EnforcementLevel).HasMaxLength(50);
        table.Property(v => v.Outcome).HasMaxLength(20);
        table.Property(v => v.Scope).HasMaxLength(20);
        table.Property(v => v.Variable).HasMaxLength(Violation.VariableMaxLength);
        table.Property(v => v.PromptName).HasMaxLength(Core.Prompts.PromptName.MaxLength);
        table.Property(v => v.Entity).HasMaxLength(100);
        table.Property(v => v.MarkedBy).HasMaxLength(255);
        table.HasIndex(v => new { v.GuardrailId, v.Id });
        table.HasIndex(v => new { v.PromptName, v.Id });
        table.HasIndex(v => v.ExecutionId);
        table.HasIndex(v => v.CreatedAt).HasMethod("brin");
    }
}
