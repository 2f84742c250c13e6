using Microsoft.Extensions.Localization;
using PromptStudio.Core.Experiments;
using PromptStudio.Shell;

namespace PromptStudio.Experiments.Pages;

/// <summary>How the primary metric went on, as charts.</summary>
/// <param name="L">The texts of the pages.</param>
/// <param name="zone">In which times are written; null: UTC.</param>
public sealed class EffectSeries(IStringLocalizer<ExperimentPageWords> L, TimeZoneInfo? zone)
{
    private readonly MetricWords _words = new(L);

    /// <summary>Each variant's effect with its interval, and the line of no difference.</summary>
    public ChartData Effects(IReadOnlyList<ExperimentPoint> points, Metric metric) => Chart(points, (group, color) =>
        new ChartSeries(_words.Group(group), color, Values(points, group, one => Shown(metric, one.Effect)))
        {
            Low = Values(points, group, one => Shown(metric, one.Lower)),
            High = Values(points, group, one => Shown(metric, one.Upper)),
        }) with
    {
        Unit = _words.Of(metric).Trim('\u00a0'),
        Digits = metric.Unit is "%" or "tokens" ? 1 : metric.Unit == "ms" ? 0 : 3,
        Marks = [0],
    };

    /// <summary>Each variant's p-value, and the threshold.</summary>
    public ChartData P(IReadOnlyList<ExperimentPoint> points, double threshold) =>
        Chart(points, (group, color) => new ChartSeries(_words.Group(group), color, Values(points, group, one => one.P))) with { Digits = 4, Marks = [threshold] };

    /// <summary>Each variant's chance to be better than the control, in per cent.</summary>
    public ChartData Chance(IReadOnlyList<ExperimentPoint> points) =>
        Chart(points, (group, color) => new ChartSeries(_words.Group(group), color, Values(points, group, one => one.ChanceToBeat * 100))) with { Unit = "%", Digits = 1, Marks = [50] };

    private static double? Shown(Metric metric, double? value) => value is { } known ? MetricWords.Shown(metric, known) : null;

    private static double?[] Values(IReadOnlyList<ExperimentPoint> points, string group, Func<ExperimentEffect, double?> of) =>
        [.. points.Select(point => point.Effects.FirstOrDefault(one => one.Group == group) is { } effect ? of(effect) : null)];

    private ChartData Chart(IReadOnlyList<ExperimentPoint> points, Func<string, string, ChartSeries> series) => new()
    {
        Kind = ChartData.Lines,
        LabelsAre = L["Time"],
        Labels = [.. points.Select(point => TimeZoneInfo.ConvertTime(point.TakenAt, zone ?? TimeZoneInfo.Utc).ToString("d MMM HH:mm", Languages.Current.Format))],
        Series =
        [
            .. points.SelectMany(point => point.Effects).Select(one => one.Group).Distinct().Order(StringComparer.Ordinal)
                .Select((group, index) => series(group, ChartColors.InOrder[index % ChartColors.InOrder.Count])),
        ],
    };
}
