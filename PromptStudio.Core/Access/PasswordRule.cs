using System.Globalization;
using Zxcvbn.Matcher;

namespace PromptStudio.Core.Access;

/// <summary>
/// The one rule for passwords: long enough, and not among the first that an attacker tries. What must be in a password is not prescribed;
/// how easy it is to guess is estimated from lists of common passwords, names and words, keyboard rows, dates and repetitions.
/// </summary>
public static class PasswordRule
{
    /// <summary>Characters that a password has at least.</summary>
    public const int MinLength = 10;

    /// <summary>Characters that a password has at most: hashing must not become work for strangers.</summary>
    public const int MaxLength = 256;

    /// <summary>What a form says before anything is typed.</summary>
    public const string Hint = "At least 10 characters. Three or four words that have nothing to do with each other make a good one.";

    /// <summary>Guesses that a password withstands, as a power of two.</summary>
    private const double EnoughBits = 30;

    /// <summary>The estimate's time grows with the length; what comes later can only make a password stronger.</summary>
    private const int MostJudged = 64;

    private static readonly string[] StudioWords = ["prompt", "studio", "promptstudio", "prompt studio", "prompt-studio"];

    private static readonly char[] Separators = ['@', '.', '-', '_', '+', ' '];

    /// <summary>What is wrong with a password, in words for people; empty when it may be used. The password itself is not repeated.</summary>
    /// <param name="password">What somebody wants to use.</param>
    /// <param name="email">Whose it is: the words of the address are the first that are tried.</param>
    public static IReadOnlyList<string> Problems(string? password, string? email)
    {
        if (password is null || password.Length < MinLength)
            return [string.Create(CultureInfo.InvariantCulture, $"The password needs at least {MinLength} characters.")];
        if (password.Length > MaxLength)
            return [string.Create(CultureInfo.InvariantCulture, $"The password may have at most {MaxLength} characters.")];
        var known = StudioWords.Concat((email ?? "").Split(Separators, StringSplitOptions.RemoveEmptyEntries)).Append(email ?? "")
            .Where(word => word.Length > 2).Select(word => word.ToLowerInvariant());
        var guess = Zxcvbn.Zxcvbn.MatchPassword(password[..Math.Min(password.Length, MostJudged)], known);
        return guess.Entropy >= EnoughBits ? [] : [Reason(guess) + " Three or four words that have nothing to do with each other make a good one."];
    }

    private static string Reason(Zxcvbn.Result guess)
    {
        var words = guess.MatchSequence.OfType<DictionaryMatch>().ToList();
        if (words.Any(word => word.DictionaryName == "user_inputs"))
            return "The password is built from your e-mail address or the name of the studio, which are tried first.";
        if (words.Any(word => word.DictionaryName == "passwords"))
            return "The password is built from one of the common passwords, which are tried first.";
        if (guess.MatchSequence.Any(match => match is RepeatMatch or SequenceMatch or SpatialMatch))
            return "The password is a row of keys, a sequence or a repetition, which is quickly guessed.";
        return "The password is quickly guessed.";
    }
}
