using PromptStudio.Audit;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Audit;

[Trait(Tier.Name, Tier.Unit)]
public sealed class JsonDiffTests
{
    [Fact]
    public void Of_TwoValues_NamesWhatDiffers_InItsOrder()
    {
        var differences = JsonDiff.Of(
            """{"name": "a", "rule": {"words": ["x", "y"], "whole": true}, "gone": null, "same": 1}""",
            """{"name": "b", "rule": {"words": ["x"], "whole": false}, "same": 1, "added": {}}""");

        Assert.Equal(
            [new("name", "a", "b"), new("rule.words[1]", "y", null), new("rule.whole", "true", "false"), new("gone", "null", null), new JsonDifference("added", null, "{}")],
            differences);
    }

    [Fact]
    public void Of_Nothing_IsEmpty_AndOfOneSide_IsAllOfIt()
    {
        Assert.Empty(JsonDiff.Of(null, null));
        Assert.Equal([new JsonDifference("a", null, "1")], JsonDiff.Of(null, """{"a": 1}"""));
        Assert.Equal([new JsonDifference("", "1", "2")], JsonDiff.Of("1", "2"));
    }

    [Fact]
    public void Of_ManyMembers_ListsSoManyAsCanBeRead() =>
        Assert.Equal(JsonDiff.Most, JsonDiff.Of(null, $"[{string.Join(',', Enumerable.Range(0, JsonDiff.Most * 2))}]").Count);

    [Fact]
    public void EveryAction_HasAName() =>
        Assert.All(AuditAction.All, action => Assert.DoesNotContain(AuditNames.Of(action), AuditAction.All));

    [Fact]
    public void EveryAction_HasANameOfItsOwn() =>
        Assert.Equal(AuditAction.All.Count, AuditAction.All.Select(AuditNames.Of).Distinct().Count());
}
