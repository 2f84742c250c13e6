using System.Globalization;

namespace PromptStudio.Shell;

/// <summary>What a chart shows.</summary>
public sealed record ChartData
{
    /// <summary>Bars on top of each other.</summary>
    public const string Bars = "bars";

    /// <summary>Lines; a series with <see cref="ChartSeries.Low"/> and <see cref="ChartSeries.High"/> has a band around it.</summary>
    public const string Lines = "lines";

    /// <summary>Intervals beside each other, one a label, with a point in each: a forest plot.</summary>
    public const string Intervals = "intervals";

    /// <summary><see cref="Bars"/>, <see cref="Lines"/> or <see cref="Intervals"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Along the axis.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>What the labels are, e.g. <c>Day</c>; heads the table.</summary>
    public required string LabelsAre { get; init; }

    public required IReadOnlyList<ChartSeries> Series { get; init; }

    /// <summary>Follows each figure, e.g. <c>points</c>.</summary>
    public string Unit { get; init; } = "";

    /// <summary>Digits after the point.</summary>
    public int Digits { get; init; }

    /// <summary>Values that a line marks across the chart, e.g. 0.</summary>
    public IReadOnlyList<double> Marks { get; init; } = [];

    /// <summary>A figure as the table says it, with its interval.</summary>
    public string Text(ChartSeries series, int index)
    {
        if (series.Values[index] is not { } value)
            return "–";
        var text = Format(value);
        return series.Low?[index] is { } low && series.High?[index] is { } high ? $"{text} ({Format(low)} to {Format(high)})" : text;
    }

    /// <summary>Whether two charts look the same: drawing again would only flicker.</summary>
    public bool IsSame(ChartData other) => Kind == other.Kind && Unit == other.Unit && Labels.SequenceEqual(other.Labels) && Marks.SequenceEqual(other.Marks)
        && Series.Count == other.Series.Count && Series.Zip(other.Series).All(pair => pair.First.IsSame(pair.Second));

    private string Format(double value) => value.ToString("N" + Digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) + (Unit.Length > 0 ? "\u00a0" + Unit : "");
}

/// <summary>One line of a chart, or one colour of its bars.</summary>
/// <param name="Name">In the legend.</param>
/// <param name="Color">One of <see cref="ChartColors"/>.</param>
/// <param name="Values">One for each label; null: none.</param>
public sealed record ChartSeries(string Name, string Color, IReadOnlyList<double?> Values)
{
    /// <summary>The lower ends of intervals around the values.</summary>
    public IReadOnlyList<double?>? Low { get; init; }

    /// <summary>The upper ends of intervals around the values.</summary>
    public IReadOnlyList<double?>? High { get; init; }

    internal bool IsSame(ChartSeries other) => Name == other.Name && Color == other.Color && Values.SequenceEqual(other.Values)
        && (Low ?? []).SequenceEqual(other.Low ?? []) && (High ?? []).SequenceEqual(other.High ?? []);
}

/// <summary>Okabe and Ito's colours, which people tell apart however they see colours; <c>chart.js</c> lightens the dark ones on dark ground.</summary>
public static class ChartColors
{
    public const string Orange = "#e69f00";
    public const string Sky = "#56b4e9";
    public const string Green = "#009e73";
    public const string Blue = "#0072b2";
    public const string Vermilion = "#d55e00";
    public const string Purple = "#cc79a7";
    public const string Grey = "#8a93a3";

    /// <summary>Colours for what has no order of its own, such as the variants of an experiment: the first for the first.</summary>
    public static IReadOnlyList<string> InOrder { get; } = [Blue, Orange, Green, Vermilion, Sky, Purple];
}
