using System.Text.RegularExpressions;
using Microsoft.Extensions.Localization;

namespace PromptStudio.Shell;

/// <summary>What a language needs beyond a text for a text.</summary>
public static partial class Wording
{
    /// <summary>A number with its word, which agrees with it.</summary>
    /// <param name="words">The texts of a room.</param>
    /// <param name="count">How many.</param>
    /// <param name="one">E.g. <c>1 version</c>.</param>
    /// <param name="many">E.g. <c>{0} versions</c>.</param>
    public static string Count(this IStringLocalizer words, long count, string one, string many) => count == 1 ? words[one] : words[many, Figures.Count(count)];

    /// <summary>
    /// What a rule says about an input. Rules speak English, as the API does, and what they say is a key; what a sentence quotes first is
    /// the place of a value in its translation.
    /// </summary>
    /// <param name="words">The texts of a room.</param>
    /// <param name="sentence">E.g. <c>'a b' is no name of a prompt.</c></param>
    public static string Said(this IStringLocalizer words, string sentence)
    {
        if (words[sentence] is { ResourceNotFound: false } text)
            return text;
        var quoted = Quoted().Match(sentence).Groups[1];
        var key = quoted.Success ? sentence[..quoted.Index] + "{0}" + sentence[(quoted.Index + quoted.Length)..] : sentence;
        // Only what is translated is a format: a sentence may have braces of its own.
        return words[key].ResourceNotFound ? sentence : words[key, quoted.Value];
    }

    /// <summary>How long ago an instant is; what is weeks away is a date.</summary>
    /// <param name="words">The texts of the frame.</param>
    /// <param name="instant">The past.</param>
    /// <param name="now">The present.</param>
    /// <param name="zone">In which days are counted; null: UTC.</param>
    public static string Ago(this IStringLocalizer<ShellWords> words, DateTimeOffset instant, DateTimeOffset now, TimeZoneInfo? zone = null)
    {
        var ago = now - instant;
        return ago switch
        {
            _ when ago < TimeSpan.FromMinutes(1) => words["just now"],
            _ when ago < TimeSpan.FromHours(1) => words.Count((int)ago.TotalMinutes, "1 minute ago", "{0} minutes ago"),
            _ when ago < TimeSpan.FromDays(1) => words.Count((int)ago.TotalHours, "1 hour ago", "{0} hours ago"),
            _ when ago < TimeSpan.FromDays(2) => words["yesterday"],
            _ when ago < TimeSpan.FromDays(14) => words.Count((int)ago.TotalDays, "1 day ago", "{0} days ago"),
            _ => Figures.Date(instant, zone),
        };
    }

    [GeneratedRegex("'([^']+)'")]
    private static partial Regex Quoted();
}
