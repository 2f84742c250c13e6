using Bunit;
using PromptStudio.Editor;
using PromptStudio.Prompts;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Editor;

[Trait(Tier.Name, Tier.Component)]
public sealed class VersionTimelineTests : BunitContext
{
    private static readonly DateTimeOffset Now = new(2026, 12, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly VersionSummary[] _versions = [Version(3, VersionState.Draft, "Shorter"), Version(2, VersionState.Active, null, "staging"), Version(1, VersionState.Frozen, "First")];

    public VersionTimelineTests() => Services.AddStudioComponents(Now);

    [Fact]
    public void Render_OfVersions_SaysHowEachStands()
    {
        var items = Timeline().FindAll("li");

        Assert.Equal(["v3", "v2", "v1"], items.Select(item => item.QuerySelector("strong")!.TextContent));
        Assert.Equal(["draft", "active", null], items.Select(item => item.QuerySelector(".chip")?.TextContent));
        Assert.Equal("staging", items[1].QuerySelector(".tag")!.TextContent);
        Assert.Equal("true", items[0].QuerySelector("a")!.GetAttribute("aria-current"));
        Assert.Null(items[0].QuerySelector("button"));
    }

    [Theory]
    [InlineData("v2", "v2")]
    [InlineData("3", "v3")]
    [InlineData("STAG", "v2")]
    [InlineData("first", "v1")]
    [InlineData("nothing", "")]
    public void Type_OfANumberOrWord_FindsVersions(string typed, string found)
    {
        var timeline = Timeline();
        timeline.Find("input").Input(typed);

        Assert.Equal(found, string.Join(' ', timeline.FindAll("strong").Select(version => version.TextContent)));
    }

    [Fact]
    public void Press_Compare_TellsWhichVersion()
    {
        VersionSummary? compared = null;
        var timeline = Render<VersionTimeline>(parameters => parameters.Add(one => one.Versions, _versions).Add(one => one.Current, _versions[0].Id).Add(one => one.OnCompare, version => compared = version));
        timeline.FindAll("button")[1].Click();

        Assert.Equal(1, compared!.Version);
    }

    private IRenderedComponent<VersionTimeline> Timeline() => Render<VersionTimeline>(parameters => parameters.Add(one => one.Versions, _versions).Add(one => one.Current, _versions[0].Id));

    private static VersionSummary Version(int number, string state, string? message, params string[] labels) => new()
    {
        Id = Guid.CreateVersion7(DateTimeOffset.UnixEpoch.AddSeconds(number)),
        Name = "greeting",
        Version = number,
        State = state,
        IsActive = state == VersionState.Active,
        Message = message,
        TemplateFormat = "jinja2",
        Labels = labels,
        CreatedBy = "ada@example.com",
        CreatedAt = Now.AddDays(-number),
        UpdatedAt = Now,
    };
}
