namespace PromptStudio.Web;

/// <summary>Texts of people as patterns of SQL's LIKE.</summary>
public static class Like
{
    /// <summary>A text in which nothing is a wildcard; the escape character is the backslash.</summary>
    public static string Escaped(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);
}
