using System.Text.Json;
using PromptStudio.Core.Prompts;

namespace PromptStudio.Prompts;

/// <summary>One of the two versions that are compared.</summary>
public sealed record DiffSide(Guid Id, string Name, int Version);

/// <summary>A setting that differs.</summary>
public sealed record ChangedSetting(string Name, string? Before, string? After);

/// <summary>What changed between two versions.</summary>
public sealed record VersionDiff
{
    public required DiffSide Before { get; init; }
    public required DiffSide After { get; init; }
    public required TextDiff Text { get; init; }

    /// <summary>Of the contracts, as JSON with a line for each member.</summary>
    public required TextDiff Variables { get; init; }

    /// <summary>Only those that differ.</summary>
    public required IReadOnlyList<ChangedSetting> Settings { get; init; }

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Compares two versions.</summary>
    public static VersionDiff Of(PromptDetail before, PromptDetail after) => new()
    {
        Before = new DiffSide(before.Id, before.Name, before.Version),
        After = new DiffSide(after.Id, after.Name, after.Version),
        Text = TextDiff.Of(before.TemplateText, after.TemplateText),
        Variables = TextDiff.Of(Written(before.TemplateVariables), Written(after.TemplateVariables)),
        Settings =
        [
            .. new ChangedSetting[]
            {
                new("template_format", before.TemplateFormat, after.TemplateFormat),
                new("message", before.Message, after.Message),
                new("description", before.Description, after.Description),
                new("category", before.Category, after.Category),
            }.Where(setting => setting.Before != setting.After),
        ],
    };

    private static string Written(JsonElement? variables) => variables is { } contract ? JsonSerializer.Serialize(contract, Indented) : "";
}
