using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PromptStudio.Executions;

/// <summary>How often a version was rendered on a day, UTC: what lists show without counting millions of rows.</summary>
public sealed class ExecutionDay
{
    public required DateOnly Day { get; init; }
    public required Guid TemplateId { get; init; }
    public int Executions { get; set; }

    /// <summary>Those of them that ended in an error or a timeout.</summary>
    public int Failed { get; set; }

    /// <summary>Those of them that a guardrail stopped.</summary>
    public int Blocked { get; set; }
}

/// <summary>Up to which instant executions are in <see cref="ExecutionDay"/>: one row. What came later is counted when it is asked for.</summary>
public sealed class ExecutionCountMark
{
    public required short Id { get; init; }
    public DateTimeOffset CountedUntil { get; set; }
}

internal sealed class ExecutionDayTable : IEntityTypeConfiguration<ExecutionDay>
{
    public void Configure(EntityTypeBuilder<ExecutionDay> table)
    {
        table.ToTable("execution_days");
        table.HasKey(day => new { day.Day, day.TemplateId });
        table.Property(day => day.TemplateId).ValueGeneratedNever();
    }
}

internal sealed class ExecutionCountMarkTable : IEntityTypeConfiguration<ExecutionCountMark>
{
    public void Configure(EntityTypeBuilder<ExecutionCountMark> table)
    {
        table.ToTable("execution_count_mark", t => t.HasCheckConstraint("ck_execution_count_mark_one", "id = 1"));
        table.HasKey(mark => mark.Id);
        table.Property(mark => mark.Id).ValueGeneratedNever();
    }
}
