using Bunit;
using PromptStudio.Prompts;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Prompts;

[Trait(Tier.Name, Tier.Component)]
public sealed class PromptTableTests : BunitContext
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    public PromptTableTests() => Services.AddStudioComponents(Now);

    [Fact]
    public void Render_WithPrompts_SaysAboutEachWhatMatters()
    {
        var table = Table(new PromptPage([Row("summary", active: 3), Row("draft", active: null)], 2, 1), new PromptQuery());

        var rows = table.FindAll("tbody tr");
        Assert.Equal(2, rows.Count);
        Assert.Equal(["summary", "What it is for.", "nlu", "v3", "4", "12,345", "2 hours ago"], Words(rows[0]));
        Assert.Equal(["draft", "What it is for.", "nlu", "none", "4", "12,345", "2 hours ago"], Words(rows[1]));
        Assert.Equal("22 Nov 2026, 10:00:00 UTC", rows[0].QuerySelector("time")!.GetAttribute("title"));
    }

    [Fact]
    public void Render_SortedByAColumn_SaysSoAndLeadsToTheOtherOrder()
    {
        var table = Table(new PromptPage([Row("a")], 1, 1), new PromptQuery { Sort = "name", Search = "a" });

        var header = table.Find("th[aria-sort]");
        Assert.Equal(("ascending", "Name"), (header.GetAttribute("aria-sort"), header.TextContent.Trim()));
        Assert.Equal("/admin/prompts?search=a&sort=-name", header.QuerySelector("a")!.GetAttribute("href"));
    }

    [Fact]
    public void Render_WithExecutions_DrawsTheirDaysAndSaysThemInWords()
    {
        var page = new PromptPage([Row("summary")], 1, 1) { Daily = new Dictionary<string, IReadOnlyList<long>> { ["summary"] = [0, 2, 4] } };
        var chart = Table(page, new PromptQuery()).Find("svg.sparkline");

        Assert.Equal("6 executions in 14 days, 4 of them today", chart.GetAttribute("aria-label"));
        Assert.Equal(["1", "10", "20"], chart.QuerySelectorAll("rect").Select(bar => bar.GetAttribute("height")));
    }

    [Fact]
    public void Choose_All_ChoosesEachRow()
    {
        var chosen = new List<string>();
        var table = Render<PromptTable>(parameters => parameters
            .Add(one => one.List, new PromptPage([Row("a"), Row("b")], 2, 1)).Add(one => one.Query, new PromptQuery()).Add(one => one.OnChosen, choice => chosen.Add($"{choice.Name} {choice.Chosen}")));
        table.Find("thead input").Change(true);

        Assert.Equal(["a True", "b True"], chosen);
    }

    [Fact]
    public void Render_WhileItWaits_ShowsTheShapeOfRows()
    {
        var table = Table(null, new PromptQuery());

        Assert.Equal("true", table.Find("table").GetAttribute("aria-busy"));
        Assert.NotEmpty(table.FindAll(".skeleton"));
    }

    [Fact]
    public void Render_TheLastPage_LeadsBackOnly()
    {
        var table = Table(new PromptPage([Row("z")], 26, 2), new PromptQuery { Page = 2 });

        Assert.Contains("26 to 26 of 26", table.Find(".pages").TextContent, StringComparison.Ordinal);
        Assert.Equal(["Previous"], table.FindAll(".pages a").Select(link => link.TextContent));
    }

    [Theory]
    [InlineData(true, "No prompt matches", 1)]
    [InlineData(false, "No prompts yet", 0)]
    public void Render_Empty_SaysWhatToDo(bool filtered, string heading, int ways)
    {
        this.AddAuthorization().SetNotAuthorized();
        var empty = Render<PromptsEmpty>(parameters => parameters.Add(component => component.Filtered, filtered));

        Assert.Equal(heading, empty.Find("h2").TextContent);
        Assert.Equal(ways, empty.FindAll("a").Count);
    }

    private IRenderedComponent<PromptTable> Table(PromptPage? page, PromptQuery query) =>
        Render<PromptTable>(parameters => parameters.Add(table => table.List, page).Add(table => table.Query, query));

    private static PromptRow Row(string name, int? active = 1) => new()
    {
        Name = name,
        Description = "What it is for.",
        Category = "nlu",
        ActiveVersion = active,
        Versions = 4,
        Executions = 12_345,
        ChangedAt = Now.AddHours(-2),
    };

    private static string[] Words(AngleSharp.Dom.IElement row) =>
        [.. row.QuerySelectorAll(".of-name a, .description, td:not(.of-name, .of-choice, .of-days, .of-peek)").Select(cell => cell.TextContent.Trim())];
}
