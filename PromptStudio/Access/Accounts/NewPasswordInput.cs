using PromptStudio.Core.Access;

namespace PromptStudio.Access.Accounts;

/// <summary>The form in which a password is chosen.</summary>
public sealed class NewPasswordInput
{
    /// <summary>The one before; empty where a link stands for it.</summary>
    public string Present { get; set; } = "";

    public string Password { get; set; } = "";
    public string Repeat { get; set; } = "";

    /// <summary>What is wrong with it, in words for people.</summary>
    /// <param name="email">Whose password it becomes.</param>
    public IReadOnlyList<string> Problems(string? email)
    {
        var problems = PasswordRule.Problems(Password, email);
        return Password == Repeat ? problems : [.. problems, "The two passwords are not the same. Type both again."];
    }
}
