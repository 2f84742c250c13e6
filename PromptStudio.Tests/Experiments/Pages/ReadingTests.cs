using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Localization;
using PromptStudio.Core.Experiments;
using PromptStudio.Core.Experiments.Analysis;
using PromptStudio.Experiments;
using PromptStudio.Experiments.Pages;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Experiments.Pages;

/// <summary>What the page says of figures: the reading, the verdict, the checks, and the words.</summary>
[Trait(Tier.Name, Tier.Unit)]
public sealed class ReadingTests
{
    private static readonly IStringLocalizer<ExperimentPageWords> L =
        new ServiceCollection().AddLogging().AddLocalization().BuildServiceProvider().GetRequiredService<IStringLocalizer<ExperimentPageWords>>();

    private static readonly ExperimentHealth Healthy = new() { Waiting = 0, SucceededAt = new DateTimeOffset(2026, 12, 1, 12, 0, 0, TimeSpan.Zero) };

    private static readonly ExperimentSums Clear = ExperimentViews.Sums((1000, 500), (1000, 650));

    [Fact]
    public void Of_TheMethodThatDecides_ShowsTheStoredFigures()
    {
        var reading = ExperimentReading.Of(ExperimentViews.Snapshot(ExperimentViews.Settings(), Clear), null)!;

        Assert.False(reading.IsOther);
        Assert.Same(reading.Decides, reading.Shown);
        Assert.Equal(Decision.Declare, reading.Decides.Decision.Code);
    }

    [Fact]
    public void Of_AnotherMethod_WorksItOutOfTheSameSums_AndLeavesTheDecisionAlone()
    {
        var reading = ExperimentReading.Of(ExperimentViews.Snapshot(ExperimentViews.Settings(), Clear), DecisionMethod.Bayesian)!;

        Assert.True(reading.IsOther);
        Assert.NotNull(reading.Shown.Metrics[0].Comparisons[0].Belief);
        Assert.Null(reading.Decides.Metrics[0].Comparisons[0].Belief);
    }

    [Theory]
    [InlineData("always_valid")]
    [InlineData("nonsense")]
    public void Of_NoOtherMethod_IsTheOneThatDecides(string method) =>
        Assert.False(ExperimentReading.Of(ExperimentViews.Snapshot(ExperimentViews.Settings(), Clear), method)!.IsOther);

    [Fact]
    public void Of_NoSnapshot_IsNothing() => Assert.Null(ExperimentReading.Of(null, null));

    [Theory]
    [InlineData(ExperimentStatus.Running, 500, 650, "Safe to declare", "good")]
    [InlineData(ExperimentStatus.Running, 650, 500, "Keep control", "good")]
    [InlineData(ExperimentStatus.Running, 500, 505, "Keep waiting", "calm")]
    [InlineData(ExperimentStatus.Completed, 500, 505, "It ended undecided", "calm")]
    [InlineData(ExperimentStatus.WinnerDeclared, 500, 650, "Decided", "good")]
    [InlineData(ExperimentStatus.Draft, 500, 650, "Not started yet", "")]
    public void Verdict_OfFigures_SaysWhatToDo(string status, int control, int variant, string title, string style)
    {
        var figures = ExperimentAnalysis.Of(ExperimentViews.Settings(), ExperimentViews.Sums((1000, control), (1000, variant)));

        var verdict = Verdict.Of(ExperimentViews.Draft() with { Status = status }, figures, null, L);

        Assert.Equal((title, style), (verdict.Title, verdict.Style));
        Assert.NotEqual("", verdict.Sentence);
    }

    [Fact]
    public void Verdict_WithGroupsOfWrongSizes_TrustsNothing()
    {
        var figures = ExperimentAnalysis.Of(ExperimentViews.Settings(), ExperimentViews.Sums((1000, 500), (1400, 900)));

        var verdict = Verdict.Of(ExperimentViews.Draft() with { Status = ExperimentStatus.Running }, figures, null, L);

        Assert.Equal("bad", verdict.Style);
    }

