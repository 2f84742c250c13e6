namespace PromptStudio.Core.Access;

/// <summary>What a person may do in the studio.</summary>
public static class Role
{
    /// <summary>Everything, users and keys included.</summary>
    public const string SuperAdmin = "SuperAdmin";

    /// <summary>Prompts and experiments; tries guardrails, and changes none.</summary>
    public const string Editor = "Editor";

    /// <summary>Looks, and changes nothing.</summary>
    public const string Viewer = "Viewer";

    /// <summary>Every role.</summary>
    public static IReadOnlyList<string> All { get; } = [SuperAdmin, Editor, Viewer];
}
