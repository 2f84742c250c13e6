using PromptStudio.Prompts;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Prompts;

[Trait(Tier.Name, Tier.Unit)]
public sealed class PromptQueryTests
{
    [Theory]
    [InlineData("name", "name")]
    [InlineData("-executions", "-executions")]
    [InlineData("name; DROP TABLE users", PromptQuery.DefaultSort)]
    [InlineData("--name", "--name")]
    [InlineData(null, PromptQuery.DefaultSort)]
    public void Of_ASort_TakesOnlyKnownColumns(string? sort, string expected)
    {
        var query = PromptQuery.Of(null, null, sort, null);
        Assert.Equal(expected == "--name" ? PromptQuery.DefaultSort : expected, query.Sort);
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData(-4, 1)]
    [InlineData(7, 7)]
    public void Of_APage_IsAtLeastTheFirst(int? page, int expected) => Assert.Equal(expected, PromptQuery.Of(null, null, null, page).Page);

    [Fact]
    public void SortedBy_AColumnTwice_TurnsTheOrderRound()
    {
        var query = new PromptQuery { Page = 4 };
        Assert.Equal("name", query.SortedBy("name").Sort);
        Assert.Equal("-name", query.SortedBy("name").SortedBy("name").Sort);
        Assert.Equal("-executions", query.SortedBy("executions").Sort);
        Assert.Equal("executions", query.SortedBy("executions").SortedBy("executions").Sort);
        Assert.Equal(1, query.SortedBy("name").Page);
    }
}
