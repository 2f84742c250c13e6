using System.Globalization;

namespace PromptStudio.Shell;

/// <summary>How the studio writes numbers and times: <c>12,345</c>, <c>3.2 %</c>, <c>5 minutes ago</c>.</summary>
public static class Figures
{
    /// <summary>Keeps a number and its unit on one line.</summary>
    private const char NoBreakSpace = '\u00a0';

    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A number with its word: <c>1 version</c>, <c>2 versions</c>.</summary>
    public static string Count(long count, string singular) => $"{Count(count)} {singular}{(count == 1 ? "" : "s")}";

    /// <summary>A part of a whole, in percent; some is never written as none, nor nearly all as all.</summary>
    public static string Share(long part, long whole)
    {
        var percent = 100.0 * part / whole;
        var text = percent switch
        {
            > 0 and < 0.1 => "< 0.1",
            > 99.9 and < 100 => "> 99.9",
            0 or 100 => percent.ToString("0", CultureInfo.InvariantCulture),
            _ => percent.ToString("0.0", CultureInfo.InvariantCulture),
        };
        return $"{text}{NoBreakSpace}%";
    }

    public static string Exact(DateTimeOffset instant) => instant.UtcDateTime.ToString("d MMM yyyy, HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>How long ago an instant is; what is weeks away is a date.</summary>
    public static string Relative(DateTimeOffset instant, DateTimeOffset now)
    {
        var ago = now - instant;
        return ago switch
        {
            _ when ago < TimeSpan.FromMinutes(1) => "just now",
            _ when ago < TimeSpan.FromHours(1) => Count((int)ago.TotalMinutes, "minute") + " ago",
            _ when ago < TimeSpan.FromDays(1) => Count((int)ago.TotalHours, "hour") + " ago",
            _ when ago < TimeSpan.FromDays(2) => "yesterday",
            _ when ago < TimeSpan.FromDays(14) => Count((int)ago.TotalDays, "day") + " ago",
            _ => instant.UtcDateTime.ToString("d MMM yyyy", CultureInfo.InvariantCulture),
        };
    }
}
