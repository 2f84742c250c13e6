using System.Globalization;

namespace PromptStudio.Shell;

/// <summary>A range of time as an address says it: a span before now, or two instants.</summary>
/// <param name="Key">One of <see cref="Spans"/>, or <see cref="Custom"/>.</param>
/// <param name="From">With <see cref="Custom"/>: from when, UTC; null: from the beginning.</param>
/// <param name="To">With <see cref="Custom"/>: until when, UTC; null: until now.</param>
public sealed record TimeRange(string Key, DateTimeOffset? From = null, DateTimeOffset? To = null)
{
    /// <summary>Two instants of one's own.</summary>
    public const string Custom = "custom";

    private const string Sortable = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>The spans that are offered, the shortest first.</summary>
    public static IReadOnlyList<(string Key, TimeSpan Span)> Spans { get; } =
    [
        ("1h", TimeSpan.FromHours(1)), ("24h", TimeSpan.FromDays(1)), ("7d", TimeSpan.FromDays(7)), ("30d", TimeSpan.FromDays(30)), ("90d", TimeSpan.FromDays(90)),
    ];

    /// <summary>Reads what an address says; what makes no sense there counts as not said.</summary>
    /// <param name="range">A span.</param>
    /// <param name="from">An instant.</param>
    /// <param name="to">An instant.</param>
    /// <param name="otherwise">The span when nothing is said.</param>
    public static TimeRange Of(string? range, string? from, string? to, string otherwise)
    {
        if (Spans.Any(span => span.Key == range))
            return new TimeRange(range!);
        var (start, end) = (Instant(from), Instant(to));
        return start is null && end is null || start >= end ? new TimeRange(otherwise) : new TimeRange(Custom, start, end);
    }

    /// <summary>From when to when it reaches, now.</summary>
    public (DateTimeOffset From, DateTimeOffset? To) At(DateTimeOffset now) =>
        Key == Custom ? (From ?? DateTimeOffset.UnixEpoch, To) : (now - Spans.First(span => span.Key == Key).Span, null);

    /// <summary>What an address says of it.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Parameters(string otherwise)
    {
        if (Key != Custom)
            return Key == otherwise ? [] : [new("range", Key)];
        return new KeyValuePair<string, string?>[] { new("from", Text(From)), new("to", Text(To)) }.Where(one => one.Value is not null);
    }

    private static DateTimeOffset? Instant(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant) ? instant : null;

    private static string? Text(DateTimeOffset? instant) => instant?.UtcDateTime.ToString(Sortable, CultureInfo.InvariantCulture);
}
