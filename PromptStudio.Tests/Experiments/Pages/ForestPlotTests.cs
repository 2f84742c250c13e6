using PromptStudio.Core.Experiments;
using PromptStudio.Core.Experiments.Analysis;
using PromptStudio.Core.Statistics;
using PromptStudio.Experiments.Pages;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Experiments.Pages;

[Trait(Tier.Name, Tier.Unit)]
public sealed class ForestPlotTests
{
    [Fact]
    public void Of_AnEffectAboveZero_StandsRightOfTheZeroLine()
    {
        var plot = ForestPlot.Of(Analysis(new Comparison { Group = "variant_a", Effect = 0.04, Interval = new Interval(0.02, 0.06) }), Metric.SuccessRate);

        var row = Assert.Single(plot.Rows);
        Assert.True(plot.Zero < row.Low && row.Low < row.Point && row.Point < row.High && row.High < 100);
        Assert.Equal(row.Point!.Value, (row.Low!.Value + row.High!.Value) / 2, 9);
        Assert.Contains(plot.Ticks, tick => tick.Value == 0 && Math.Abs(tick.Place - plot.Zero) < 1e-9);
        // Points, not shares.
        Assert.Contains(plot.Ticks, tick => tick.Value == 4);
    }

    [Fact]
    public void Of_AnIntervalThatExcludesZero_DoesNotTouchItsLine_AndOneThatContainsItDoes()
    {
        var plot = ForestPlot.Of(
            Analysis(new Comparison { Group = "variant_a", Effect = -30, Interval = new Interval(-50, -10) }, new Comparison { Group = "variant_b", Effect = 5, Interval = new Interval(-15, 25) }),
            Metric.ResponseTime);

        Assert.True(plot.Rows[0].High < plot.Zero);
        Assert.True(plot.Rows[1].Low < plot.Zero && plot.Zero < plot.Rows[1].High);
    }

    [Fact]
    public void Of_AnIntervalWithoutAnEnd_GoesToTheEdge()
    {
        var plot = ForestPlot.Of(Analysis(new Comparison { Group = "variant_a", Effect = 0.04, Interval = new Interval(0.02, double.PositiveInfinity) }), Metric.SuccessRate);

        Assert.Equal(100, plot.Rows[0].High);
        Assert.True(plot.Rows[0].IsOpenHigh);
        Assert.False(plot.Rows[0].IsOpenLow);
    }

    [Fact]
    public void Of_WhatIsNotComputable_HasAnAxisAndNoMark()
    {
        var plot = ForestPlot.Of(Analysis(new Comparison { Group = "variant_a", Reason = "empty_arm" }), Metric.SuccessRate);

        Assert.Equal(new ForestRow("variant_a", null, null, null, false, false), plot.Rows[0]);
        Assert.Equal(50, plot.Zero);
    }

    [Theory]
    [InlineData("avg_response_time", true)]
    [InlineData("success_rate", false)]
    public void Of_AGuardrail_ItsMarginStandsOnTheSideOfHarm(string metric, bool isRight)
    {
        var plot = ForestPlot.Of(
            Analysis(new Comparison { Group = "variant_a", Effect = 0.001, Interval = new Interval(-0.01, 0.01), Guardrail = new GuardrailFinding(0.02, GuardrailFinding.Safe, 0.01) }), Metric.Find(metric)!);

        Assert.Equal(isRight, plot.Margin > plot.Zero);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(-0.0004, 0.0021)]
    [InlineData(-12_345, 6_789)]
    [InlineData(0.3, 97)]
    public void Rounds_OfAnyRange_AreTwoToSixRoundValuesInOrder(double low, double high)
    {
        var ticks = ForestPlot.Rounds(low, high).ToArray();

        Assert.InRange(ticks.Length, 2, 6);
        Assert.Equal(ticks.Order(), ticks);
        Assert.All(ticks, tick => Assert.InRange(tick, low, high));
        Assert.DoesNotContain(ticks, tick => tick == 0 && double.IsNegative(tick));
    }

    private static MetricAnalysis Analysis(params Comparison[] comparisons) => new("success_rate", MetricAnalysis.Primary, [], comparisons);
}
