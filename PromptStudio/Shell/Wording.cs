using Microsoft.Extensions.Localization;

namespace PromptStudio.Shell;

/// <summary>What a language needs beyond a text for a text.</summary>
public static class Wording
{
    /// <summary>A number with its word, which agrees with it.</summary>
    /// <param name="words">The texts of a room.</param>
    /// <param name="count">How many.</param>
    /// <param name="one">E.g. <c>1 version</c>.</param>
    /// <param name="many">E.g. <c>{0} versions</c>.</param>
    public static string Count(this IStringLocalizer words, long count, string one, string many) => count == 1 ? words[one] : words[many, Figures.Count(count)];

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
}
