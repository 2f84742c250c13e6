using Bunit;
using PromptStudio.Core.Experiments;
using PromptStudio.Core.Experiments.Analysis;
using PromptStudio.Core.Prompts;
using PromptStudio.Experiments;
using PromptStudio.Experiments.Pages;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Experiments.Pages;

[Trait(Tier.Name, Tier.Component)]
public sealed class ExperimentPartsTests : BunitContext
{
    public ExperimentPartsTests()
    {
        Services.AddStudioComponents();
        JSInterop.Mode = JSRuntimeMode.Loose;
    }

    [Fact]
    public void SplitEditor_AMovedSlider_MovesTheOthers()
    {
        var split = TrafficSplit.Equal(3);
        var editor = Render<SplitEditor>(parameters => parameters.Add(one => one.Split, split));

        editor.Find("input[aria-label='Share of Variant A']").Input("50");

        Assert.Equal(50, split[1]);
        Assert.Equal(["25", "50", "25"], editor.FindAll("input[type=number]").Select(input => input.GetAttribute("value")));
        editor.Find("input[aria-label='Share of Control, per cent']").Change("not a number");
        Assert.Equal(25, split[0]);
        editor.Find("button").Click();
        Assert.Equal([33.34m, 33.33m, 33.33m], Enumerable.Range(0, 3).Select(index => split[index]));
    }

    [Fact]
    public void EffectTable_SaysInFiguresWhatThePlotShows()
    {
        var settings = ExperimentViews.Settings();
        var analysis = ExperimentAnalysis.Of(settings, ExperimentViews.Sums((1000, 500), (1000, 650)));

        var table = Render<EffectTable>(parameters => parameters.Add(one => one.Analysis, analysis.Metrics[0]).Add(one => one.Settings, settings));

        Assert.Equal(["50.0\u00a0%", "65.0\u00a0%"], table.FindAll("[data-label='Figure']").Select(cell => cell.TextContent));
        Assert.Equal("+15.0\u00a0points", table.Find(".against b").TextContent);
        Assert.Equal("better", table.Find(".reading").TextContent.Trim());
        Assert.Single(table.FindAll("circle"));
        Assert.Equal(2, table.FindAll("line.zero").Count);
    }

    [Fact]
    public void EffectTable_WhatIsNotComputable_SaysWhyInWords()
    {
        var settings = ExperimentViews.Settings();
        var analysis = ExperimentAnalysis.Of(settings, ExperimentViews.Sums((0, 0), (10, 5)));

        var table = Render<EffectTable>(parameters => parameters.Add(one => one.Analysis, analysis.Metrics[0]).Add(one => one.Settings, settings));

        Assert.Equal("not computable", table.Find(".reading").TextContent.Trim());
        Assert.Equal("A group has no users yet.", table.FindAll(".against small")[^1].TextContent);
        Assert.Empty(table.FindAll("circle"));
        Assert.DoesNotContain("NaN", table.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void TextChanges_ShowsChangesWithWhatIsAround_AndCountsTheRest()
    {
        var before = string.Join('\n', Enumerable.Range(1, 20).Select(line => $"line {line}"));
        var changes = Render<TextChanges>(parameters => parameters.Add(one => one.Diff, TextDiff.Of(before, before.Replace("line 10", "line ten", StringComparison.Ordinal))).Add(one => one.Label, "both"));

        Assert.Equal(["7 lines alike", "8 lines alike"], changes.FindAll(".skipped").Select(one => one.TextContent));
        Assert.Equal("line 10", changes.Find(".removed .text").TextContent);
        Assert.Equal("line ten", changes.Find(".added .text").TextContent);
    }

    [Fact]
    public void TextChanges_OfTheSameText_SaysSo() =>
        Assert.Equal("The texts are the same.", Render<TextChanges>(parameters => parameters.Add(one => one.Diff, TextDiff.Of("a", "a")).Add(one => one.Label, "both")).Find("p").TextContent);

    [Fact]
    public void TrafficDialog_ANewSplit_SaysThatAPhaseBegins_AndSendsOnlyWhatChanged()
    {
        ExperimentEdit? sent = null;
        var view = ExperimentViews.Draft() with { Status = ExperimentStatus.Running, Phase = 1 };
        var dialog = Render<TrafficDialog>(parameters => parameters.Add(one => one.Experiment, view).Add(one => one.OnSaved, edit => sent = edit).Add(one => one.OnClosed, () => { }));
        Assert.True(dialog.Find("button[type=submit]").HasAttribute("disabled"));

        dialog.Find("#new-coverage").Input("40");
        dialog.Find("form").Submit();
        Assert.Equal((40m, true), (sent!.Coverage, sent.TrafficAllocation is null));

        dialog.Find("input[aria-label='Share of Control']").Input("90");
        Assert.Contains("begins phase 2", dialog.Find(".alert.warning").TextContent, StringComparison.Ordinal);
        dialog.Find("form").Submit();
        Assert.Equal(10, sent!.TrafficAllocation!["variant_a"]);
    }
}
