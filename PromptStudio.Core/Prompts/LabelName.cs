using System.Text.RegularExpressions;

namespace PromptStudio.Core.Prompts;

/// <summary>The rule for a label's name.</summary>
public static partial class LabelName
{
    /// <summary>Characters that a label may have at most.</summary>
    public const int MaxLength = 50;

    /// <summary>The label that always points to the active version: moving it is activating.</summary>
    public const string Production = "production";

    /// <summary>What <see cref="IsValid"/> asks, in words for people.</summary>
    public const string Rule = "A label is 1 to 50 lower-case letters, digits, '_', '-' or '.', and begins with a letter.";

    /// <summary>Whether a label can have this name.</summary>
    public static bool IsValid(string? label) => label is { Length: > 0 and <= MaxLength } && Pattern().IsMatch(label);

    [GeneratedRegex(@"\A[a-z][a-z0-9_.-]*\z", RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}
