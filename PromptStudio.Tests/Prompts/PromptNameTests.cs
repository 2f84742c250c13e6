using PromptStudio.Core.Prompts;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Prompts;

[Trait(Tier.Name, Tier.Unit)]
public sealed class PromptNameTests
{
    [Theory]
    [InlineData("nlu_topic_extraction", true)]
    [InlineData("7.of-Nine", true)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("_hidden", false)]
    [InlineData("name@2", false)]
    [InlineData("two words", false)]
    [InlineData("über", false)]
    [InlineData("line\n", false)]
    public void IsValid_FollowsTheRule(string? name, bool valid) => Assert.Equal(valid, PromptName.IsValid(name));

    [Fact]
    public void IsValid_EndsAtTheLimit()
    {
        Assert.True(PromptName.IsValid(new string('a', PromptName.MaxLength)));
        Assert.False(PromptName.IsValid(new string('a', PromptName.MaxLength + 1)));
    }
}
