namespace PromptStudio.Shell;

/// <summary>How a person wants the studio to look; kept in cookies, so that the first byte of a page is right already.</summary>
/// <param name="Theme">One of <see cref="Themes"/>.</param>
/// <param name="NarrowNavigation">Whether the navigation shows icons only.</param>
public sealed record Look(string Theme, bool NarrowNavigation)
{
    /// <summary>The cookie of the browser's time zone; <c>studio.js</c> writes it.</summary>
    public const string ZoneCookie = "studio-zone";

    /// <summary>The cookie of the theme; <c>studio.js</c> writes it.</summary>
    public const string ThemeCookie = "studio-theme";

    /// <summary>The cookie of the navigation's width; <c>studio.js</c> writes it.</summary>
    public const string NavigationCookie = "studio-navigation";

    public const string Light = "light";
    public const string Dark = "dark";

    /// <summary>What the operating system says.</summary>
    public const string System = "system";

    public static IReadOnlyList<string> Themes { get; } = [Light, Dark, System];

    /// <summary>For those who have chosen nothing.</summary>
    public static Look Default { get; } = new(System, NarrowNavigation: false);

    /// <summary>An IANA name, e.g. <c>Europe/Berlin</c>; null: the browser has not said it yet.</summary>
    public string? ZoneId { get; init; }

    /// <summary>In which times are written: the browser's zone, or UTC.</summary>
    public TimeZoneInfo Zone => ZoneId is not null && TimeZoneInfo.TryFindSystemTimeZoneById(ZoneId, out var zone) ? zone : TimeZoneInfo.Utc;

    /// <summary>What the cookies of a request say.</summary>
    public static Look Of(HttpRequest request)
    {
        var theme = request.Cookies[ThemeCookie];
        return new Look(theme is not null && Themes.Contains(theme) ? theme : System, request.Cookies[NavigationCookie] == "narrow")
        {
            ZoneId = request.Cookies[ZoneCookie] is { Length: > 0 and <= 64 } zone ? zone : null,
        };
    }
}