    [Fact]
    public void Checks_OfSoundFigures_AreAllGood()
    {
        var checks = new HealthChecks(L).Of(ExperimentAnalysis.Of(ExperimentViews.Settings(), Clear), Clear, Healthy);

        Assert.Equal(["Group sizes", "Crossovers", "Outcomes", "Users", "Recomputation"], checks.Select(check => check.Title));
        Assert.All(checks, check => Assert.Equal(HealthCheck.Good, check.State));
    }

    [Fact]
    public void Checks_OfWhatIsWrong_SayIt()
    {
        var sums = ExperimentViews.Sums((1000, 500), (1400, 900)) with { Crossovers = 600, WithoutUser = 5000 };
        sums = sums with { Groups = [.. sums.Groups.Select(group => group with { Outcomes = group.Executions / 4 })] };

        var checks = new HealthChecks(L).Of(ExperimentAnalysis.Of(ExperimentViews.Settings(), sums), sums, Healthy with { Waiting = 3, Failures = 2, Failure = "The disk is full." });

        Assert.Equal([HealthCheck.Bad, HealthCheck.Warning, HealthCheck.Warning, HealthCheck.Warning, HealthCheck.Bad], checks.Select(check => check.State));
        Assert.Contains("600 of 3,000 users", checks[1].Text, StringComparison.Ordinal);
        Assert.Contains("25.0\u00a0%", checks[2].Text, StringComparison.Ordinal);
        Assert.Equal("It failed 2 times. The disk is full. 3 events wait to be counted.", checks[4].Text);
    }

    [Fact]
    public void Checks_BeforeTheFirstSnapshot_SpeakOfTheRecomputationOnly() =>
        Assert.Equal(HealthCheck.Open, Assert.Single(new HealthChecks(L).Of(null, null, new ExperimentHealth { Waiting = 0 })).State);

    [Fact]
    public void Words_OfDifferences_HaveASignAUnitAndNoFalseDigits()
    {
        var words = new MetricWords(L);
        Assert.Equal("+4.2\u00a0points", words.Effect(Metric.SuccessRate, 0.042));
        Assert.Equal("\u22121.2 to +3.4\u00a0points", words.Interval(Metric.SuccessRate, -0.012, 0.034));
        Assert.Equal("\u2212123\u00a0ms", words.Effect(Metric.ResponseTime, -123.4));
        Assert.Equal("+2.1\u00a0points or more", words.Interval(Metric.SuccessRate, 0.021, double.PositiveInfinity));
        Assert.Equal("anything is possible", words.Interval(Metric.SuccessRate, null, null));
        Assert.Equal("66.2\u00a0%", words.Value(Metric.SuccessRate, 0.662));
        Assert.Equal("< 0.0001", MetricWords.P(0));
        Assert.Equal("> 99.9\u00a0%", MetricWords.Chance(1));
        Assert.Equal("A group has no users yet.", words.Reason("empty_arm"));
    }

    [Fact]
    public void Series_OfPoints_HasABandAndALineForEachVariant()
    {
        var at = new DateTimeOffset(2026, 12, 1, 12, 0, 0, TimeSpan.Zero);
        ExperimentPoint[] points =
        [
            new(at, 100, [new("variant_a", 0.05, -0.1, 0.2, 0.4, null), new("variant_b", null, null, null, null, null)]),
            new(at.AddHours(1), 200, [new("variant_a", 0.04, 0.01, 0.07, 0.03, null), new("variant_b", -0.01, -0.05, 0.03, 1, null)]),
        ];

        var chart = new EffectSeries(L, null).Effects(points, Metric.SuccessRate);
        var p = new EffectSeries(L, null).P(points, 0.05);

        Assert.Equal(["Variant A", "Variant B"], chart.Series.Select(series => series.Name));
        Assert.Equal([5, 4], chart.Series[0].Values);
        Assert.Equal([null, -5.0], chart.Series[1].Low);
        Assert.Equal("points", chart.Unit);
        Assert.Equal([0.05], p.Marks);
        Assert.Equal([0.4, 0.03], p.Series[0].Values);
    }
}
