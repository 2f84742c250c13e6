using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PromptStudio.Core.Audit;

namespace PromptStudio.Audit;

/// <summary>One entry of the audit log. Written by <see cref="AuditLog"/> only; the database refuses to change or delete it.</summary>
public sealed class AuditEntry
{
    /// <summary>From 1, without a gap.</summary>
    public required long Sequence { get; init; }

    public required DateTimeOffset At { get; init; }
    public required string ActorKind { get; init; }
    public string? ActorId { get; init; }
    public required string ActorName { get; init; }
    public string? Address { get; init; }
    public string? RequestId { get; init; }
    public required string Action { get; init; }
    public required string SubjectKind { get; init; }
    public string? SubjectId { get; init; }

    /// <summary>JSON, of the type that keeps the very text: the hash covers it.</summary>
    public string? Before { get; init; }

    /// <summary>JSON, of the type that keeps the very text: the hash covers it.</summary>
    public string? After { get; init; }

    public required byte[] PreviousHash { get; init; }
    public required byte[] Hash { get; init; }

    /// <summary>What the hash covers.</summary>
    public AuditRecord ToRecord() => new()
    {
        Sequence = Sequence,
        At = At,
        ActorKind = ActorKind,
        ActorId = ActorId,
        ActorName = ActorName,
        Address = Address,
        RequestId = RequestId,
        Action = Action,
        SubjectKind = SubjectKind,
        SubjectId = SubjectId,
        Before = Before,
        After = After,
    };
}

/// <summary>The end of the chain: a single row, locked by whoever appends.</summary>
public sealed class AuditHead
{
    public required int Id { get; init; }

    /// <summary>The sequence of the last entry; 0 when there is none.</summary>
    public required long Sequence { get; set; }

    public required byte[] Hash { get; set; }
}

/// <summary>What a check of the whole chain found.</summary>
public sealed class AuditCheck
{
    public required Guid Id { get; init; }
    public required DateTimeOffset At { get; init; }

    /// <summary>Entries that were looked at.</summary>
    public required long Entries { get; init; }

    /// <summary>The first entry that is not as it was written; null: the chain holds.</summary>
    public long? BrokenSequence { get; init; }

    /// <summary>What is wrong with it.</summary>
    public string? Reason { get; init; }

    /// <summary>The hash of the last entry.</summary>
    public required byte[] HeadHash { get; init; }
}

internal sealed class AuditEntryTable : IEntityTypeConfiguration<AuditEntry>
{
    public void Configure(EntityTypeBuilder<AuditEntry> table)
    {
        table.ToTable("audit_entries");
        table.HasKey(e => e.Sequence);
        table.Property(e => e.Sequence).ValueGeneratedNever();
        table.Property(e => e.Before).HasColumnType("json");
        table.Property(e => e.After).HasColumnType("json");
        table.HasIndex(e => e.At);
        table.HasIndex(e => new { e.SubjectKind, e.SubjectId });
        table.HasIndex(e => e.ActorId);
        table.HasIndex(e => e.Action);
    }
}

internal sealed class AuditHeadTable : IEntityTypeConfiguration<AuditHead>
{
    public void Configure(EntityTypeBuilder<AuditHead> table)
    {
        table.ToTable("audit_head", t => t.HasCheckConstraint("ck_audit_head_single", "id = 1"));
        table.Property(h => h.Id).ValueGeneratedNever();
    }
}

internal sealed class AuditCheckTable : IEntityTypeConfiguration<AuditCheck>
{
    public void Configure(EntityTypeBuilder<AuditCheck> table)
    {
        table.ToTable("audit_checks");
        table.Property(c => c.Id).ValueGeneratedNever();
        table.HasIndex(c => c.At);
    }
}
