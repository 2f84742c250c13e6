using System.ComponentModel.DataAnnotations;

namespace PromptStudio.Core.Access;

/// <summary>The rule for e-mail addresses, which are the names that people sign in with.</summary>
public static class EmailAddress
{
    /// <summary>Characters of an address at most.</summary>
    public const int MaxLength = 254;

    /// <summary>What <see cref="IsValid"/> asks, in words for people.</summary>
    public const string Rule = "Enter an e-mail address, such as ada@example.com.";

    private static readonly EmailAddressAttribute Form = new();

    /// <summary>Whether a text can be an address.</summary>
    public static bool IsValid(string? text) =>
        text is { Length: > 0 and <= MaxLength } && !text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || char.IsSurrogate(c)) && Form.IsValid(text);
}
