namespace PromptStudio.Database;

/// <summary>Patterns for LIKE, with a backslash as the escape character.</summary>
public static class LikePattern
{
    /// <summary>Whatever contains a text; its own wildcards mean themselves.</summary>
    public static string Containing(string text) =>
        $"%{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal)}%";
}
