using System.Text.Json;
using PromptStudio.Core.Prompts;

namespace PromptStudio.Prompts;

/// <summary>What the documentation of the API shows.</summary>
internal static class PromptExamples
{
    public static readonly Guid Id = Guid.Parse("01a2008d-7400-7000-8000-000000000011");

    private static readonly DateTimeOffset Yesterday = new(2026, 11, 21, 9, 30, 0, TimeSpan.Zero);

    private static readonly DateTimeOffset Today = new(2026, 11, 22, 10, 0, 0, TimeSpan.Zero);

    public static PromptDetail Detail { get; } = new()
    {
        Id = Id,
        Name = "nlu_topic_extraction",
        Version = 2,
        Description = "Finds the academic topic of a student's question.",
        Category = "nlu",
        TemplateText = "Student Query: {{ query }}\nGrade Level: {{ grade_level }}",
        TemplateFormat = "jinja2",
        TemplateVariables = JsonElement.Parse("""{"required": ["query", "grade_level"], "optional": []}"""),
        Message = "Shorter",
        State = VersionState.Draft,
        IsActive = false,
        Labels = [],
        ParentVersionId = Guid.Parse("01a2008d-7400-7000-8000-000000000010"),
        Revision = 3,
        Etag = "\"3\"",
        AuthorIds = ["01a2008d-7400-7000-8000-0000000000aa"],
        IsProtected = false,
        RequiresApproval = false,
        ActiveVersion = 1,
        LatestVersion = 2,
        CreatedBy = "ada@example.com",
        CreatedAt = Yesterday,
        UpdatedBy = "ada@example.com",
        UpdatedAt = Today,
        Diagnostics = [],
    };

    public static PromptRow Row { get; } = new()
    {
        Id = Id,
        Name = "nlu_topic_extraction",
        Description = "Finds the academic topic of a student's question.",
        Category = "nlu",
        ActiveVersion = 1,
        Versions = 2,
        Drafts = 1,
        Executions = 1_204,
        ChangedAt = Today,
    };

    public static VersionSummary Summary { get; } = new()
    {
        Id = Id,
        Name = "nlu_topic_extraction",
        Version = 2,
        State = VersionState.Draft,
        IsActive = false,
        Message = "Shorter",
        TemplateFormat = "jinja2",
        Labels = [],
        CreatedBy = "ada@example.com",
        CreatedAt = Yesterday,
        UpdatedBy = "ada@example.com",
        UpdatedAt = Today,
    };

    public static LabelPointer Label { get; } = new() { Label = "staging", Version = 2, Id = Id, IsProtected = false, UpdatedAt = Today, UpdatedBy = "ada@example.com" };

    public static VersionDiff Diff { get; } = new()
    {
        Before = new DiffSide(Guid.Parse("01a2008d-7400-7000-8000-000000000010"), "nlu_topic_extraction", 1),
        After = new DiffSide(Id, "nlu_topic_extraction", 2),
        Text = TextDiff.Of("Query: {{ query }}", "Student Query: {{ query }}"),
        Variables = TextDiff.Of("", ""),
        Settings = [new ChangedSetting("message", null, "Shorter")],
    };
}
