using PromptStudio.Core.Experiments;
using PromptStudio.Core.Experiments.Analysis;

namespace PromptStudio.Experiments.Pages;

/// <summary>A variant's place on the plot, in per cent of its width.</summary>
/// <param name="Group">The variant.</param>
/// <param name="Point">Its effect; null: not computable.</param>
/// <param name="Low">Where its interval begins; null: there is none.</param>
/// <param name="High">Where it ends.</param>
/// <param name="IsOpenLow">Whether the interval goes on beyond the left edge.</param>
/// <param name="IsOpenHigh">Whether it goes on beyond the right edge.</param>
public sealed record ForestRow(string Group, double? Point, double? Low, double? High, bool IsOpenLow, bool IsOpenHigh);

/// <summary>A value on the axis.</summary>
public sealed record ForestTick(double Place, double Value);

/// <summary>Effects with their intervals above one axis: a forest plot, as places in per cent of its width.</summary>
/// <param name="Rows">Each variant.</param>
/// <param name="Zero">Where there is no difference.</param>
/// <param name="Ticks">Of the axis, in the metric's unit as people read it.</param>
/// <param name="Margin">Of a guardrail metric: the harm that is tolerated; null: there is none.</param>
public sealed record ForestPlot(IReadOnlyList<ForestRow> Rows, double Zero, IReadOnlyList<ForestTick> Ticks, double? Margin)
{
    private const double Padding = 0.08;

    /// <summary>Places a metric's comparisons.</summary>
    public static ForestPlot Of(MetricAnalysis analysis, Metric metric)
    {
        double Shown(double value) => MetricWords.Shown(metric, value);
        var margin = analysis.Comparisons.Select(one => one.Guardrail?.Margin).FirstOrDefault(one => one is > 0) is { } tolerated
            ? Shown(metric.LowerIsBetter ? tolerated : -tolerated) : (double?)null;
        double[] values =
        [
            0, margin ?? 0,
            .. analysis.Comparisons.SelectMany(one => new[] { one.Effect, one.Interval?.Lower, one.Interval?.Upper }).OfType<double>().Where(double.IsFinite).Select(Shown),
        ];
        var (low, high) = (values.Min(), values.Max());
        var span = high - low;
        if (span <= 0)
            (low, high, span) = (-1, 1, 2);
        (low, high) = (low - (Padding * span), high + (Padding * span));
        double Place(double value) => Math.Clamp((value - low) / (high - low) * 100, 0, 100);
        double? End(double? value, double open) => value is not { } end ? null : double.IsFinite(end) ? Place(Shown(end)) : open;
        return new ForestPlot(
            [
                .. analysis.Comparisons.Select(one => new ForestRow(
                    one.Group, one.Effect is { } effect ? Place(Shown(effect)) : null,
                    End(one.Interval?.Lower, 0), End(one.Interval?.Upper, 100),
                    one.Interval is { Lower: double.NegativeInfinity }, one.Interval is { Upper: double.PositiveInfinity })),
            ],
            Place(0), [.. Rounds(low, high).Select(value => new ForestTick(Place(value), value))], margin is { } at ? Place(at) : null);
    }

    /// <summary>Round values, two to six of them, so that their labels have room; 0 is among them where it is in sight.</summary>
    public static IEnumerable<double> Rounds(double low, double high)
    {
        var rough = (high - low) / 5;
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var step = power * ((rough / power) switch { > 5 => 10, > 2 => 5, > 1 => 2, _ => 1 });
        // Adding 0 takes the sign off a zero.
        for (var place = Math.Ceiling(low / step); place * step <= high; place++)
            yield return Math.Round(place * step, 12) + 0.0;
    }
}
