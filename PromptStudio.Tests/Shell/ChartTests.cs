using Bunit;
using PromptStudio.Shell;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Shell;

[Trait(Tier.Name, Tier.Component)]
public sealed class ChartTests : BunitContext
{
    private static readonly ChartData Data = new()
    {
        Kind = ChartData.Lines,
        Labels = ["Mon", "Tue"],
        LabelsAre = "Day",
        Digits = 1,
        Unit = "%",
        Series = [new ChartSeries("variant_a", ChartColors.InOrder[0], [1234.26, null]) { Low = [1, null], High = [2, null] }],
    };

    public ChartTests() => Services.AddStudioComponents();

    [Fact]
    public void Render_HasTheFiguresAsATable_WithTheirIntervals()
    {
        var module = JSInterop.SetupModule("./chart.js");
        module.Mode = JSRuntimeMode.Loose;

        var chart = Render<Chart>(parameters => parameters.Add(one => one.Data, Data).Add(one => one.Title, "Effect"));

        Assert.Equal("Effect", chart.Find(".plot").GetAttribute("aria-label"));
        Assert.Equal(["Mon", "1,234.3\u00a0% (1.0\u00a0% to 2.0\u00a0%)", "Tue", "–"], chart.FindAll("tbody th, tbody td").Select(cell => cell.TextContent));
    }

    [Fact]
    public void IsSame_LooksAtFigures_NotAtInstances()
    {
        Assert.True(Data.IsSame(Data with { Series = [Data.Series[0] with { Values = [1234.26, null] }] }));
        Assert.False(Data.IsSame(Data with { Series = [Data.Series[0] with { Values = [1.0, null] }] }));
        Assert.False(Data.IsSame(Data with { Labels = ["Mon", "Wed"] }));
    }
}
