using System.Globalization;
using Microsoft.Extensions.Localization;
using PromptStudio.Core.Experiments;
using PromptStudio.Core.Statistics;
using PromptStudio.Shell;

namespace PromptStudio.Experiments.Pages;

/// <summary>Names and figures of experiments as people read them. What is not computable is said in words, never as a figure.</summary>
/// <param name="L">The texts of the pages.</param>
public sealed class MetricWords(IStringLocalizer<ExperimentPageWords> L)
{
    private const char Narrow = '\u00a0';

    private static readonly Dictionary<string, NotComputable> Reasons = Enum.GetValues<NotComputable>().ToDictionary(reason => reason.Word());

    /// <summary>What a metric is called.</summary>
    public string Name(string metric) => metric switch
    {
        "success_rate" => L["Success rate"],
        "conversion_rate" => L["Conversion rate"],
        "conversion" => L["Conversion value"],
        "avg_response_time" => L["Response time"],
        "avg_response_tokens" => L["Answer length"],
        "safety_score" => L["Safety score"],
        "error_rate" => L["Error rate"],
        _ => metric,
    };

    /// <summary>What a metric says, in a line.</summary>
    public string About(string metric) => metric switch
    {
        "success_rate" => L["successes over executions whose success is known"],
        "conversion_rate" => L["share of users with a conversion"],
        "conversion" => L["sum of conversions, mean over users"],
        "avg_response_time" => L["mean over executions that reported it"],
        "avg_response_tokens" => L["mean tokens over executions that reported them"],
        "safety_score" => L["mean over executions that reported one"],
        "error_rate" => L["failed, timed out or blocked, over all executions"],
        _ => "",
    };

    /// <summary><c>variant_a</c> as people say it.</summary>
    public string Group(string group) => group == Allocation.Control ? L["Control"] : L["Variant {0}", group["variant_".Length..].ToUpperInvariant()];

    /// <summary>A rate, mean or ratio: <c>66.2 %</c>, <c>512 ms</c>.</summary>
    public string Value(Metric metric, double value) => metric.Unit switch
    {
        "%" => $"{Number(value * 100)}{Narrow}%",
        "" => Number(value),
        var unit => $"{Number(value)}{Narrow}{Unit(unit)}",
    };

    /// <summary>A difference, with its sign: <c>+4.2 points</c>.</summary>
    public string Effect(Metric metric, double effect) => $"{Signed(Shown(metric, effect))}{Of(metric)}";

    /// <summary>An interval of differences: <c>+2.1 to +6.4 points</c>; an end that is not bounded is said.</summary>
    public string Interval(Metric metric, double? lower, double? upper) => (Finite(lower), Finite(upper)) switch
    {
        ({ } low, { } high) => L["{0} to {1}", Signed(Shown(metric, low), Shown(metric, high)), Signed(Shown(metric, high), Shown(metric, low)) + Of(metric)],
        ({ } low, null) => L["{0} or more", Signed(Shown(metric, low)) + Of(metric)],
        (null, { } high) => L["{0} or less", Signed(Shown(metric, high)) + Of(metric)],
        _ => L["anything is possible"],
    };

    /// <summary>A part of the control's figure: <c>+6.3 %</c>.</summary>
    public static string Lift(double lift) => $"{Signed(lift * 100)}{Narrow}%";

    /// <summary>A probability: <c>97.2 %</c>, never quite none or all.</summary>
    public static string Chance(double chance) => chance switch
    {
        < 0.001 => $"< {Number(0.1)}{Narrow}%",
        > 0.999 => $"> {99.9.ToString("0.0", Languages.Current.Format)}{Narrow}%",
        _ => $"{(chance * 100).ToString("0.0", Languages.Current.Format)}{Narrow}%",
    };

    /// <summary>A p-value: two or four digits, and never 0.</summary>
    public static string P(double p) => p < 0.0001
        ? $"< {0.0001.ToString("0.0000", Languages.Current.Format)}"
        : p.ToString(p >= 0.1 ? "0.00" : "0.0000", Languages.Current.Format);

