using PromptStudio.Core.Access;
using PromptStudio.Web;

namespace PromptStudio.Access.Accounts;

/// <summary>Why somebody cannot change their own account; pages show the detail.</summary>
public static class AccountProblem
{
    public static Problem LinkSpent { get; } = new(410, "link_spent", "This link was used already, replaced by a newer one, or is too old.");

    public static Problem WrongPassword { get; } = new(422, "wrong_password", "Your present password is wrong. After five wrong attempts, an account rests for five minutes.");

    public static Problem WrongCode { get; } = new(422, "wrong_code", "This is not the code that the app shows now. Check that the clock of your phone is right, and try the next code.");

    public static Problem TooManyPasskeys { get; } = new(422, "too_many_passkeys", $"You have {Accounts.MostPasskeys} passkeys. Remove one that you no longer use.");

    public static Problem PasskeyName { get; } = new(422, "invalid_passkey", $"Give the passkey a name of 1 to {Accounts.MaxPasskeyNameLength} characters, such as “Work laptop”.");

    public static Problem PasskeyNotFound { get; } = new(404, "passkey_not_found", "This passkey is gone already.");

    public static Problem Gone { get; } = new(404, "user_not_found", "This account is gone.");

    /// <summary>What the rule for passwords says.</summary>
    public static Problem Password(IEnumerable<string> problems) => new(422, "weak_password", string.Join(" ", problems));

    /// <summary>403: nobody changes somebody else's account here.</summary>
    public static Problem NotYours(Actor actor) => AccessProblem.Missing(actor, Permissions.Administer);
}
