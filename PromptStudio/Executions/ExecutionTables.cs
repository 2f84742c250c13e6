using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PromptStudio.Guardrails;

namespace PromptStudio.Executions;

/// <summary>One render, and later its outcome: a row of <c>prompt_executions</c>.</summary>
public sealed class PromptExecution
{
    /// <summary>A UUIDv7 of <see cref="CreatedAt"/>.</summary>
    public required Guid Id { get; init; }

    public required Guid PromptTemplateId { get; init; }

    /// <summary>JSON: what the template got, defaults included.</summary>
    public required string Variables { get; init; }

    /// <summary>In the form that <see cref="StoredAs"/> says; empty when the render failed.</summary>
    public required string RenderedPrompt { get; init; }

    /// <summary>One of <see cref="Core.Executions.StoredForm"/>.</summary>
    public string StoredAs { get; init; } = Core.Executions.StoredForm.Full;

    /// <summary>Whether a client rendered it by itself, while it could not reach the studio, and sent it later.</summary>
    public bool IsFallback { get; init; }

    /// <summary>Microseconds that the render itself took.</summary>
    public int RenderTimeUs { get; init; }

    public string? ModelName { get; set; }
    public string? ResponseText { get; set; }
    public int? ResponseTokens { get; set; }

    /// <summary>Milliseconds that the caller's model call took.</summary>
    public int? ExecutionTimeMs { get; set; }

    /// <summary>One of <see cref="Core.Executions.ExecutionStatus"/>.</summary>
    public required string Status { get; set; }

    public string? ErrorMessage { get; set; }
    public Guid? ExperimentId { get; init; }
    public string? AbTestGroup { get; init; }

    /// <summary>The phase of the experiment; null: no experiment chose the version.</summary>
    public int? ExperimentPhase { get; init; }

    /// <summary>Whether the group was drawn, because nobody in particular asked: such an execution counts for no user.</summary>
    public bool IsRandomGroup { get; init; }

    public bool? Success { get; set; }
    public double? ConversionMetric { get; set; }

    /// <summary>JSON: what guardrails found, as the answer had it; later also what they found in the response.</summary>
    public string? GuardrailViolations { get; set; }

    /// <summary>Whether something of the variables, the prompt or the error message was blacked out before it was stored.</summary>
    public bool IsRedacted { get; init; }

    /// <summary>Stored with it, as rows of their own.</summary>
    public IReadOnlyList<GuardrailViolation> Violations { get; init; } = [];

    public double? SafetyScore { get; set; }
    public Guid? RequestId { get; init; }
    public string? UserId { get; init; }

    /// <summary>To the millisecond, as in the id; decides the partition.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Not stored: the revision of the draft that was rendered, which the execution freezes; null: the version was frozen already.</summary>
    public int? DraftRevision { get; init; }

    public DateTimeOffset? OutcomeAt { get; set; }

    /// <summary>SHA-256 of the reported outcome, to tell a repeated report from another one.</summary>
    public byte[]? OutcomeHash { get; set; }
}

/// <summary>
/// The claim of a <c>request_id</c>: the first render with it inserts the row, a repeated one finds it.
/// A table of its own, because a unique index of a partitioned table would have to include the time.
/// </summary>
public sealed class ExecutionRequest
{
    public required Guid RequestId { get; init; }
    public required Guid ExecutionId { get; init; }

    /// <summary>SHA-256 over what was asked, to refuse the same id for something else.</summary>
    public required byte[] RequestHash { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }
}

/// <remarks>
/// The table is partitioned by month, which EF Core cannot say: the migration creates it in SQL. No foreign keys: templates are
/// never deleted, and a check per row would cost every render.
/// </remarks>
internal sealed class PromptExecutionTable : IEntityTypeConfiguration<PromptExecution>
{
    public void Configure(EntityTypeBuilder<PromptExecution> table)
    {
        table.ToTable("prompt_executions");
        table.HasKey(e => new { e.Id, e.CreatedAt });
        table.Ignore(e => e.DraftRevision);
        table.Ignore(e => e.Violations);
        table.Property(e => e.IsRedacted).HasDefaultValue(false);
        table.Property(e => e.IsRandomGroup).HasDefaultValue(false);
        table.Property(e => e.IsFallback).HasDefaultValue(false);
        table.Property(e => e.StoredAs).HasMaxLength(Core.Executions.StoredForm.MaxLength).HasDefaultValue(Core.Executions.StoredForm.Full);
        table.Property(e => e.RenderTimeUs).HasDefaultValue(0);
        table.Property(e => e.Variables).HasColumnType("jsonb");
        table.Property(e => e.GuardrailViolations).HasColumnType("jsonb");
        table.Property(e => e.ModelName).HasMaxLength(Core.Executions.Outcome.ModelNameMaxLength);
        table.Property(e => e.Status).HasMaxLength(50);
        table.Property(e => e.AbTestGroup).HasMaxLength(50);
        table.Property(e => e.UserId).HasMaxLength(255);
        table.HasIndex(e => new { e.PromptTemplateId, e.CreatedAt });
        // "What did this user get?" is asked of months; the ids give the order.
        table.HasIndex(e => new { e.UserId, e.Id });
        // An experiment that ended is under all that came since; what failed or was blocked is rare. Other rows are in neither.
        table.HasIndex(e => new { e.ExperimentId, e.Id }).HasFilter("experiment_id IS NOT NULL");
        table.HasIndex(e => new { e.Status, e.Id }).HasFilter("status <> 'success'");
        table.HasIndex(e => e.CreatedAt).HasMethod("brin");
    }
}

internal sealed class ExecutionRequestTable : IEntityTypeConfiguration<ExecutionRequest>
{
    public void Configure(EntityTypeBuilder<ExecutionRequest> table)
    {
        table.ToTable("execution_requests");
        table.HasKey(r => r.RequestId);
        table.Property(r => r.RequestId).ValueGeneratedNever();
        table.HasIndex(r => r.CreatedAt).HasMethod("brin");
    }
}
