using PromptStudio.Executions;
using PromptStudio.Shell;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Executions;

[Trait(Tier.Name, Tier.Unit)]
public sealed class ExecutionAddressTests
{
    private static readonly DateTimeOffset Now = new(2026, 12, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Address_OfNothing_IsThePageItself() => Assert.Equal("/admin/executions", new ExecutionAddress().Address());

    [Fact]
    public void Address_SaysWhatIsFiltered()
    {
        var filter = new ExecutionAddress { Prompt = "a b", Status = "blocked", User = "u&1", Time = new TimeRange("24h") };

        Assert.Equal("/admin/executions?prompt=a%20b&status=blocked&user=u%261&range=24h", filter.Address());
        Assert.Equal((1, true), (filter.Further, filter.Filters));
    }

    [Fact]
    public void Filter_TakesWhatMakesSense()
    {
        var id = new Guid("019ad5e2-7c1b-7d42-9f3a-0c5be81f2a77");
        var filter = new ExecutionAddress { Id = $" {id} ", Version = "3", Status = "nonsense", Experiment = "x", Prompt = " p " }.Filter(Now);

        Assert.Equal((id, 3, null, null, "p", Now.AddDays(-7)), (filter.AnyId, filter.Version, filter.Status, filter.ExperimentId, filter.Prompt, filter.From));
    }

    [Theory]
    [InlineData("12", "", "", true)]
    [InlineData("019ad5e2-7c1b-7d42-9f3a-0c5be81f2a77", "2", "u", false)]
    [InlineData("", "-1", "", true)]
    [InlineData("", "", "a\0b", true)]
    public void Problem_OfWhatCannotBeLookedFor_IsSaid(string id, string version, string user, bool isWrong) =>
        Assert.Equal(isWrong, new ExecutionAddress { Id = id, Version = version, User = user }.Problem() is not null);
}
