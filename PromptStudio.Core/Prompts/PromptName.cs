using System.Text.RegularExpressions;

namespace PromptStudio.Core.Prompts;

/// <summary>The rule for a prompt's name: what callers write in the URL of a render.</summary>
public static partial class PromptName
{
    /// <summary>Characters that a name may have at most.</summary>
    public const int MaxLength = 255;

    /// <summary>What <see cref="IsValid"/> asks, in words for people.</summary>
    public const string Rule = "A name is 1 to 255 letters, digits, '_', '-' or '.', begins with a letter or a digit, and is no UUID.";

    /// <summary>Whether a prompt can have this name. '@' is no part of one: <c>name@7</c> points to a version. Nor is it a UUID: those are ids of versions.</summary>
    public static bool IsValid(string? name) => name is { Length: > 0 and <= MaxLength } && Pattern().IsMatch(name) && !Guid.TryParse(name, out _);

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9_.-]*\z", RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}
