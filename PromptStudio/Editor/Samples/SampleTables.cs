using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using PromptStudio.Core.Prompts;
using PromptStudio.Prompts;

namespace PromptStudio.Editor.Samples;

/// <summary>A named set of values that everybody can preview a prompt with.</summary>
public sealed class PromptSample
{
    /// <summary>Characters that a name may have.</summary>
    public const int NameMaxLength = 100;

    /// <summary>Characters that its JSON may have.</summary>
    public const int VariablesMaxLength = 200_000;

    /// <summary>Samples that a prompt may have.</summary>
    public const int MostSamples = 100;

    public required string PromptName { get; init; }
    public required string Name { get; init; }

    /// <summary>JSON: an object.</summary>
    public required string Variables { get; set; }

    public string? UpdatedBy { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }
}

internal sealed class PromptSampleTable : IEntityTypeConfiguration<PromptSample>
{
    public void Configure(EntityTypeBuilder<PromptSample> table)
    {
        table.ToTable("prompt_samples");
        table.HasKey(sample => new { sample.PromptName, sample.Name });
        table.Property(sample => sample.PromptName).HasMaxLength(PromptName.MaxLength);
        table.Property(sample => sample.Name).HasMaxLength(PromptSample.NameMaxLength);
        table.Property(sample => sample.Variables).HasColumnType("jsonb");
        table.Property(sample => sample.UpdatedBy).HasMaxLength(255);
        table.Property(sample => sample.UpdatedAt).HasDefaultValueSql("now()");
        table.HasOne<Prompt>().WithMany().HasForeignKey(sample => sample.PromptName).OnDelete(DeleteBehavior.Restrict);
    }
}
