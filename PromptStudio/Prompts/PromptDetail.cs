using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using PromptStudio.Core.Prompts;
using PromptStudio.Database;
using PromptStudio.Web;

namespace PromptStudio.Prompts;

/// <summary>Where a version stands; also how the API writes it.</summary>
public static class VersionState
{
    /// <summary>Its text can still change.</summary>
    public const string Draft = "draft";

    /// <summary>It was active, labelled or executed.</summary>
    public const string Frozen = "frozen";

    /// <summary>Callers get it.</summary>
    public const string Active = "active";

    internal static string Of(PromptTemplate version) => version.IsActive ? Active : version.FrozenAt is null ? Draft : Frozen;
}

/// <summary>Who approved a version, and when.</summary>
public sealed record VersionApproval(string By, DateTimeOffset At);

/// <summary>A finding about a version's text or variables.</summary>
/// <param name="Kind"><c>error</c>, <c>undeclared</c> or <c>unused</c>.</param>
/// <param name="Message">One sentence for people.</param>
/// <param name="Line">From 1; null: it has no place.</param>
/// <param name="Column">From 1; null: it has no place.</param>
public sealed record Diagnostic(string Kind, string Message, int? Line = null, int? Column = null)
{
    /// <summary>For errors: what Python's Jinja2 calls it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Type { get; init; }

    /// <summary>The included prompt that failed; null: the template itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? TemplateName { get; init; }

    internal static Diagnostic Of(TemplateFinding finding) => new(finding.Kind.ToString().ToLowerInvariant(), finding.Message, finding.Line, finding.Column);
}

/// <summary>A version on the timeline of its prompt.</summary>
public sealed record VersionSummary
{
    public required Guid Id { get; init; }
    public required string Name { get; init; }
    public required int Version { get; init; }

    /// <summary><c>draft</c>, <c>frozen</c> or <c>active</c>.</summary>
    public required string State { get; init; }

    public required bool IsActive { get; init; }

    /// <summary>What the version is about.</summary>
    public string? Message { get; init; }

    public required string TemplateFormat { get; init; }

    /// <summary>The labels that point to it; <c>production</c> is <see cref="IsActive"/>.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    public Guid? ParentVersionId { get; init; }
    public VersionApproval? Approval { get; init; }
    public string? CreatedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public string? UpdatedBy { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public DateTimeOffset? FrozenAt { get; init; }
    public DateTimeOffset? ActivatedAt { get; init; }
    public DateTimeOffset? DeactivatedAt { get; init; }

    /// <summary>Its executions; this figure and the next two are counted every minute.</summary>
    public int TotalInvocations { get; init; }

    /// <summary>Share of executions that succeeded, of those whose success is known, 0 to 1; null: of none it is.</summary>
    public double? SuccessRate { get; init; }

    /// <summary>Mean of what callers reported as <c>execution_time_ms</c>; null: nobody did.</summary>
    public double? AvgResponseTimeMs { get; init; }

    internal static VersionSummary Of(PromptTemplate version, IReadOnlyList<string> labels) => new()
    {
        Id = version.Id,
        Name = version.Name,
        Version = version.Version,
        State = VersionState.Of(version),
        IsActive = version.IsActive,
        Message = version.Message,
        TemplateFormat = version.TemplateFormat,
        Labels = labels,
        ParentVersionId = version.ParentVersionId,
        Approval = PromptDetail.ApprovalOf(version),
        CreatedBy = version.CreatedBy,
        CreatedAt = version.CreatedAt,
        UpdatedBy = version.UpdatedBy,
        UpdatedAt = version.UpdatedAt,
        FrozenAt = version.FrozenAt,
        ActivatedAt = version.ActivatedAt,
        DeactivatedAt = version.DeactivatedAt,
        TotalInvocations = version.TotalInvocations,
        SuccessRate = version.SuccessRate,
        AvgResponseTimeMs = version.AvgResponseTimeMs,
    };
}

/// <summary>A version with everything that a page about it needs.</summary>
public sealed record PromptDetail
{
    public required Guid Id { get; init; }
    public required string Name { get; init; }
    public required int Version { get; init; }

    /// <summary>What the prompt is for; of all its versions.</summary>
    public string? Description { get; init; }

    /// <summary>Of all versions of the prompt.</summary>
    public string? Category { get; init; }

    public required string TemplateText { get; init; }

    /// <summary><c>jinja2</c> or <c>scriban</c>.</summary>
    public required string TemplateFormat { get; init; }

    /// <summary>The contract: <c>{"required": …, "optional": …}</c>.</summary>
    public JsonElement? TemplateVariables { get; init; }

    /// <summary>What the version is about.</summary>
    public string? Message { get; init; }

    /// <summary><c>draft</c>, <c>frozen</c> or <c>active</c>.</summary>
    public required string State { get; init; }

    public required bool IsActive { get; init; }

    /// <summary>From then on the text never changes.</summary>
    public DateTimeOffset? FrozenAt { get; init; }

    /// <summary>The labels that point to it; <c>production</c> is <see cref="IsActive"/>.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    public Guid? ParentVersionId { get; init; }

    /// <summary>Counts the edits, from 1.</summary>
    public required int Revision { get; init; }

