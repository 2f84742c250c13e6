using System.Globalization;
using PromptStudio.Core.Statistics;

namespace PromptStudio.Core.Experiments.Analysis;

/// <summary>Figures in plain words.</summary>
internal static class Wording
{
    private static readonly Dictionary<string, NotComputable> Reasons = Enum.GetValues<NotComputable>().ToDictionary(reason => reason.Word());

    /// <summary><c>variant_a</c> as people say it.</summary>
    public static string Name(string group) => group == Allocation.Control
        ? "Control"
        : group.StartsWith("variant_", StringComparison.Ordinal) ? $"Variant {group["variant_".Length..].ToUpperInvariant()}" : group;

    /// <summary><c>avg_response_time</c> as people say it, at the beginning of a sentence.</summary>
    public static string MetricName(string metric) => metric switch
    {
        "success_rate" => "Success rate",
        "conversion_rate" => "Conversion rate",
        "conversion" => "Conversion value",
        "avg_response_time" => "Response time",
        "avg_response_tokens" => "Answer length",
        "safety_score" => "Safety score",
        "error_rate" => "Error rate",
        _ => metric,
    };

    /// <summary>A reason's sentence.</summary>
    public static string Reason(string? word) => word is not null && Reasons.TryGetValue(word, out var reason) ? reason.Sentence() : "There is no figure yet.";

    /// <summary>A p with two digits.</summary>
    public static string P(double? p) => p switch
    {
        null => "not known",
        < 0.0001 => "less than 0.0001",
        >= 0.1 => p.Value.ToString("0.00", CultureInfo.InvariantCulture),
        _ => p.Value.ToString("0.0000", CultureInfo.InvariantCulture),
    };

    /// <summary>A difference that is certain: <c>converts 2.1 to 6.4 points better</c>.</summary>
    public static string Certain(Metric metric, Interval interval)
    {
        var (low, high) = (Math.Min(Math.Abs(interval.Lower), Math.Abs(interval.Upper)), Math.Max(Math.Abs(interval.Lower), Math.Abs(interval.Upper)));
        return $"{Verb(metric)} {Amount(metric, low)} to {Amount(metric, high)} {Unit(metric)}{Direction(metric, interval.Lower > 0)}";
    }

    /// <summary>A difference that may be none: <c>converts between 1.2 points worse and 3.4 points better</c>.</summary>
    public static string Open(Metric metric, Interval interval)
    {
        string End(double value) => $"{Amount(metric, Math.Abs(value))} {Unit(metric)}{Direction(metric, value > 0)}";
        return $"{Verb(metric)} between {End(interval.Lower)} and {End(interval.Upper)}";
    }

    private static string Verb(Metric metric) => metric.Name switch
    {
        "success_rate" => "succeeds",
        "conversion_rate" or "conversion" => "converts",
        "avg_response_time" => "responds",
        "avg_response_tokens" => "answers with",
        "safety_score" => "scores",
        "error_rate" => "fails",
        _ => "is",
    };

    private static string Direction(Metric metric, bool more) => metric.Name switch
    {
        "avg_response_time" => more ? "slower" : "faster",
        "avg_response_tokens" => more ? "more" : "fewer",
        "safety_score" => more ? "better on safety" : "worse on safety",
        "error_rate" => more ? "more often" : "less often",
        _ => more != metric.LowerIsBetter ? "better" : "worse",
    };

    private static string Unit(Metric metric) => metric.Unit switch { "%" => "points ", "" => "", var unit => unit + " " };

    private static string Amount(Metric metric, double value)
    {
        var shown = metric.Unit == "%" ? value * 100 : value;
        var format = shown switch { 0 => "0", >= 100 => "N0", >= 0.995 => "0.0", >= 0.0995 => "0.00", >= 0.00995 => "0.000", _ => "0.0E0" };
        return shown.ToString(format, CultureInfo.InvariantCulture);
    }
}
