using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace PromptStudio.Access;

/// <summary>A person who signs in to the studio.</summary>
public sealed class StudioUser : IdentityUser<Guid>
{
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Who invited them; null: the set-up.</summary>
    public string? InvitedBy { get; init; }

    /// <summary>Since when they may not sign in; null: they may.</summary>
    public DateTimeOffset? DisabledAt { get; set; }

    public DateTimeOffset? LastSignInAt { get; set; }
}

/// <summary>An API key: its hash, and what it may do.</summary>
public sealed class ApiKeyRow
{
    public required Guid Id { get; init; }
    public required string Name { get; set; }

    /// <summary>The key's first characters, to find the row; not unique.</summary>
    public required string Prefix { get; init; }

    /// <summary>SHA-256 of the key.</summary>
    public required byte[] KeyHash { get; init; }

    /// <summary>Of <see cref="Core.Access.ApiScope"/>.</summary>
    public required string[] Scopes { get; set; }

    /// <summary>Names of the prompts that it is bound to; with <see cref="BoundCategories"/> both empty: all prompts.</summary>
    public string[] BoundNames { get; set; } = [];

    /// <summary>Categories of the prompts that it is bound to.</summary>
    public string[] BoundCategories { get; set; } = [];

    public string? CreatedBy { get; init; }
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>To the minute.</summary>
    public DateTimeOffset? LastUsedAt { get; set; }

    public DateTimeOffset? ExpiresAt { get; set; }
    public DateTimeOffset? RevokedAt { get; set; }
    public string? RevokedBy { get; set; }
}

internal sealed class ApiKeyTable : IEntityTypeConfiguration<ApiKeyRow>
{
    public void Configure(EntityTypeBuilder<ApiKeyRow> table)
    {
        table.ToTable("api_keys");
        table.Property(k => k.Id).ValueGeneratedNever();
        table.Property(k => k.Name).HasMaxLength(255);
        table.Property(k => k.Prefix).HasMaxLength(Core.Access.ApiKey.PrefixLength);
        table.Property(k => k.BoundNames).HasDefaultValueSql("'{}'");
        table.Property(k => k.BoundCategories).HasDefaultValueSql("'{}'");
        table.Property(k => k.CreatedBy).HasMaxLength(255);
        table.Property(k => k.RevokedBy).HasMaxLength(255);
        table.Property(k => k.CreatedAt).HasDefaultValueSql("now()");
        table.HasIndex(k => k.Prefix);
        table.HasIndex(k => k.KeyHash).IsUnique();
    }
}
