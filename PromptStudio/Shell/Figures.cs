using System.Globalization;

namespace PromptStudio.Shell;

/// <summary>How the studio writes numbers and times: <c>12,345</c>, <c>3.2 %</c>, <c>5 minutes ago</c>.</summary>
public static class Figures
{
    /// <summary>Keeps a number and its unit on one line.</summary>
    private const char NoBreakSpace = '\u00a0';

    public static string Count(long count) => count.ToString("N0", Languages.Current.Format);

    /// <summary>A part of a whole, in percent; some is never written as none, nor nearly all as all.</summary>
    public static string Share(long part, long whole) => Percent(100.0 * part / whole);

    /// <summary>A share, 0 to 1, in the same way.</summary>
    public static string Share(double share) => Percent(100 * share);

    private static string Percent(double percent)
    {
        var text = percent switch
        {
            > 0 and < 0.1 => "< " + 0.1.ToString("0.0", Languages.Current.Format),
            > 99.9 and < 100 => "> " + 99.9.ToString("0.0", Languages.Current.Format),
            0 or 100 => percent.ToString("0", Languages.Current.Format),
            _ => percent.ToString("0.0", Languages.Current.Format),
        };
        return $"{text}{NoBreakSpace}%";
    }

    /// <summary>A day.</summary>
    public static string Date(DateTimeOffset instant, TimeZoneInfo? zone = null) =>
        TimeZoneInfo.ConvertTime(instant, zone ?? TimeZoneInfo.Utc).ToString(Languages.Current.Date, Languages.Current.Format);

    /// <summary>An instant to the second, in a zone that it names: <c>22 Nov 2026, 13:00:00 UTC+1</c>.</summary>
    /// <param name="instant">In whatever zone.</param>
    /// <param name="zone">The browser's; null: UTC.</param>
    public static string Exact(DateTimeOffset instant, TimeZoneInfo? zone = null)
    {
        var local = TimeZoneInfo.ConvertTime(instant, zone ?? TimeZoneInfo.Utc);
        return $"{local.ToString(Languages.Current.Date + ", HH:mm:ss", Languages.Current.Format)} UTC{Offset(local.Offset)}";
    }

    private static string Offset(TimeSpan offset) => offset == TimeSpan.Zero ? "" :
        (offset < TimeSpan.Zero ? "\u2212" : "+") + offset.ToString(offset.Minutes == 0 ? "%h" : "h\\:mm", CultureInfo.InvariantCulture);
}
