using System.Globalization;
using Microsoft.AspNetCore.Components;

namespace PromptStudio.Shell;

/// <summary>Chooses a range of time: a span before now, or two instants in the zone of the browser.</summary>
public sealed partial class TimeRangeField
{
    private const string LocalFormat = "yyyy-MM-dd'T'HH:mm";

    [Inject]
    public required TimeProvider Clock { get; init; }

    [CascadingParameter]
    public Look? Look { get; set; }

    [Parameter, EditorRequired]
    public required TimeRange Value { get; set; }

    [Parameter, EditorRequired]
    public EventCallback<TimeRange> OnChanged { get; set; }

    private TimeZoneInfo Zone => Look?.Zone ?? TimeZoneInfo.Utc;

    private static string Name(string key) => key switch
    {
        "1h" => "Last hour",
        "24h" => "Last 24 hours",
        "7d" => "Last 7 days",
        "30d" => "Last 30 days",
        _ => "Last 90 days",
    };

    private Task ChooseAsync(ChangeEventArgs change)
    {
        var key = change.Value?.ToString() ?? "";
        // It begins with what was shown just now.
        var (from, to) = Value.At(Clock.GetUtcNow());
        return OnChanged.InvokeAsync(key == TimeRange.Custom ? new TimeRange(key, from, to ?? Clock.GetUtcNow()) : new TimeRange(key));
    }

    private Task ChangeAsync(ChangeEventArgs change, bool isEnd)
    {
        DateTimeOffset? instant = DateTime.TryParse(change.Value?.ToString(), CultureInfo.InvariantCulture, out var local)
            ? new DateTimeOffset(DateTime.SpecifyKind(local, DateTimeKind.Unspecified), Zone.GetUtcOffset(local)).ToUniversalTime()
            : null;
        return OnChanged.InvokeAsync(isEnd ? Value with { To = instant } : Value with { From = instant });
    }

    private string Local(DateTimeOffset? instant) => instant is { } at ? TimeZoneInfo.ConvertTime(at, Zone).ToString(LocalFormat, CultureInfo.InvariantCulture) : "";
}
