using System.Text.Json;
using System.Text.Json.Serialization;

namespace PromptStudio.Backup;

/// <summary>What a backup says of itself.</summary>
public sealed record BackupManifest
{
    /// <summary>The format that this version writes, and the latest that it reads.</summary>
    public const int CurrentFormat = 1;

    public required int Format { get; init; }

    /// <summary>Of the studio that wrote it.</summary>
    public required string StudioVersion { get; init; }

    /// <summary>The last one that the database had.</summary>
    public required string Migration { get; init; }

    /// <summary>The moment whose data it has.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    public required IReadOnlyList<BackupTable> Tables { get; init; }

    /// <summary>The months of partitioned tables, e.g. <c>prompt_executions_2026_11</c>.</summary>
    public required IReadOnlyList<string> Partitions { get; init; }

    public required IReadOnlyList<BackupSequence> Sequences { get; init; }
}

/// <summary>A table's rows, as PostgreSQL's binary <c>COPY</c> writes them, in the entry <c>tables/NAME.copy</c>.</summary>
public sealed record BackupTable(string Name, IReadOnlyList<string> Columns, long Rows, string Sha256)
{
    /// <summary>Where a table's rows are in the archive.</summary>
    public static string EntryOf(string table) => $"tables/{table}.copy";
}

/// <summary>How far a sequence has counted.</summary>
public sealed record BackupSequence(string Name, long LastValue, bool IsCalled);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(BackupManifest))]
internal sealed partial class BackupJson : JsonSerializerContext;
