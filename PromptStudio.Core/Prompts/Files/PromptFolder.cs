using PromptStudio.Core.Executions;

namespace PromptStudio.Core.Prompts.Files;

/// <summary>A prompt as files: what all its versions share, and its versions.</summary>
/// <param name="Name">The folder's name.</param>
/// <param name="Head">Null: there is no <c>prompt.md</c>, and nothing is said of the prompt as a whole.</param>
/// <param name="Versions">In the order of their numbers.</param>
public sealed record PromptFolder(string Name, PromptHead? Head, IReadOnlyList<PromptVersionFile> Versions);

/// <summary>What all versions of a prompt share: the file <c>prompt.md</c>.</summary>
public sealed record PromptHead
{
    /// <summary>The file's body.</summary>
    public string? Description { get; init; }

    public string? Category { get; init; }
    public bool IsProtected { get; init; }
    public bool RequiresApproval { get; init; }
    public bool IsArchived { get; init; }

    /// <summary>In which form executions keep the rendered prompt.</summary>
    public string StoreRenderedPrompt { get; init; } = StoredForm.Full;

    /// <summary>The version that is served; null: none.</summary>
    public int? ActiveVersion { get; init; }

    /// <summary>From label to version, in the order of the labels.</summary>
    public IReadOnlyDictionary<string, int> Labels { get; init; } = new Dictionary<string, int>();

    public string? CreatedBy { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }
}

/// <summary>A version: the file <c>v7.jinja</c> or <c>v7.scriban</c>.</summary>
public sealed record PromptVersionFile
{
    public required int Version { get; init; }

    /// <summary><c>jinja2</c> or <c>scriban</c>: the file's ending says it.</summary>
    public required string Format { get; init; }

    /// <summary>The file's body.</summary>
    public required string Text { get; init; }

    /// <summary>JSON of <see cref="TemplateVariables"/>; null: none are declared.</summary>
    public string? Variables { get; init; }

    public string? Message { get; init; }

    /// <summary>The version that it was made from.</summary>
    public int? Parent { get; init; }

    public string? CreatedBy { get; init; }
    public DateTimeOffset? CreatedAt { get; init; }
}

/// <summary>One text file of an export, or one that was sent for import.</summary>
/// <param name="Path">With <c>/</c>, e.g. <c>nlu_topic_extraction/v7.jinja</c>.</param>
/// <param name="Text">All of it.</param>
public sealed record PromptFile(string Path, string Text);

/// <summary>A file that cannot be read as part of a prompt.</summary>
/// <param name="Path">The file.</param>
/// <param name="Reason">One sentence that says what to do.</param>
public sealed record RefusedFile(string Path, string Reason);