    /// <summary>What an update sends as If-Match.</summary>
    public required string Etag { get; init; }

    /// <summary>Null: nobody approved it as it stands.</summary>
    public VersionApproval? Approval { get; init; }

    /// <summary>Ids of all who wrote it: none of them can approve it.</summary>
    public required IReadOnlyList<string> AuthorIds { get; init; }

    /// <summary>Only who may promote decides which version of the prompt is active.</summary>
    public required bool IsProtected { get; init; }

    /// <summary>A second person approves a version before it is active for the first time.</summary>
    public required bool RequiresApproval { get; init; }

    /// <summary>In which form executions keep the rendered prompt: <c>full</c>, <c>redacted</c>, <c>hash</c> or <c>none</c>; of all versions of the prompt.</summary>
    public string StoreRenderedPrompt { get; init; } = Core.Executions.StoredForm.Full;

    /// <summary>When the prompt was taken out of service; null: it is in service.</summary>
    public DateTimeOffset? ArchivedAt { get; init; }

    /// <summary>The number of the prompt's active version; null: it has none.</summary>
    public int? ActiveVersion { get; init; }

    /// <summary>The prompt's newest version.</summary>
    public required int LatestVersion { get; init; }

    public string? CreatedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public string? UpdatedBy { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    public DateTimeOffset? ActivatedAt { get; init; }
    public DateTimeOffset? DeactivatedAt { get; init; }

    /// <summary>Its executions; this figure and the next two are counted every minute.</summary>
    public int TotalInvocations { get; init; }

    /// <summary>Share of executions that succeeded, of those whose success is known, 0 to 1; null: of none it is.</summary>
    public double? SuccessRate { get; init; }

    /// <summary>Mean of what callers reported as <c>execution_time_ms</c>; null: nobody did.</summary>
    public double? AvgResponseTimeMs { get; init; }

    /// <summary>What is wrong with the text, or with the text and its variables together; empty: nothing.</summary>
    public required IReadOnlyList<Diagnostic> Diagnostics { get; init; }

    /// <summary>What the contract check found, when an activation was forced over it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ContractCheck? ContractCheck { get; init; }

    internal static VersionApproval? ApprovalOf(PromptTemplate version) =>
        version.ApprovedAt is { } at ? new VersionApproval(version.ApprovedBy ?? "?", at) : null;

    internal static JsonElement? Variables(string? json) => json is null ? null : JsonElement.Parse(json);

    /// <summary>Reads a version with what surrounds it; null when there is none.</summary>
    internal static async Task<PromptDetail?> ReadAsync(StudioDbContext context, Guid id, CancellationToken cancellationToken)
    {
        var found = await context.PromptTemplates.AsNoTracking().Where(version => version.Id == id)
            .Join(context.Prompts, version => version.Name, prompt => prompt.Name, (version, prompt) => new
            {
                version,
                prompt,
                Labels = context.PromptLabels.Where(label => label.TemplateId == id).OrderBy(label => label.Label).Select(label => label.Label).ToList(),
                Active = context.PromptTemplates.Where(other => other.Name == version.Name && other.IsActive).Select(other => (int?)other.Version).FirstOrDefault(),
                Latest = context.PromptTemplates.Where(other => other.Name == version.Name).Max(other => other.Version),
            })
            .SingleOrDefaultAsync(cancellationToken);
        return found is null ? null : Of(found.version, found.prompt, found.Labels, found.Active, found.Latest);
    }

    private static PromptDetail Of(PromptTemplate version, Prompt prompt, IReadOnlyList<string> labels, int? active, int latest) => new()
    {
        Id = version.Id,
        Name = version.Name,
        Version = version.Version,
        Description = version.Description,
        Category = version.Category,
        TemplateText = version.TemplateText,
        TemplateFormat = version.TemplateFormat,
        TemplateVariables = Variables(version.TemplateVariables),
        Message = version.Message,
        State = VersionState.Of(version),
        IsActive = version.IsActive,
        FrozenAt = version.FrozenAt,
        Labels = labels,
        ParentVersionId = version.ParentVersionId,
        Revision = version.Revision,
        Etag = IfMatch.Tag(version.Revision),
        Approval = ApprovalOf(version),
        AuthorIds = version.AuthorIds,
        IsProtected = prompt.IsProtected,
        RequiresApproval = prompt.RequiresApproval,
        StoreRenderedPrompt = version.StoreRenderedPrompt,
        ArchivedAt = prompt.ArchivedAt,
        ActiveVersion = active,
        LatestVersion = latest,
        CreatedBy = version.CreatedBy,
        CreatedAt = version.CreatedAt,
        UpdatedBy = version.UpdatedBy,
        UpdatedAt = version.UpdatedAt,
        ActivatedAt = version.ActivatedAt,
        DeactivatedAt = version.DeactivatedAt,
        TotalInvocations = version.TotalInvocations,
        SuccessRate = version.SuccessRate,
        AvgResponseTimeMs = version.AvgResponseTimeMs,
        Diagnostics = [.. TemplateCheck.Run(version.TemplateFormat, version.TemplateText, version.TemplateVariables).Select(Diagnostic.Of)],
    };
}
