using PromptStudio.Web;

namespace PromptStudio.Editor;

/// <summary>A question over the editor.</summary>
public enum EditorDialog
{
    None,
    NewVersion,
    Activate,
    Label,
    Settings,
    Archive,
    Conflict,
}

/// <summary>What stands beside the text.</summary>
public enum EditorTab
{
    Preview,
    Variables,
    Guardrails,
    Compare,
    Use,
}

/// <summary>A command that was carried out, or refused.</summary>
/// <param name="Text">What was done, for a toast.</param>
/// <param name="Problem">Why it was not; null: it was.</param>
/// <param name="Undo">Takes it back; null: nothing does.</param>
public sealed record EditorDone(string Text, Problem? Problem, Func<Task<Problem?>>? Undo = null);