    /// <summary>A p-value within a sentence: <c>p = 0.03</c>, <c>p &lt; 0.0001</c>.</summary>
    public static string PSaid(double p) => P(p) is var figure && figure.StartsWith('<') ? $"p {figure}" : $"p = {figure}";

    /// <summary>Why there is no figure.</summary>
    public string Reason(string? code) => code is not null && Reasons.TryGetValue(code, out var reason) ? L[reason.Sentence()] : L["There is no figure yet."];

    /// <summary>What decides, by its method.</summary>
    public string Method(string method) => method switch
    {
        DecisionMethod.FixedHorizon => L["Fixed horizon"],
        DecisionMethod.Bayesian => L["Bayesian"],
        _ => L["Always valid"],
    };

    /// <summary>What a method means for whoever looks.</summary>
    public string MethodAbout(string method) => method switch
    {
        DecisionMethod.FixedHorizon => L["look once, when the planned sample is there"],
        DecisionMethod.Bayesian => L["the chance that a variant is better, and what it costs to be wrong"],
        _ => L["look as often as you like; act as soon as it is certain"],
    };

    /// <summary>Where an experiment stands.</summary>
    public string Status(string status) => status switch
    {
        ExperimentStatus.Draft => L["draft"],
        ExperimentStatus.Running => L["running"],
        ExperimentStatus.Paused => L["paused"],
        ExperimentStatus.Completed => L["completed"],
        ExperimentStatus.WinnerDeclared => L["winner declared"],
        _ => status,
    };

    /// <summary>A condition of a winner.</summary>
    public string Gate(string gate) => gate switch
    {
        "sample" => L["Enough users"],
        "significance" => L["Better than control"],
        "sample_ratio" => L["Groups of the right sizes"],
        "guardrails" => L["No guardrail metric harmed"],
        _ => gate,
    };

    /// <summary>The colour of a state.</summary>
    public static string StatusStyle(string status) => status switch
    {
        ExperimentStatus.Draft => "draft",
        ExperimentStatus.Running => "running",
        ExperimentStatus.Paused => "draft",
        ExperimentStatus.WinnerDeclared => "active",
        _ => "",
    };

    /// <summary>The colour of a group, the same on every chart: its class in <c>studio.css</c>.</summary>
    /// <param name="index">0: the control.</param>
    public static string Color(int index) => string.Create(CultureInfo.InvariantCulture, $"group-{(index == 0 ? 0 : ((index - 1) % ChartColors.InOrder.Count) + 1)}");

    /// <summary>The unit of a metric's differences.</summary>
    public string Of(Metric metric) => metric.Unit switch { "%" => Narrow + L["points"], "" => "", var unit => Narrow + Unit(unit) };

    /// <summary>A difference in the unit that people read: points of a rate.</summary>
    public static double Shown(Metric metric, double value) => metric.Unit == "%" ? value * 100 : value;

    private string Unit(string unit) => unit == "tokens" ? L["tokens"] : unit;

    private static double? Finite(double? end) => end is { } value && double.IsFinite(value) ? value : null;

    private static string Signed(double value) => Sign(value) + Number(Math.Abs(value));

    /// <summary>A number beside another one, with as few digits behind the point as the larger has; what those would make 0 keeps its own.</summary>
    private static string Signed(double value, double other)
    {
        var format = Digits(Math.Max(Math.Abs(value), Math.Abs(other)));
        var text = Math.Abs(value).ToString(format, CultureInfo.InvariantCulture);
        return value != 0 && double.Parse(text, NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture) == 0
            ? Signed(value) : Sign(value) + Math.Abs(value).ToString(format, Languages.Current.Format);
    }

    private static string Sign(double value) => value > 0 ? "+" : value < 0 ? "\u2212" : "";

    /// <summary>Three digits that say something.</summary>
    private static string Number(double value) => value.ToString(Digits(Math.Abs(value)), Languages.Current.Format);

    private static string Digits(double size) => size switch { 0 => "0", >= 99.95 => "N0", >= 0.995 => "0.0", >= 0.0995 => "0.00", >= 0.000995 => "0.0000", _ => "0.0E0" };
}
