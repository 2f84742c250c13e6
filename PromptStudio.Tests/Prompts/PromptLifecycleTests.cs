using PromptStudio.Core.Access;
using PromptStudio.Core.Prompts;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Prompts;

[Trait(Tier.Name, Tier.Unit)]
public sealed class PromptLifecycleTests
{
    private static readonly PromptFacts Plain = new("greeting", false, false, false);
    private static readonly VersionFacts Draft = new(2, false, false, false, ["2"]);
    private static readonly Actor WriteKey = TestActors.Key(Permissions.Write);

    [Fact]
    public void Activate_OfAPlainPrompt_IsForWhoMayWrite() =>
        Assert.Null(PromptLifecycle.Activate(Plain, Draft, false, WriteKey));

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Activate_OfWhatIsProtected_IsForWhoMayPromote(bool prompt, bool production)
    {
        var facts = Plain with { IsProtected = prompt };

        Assert.Equal("promotion_not_allowed", PromptLifecycle.Activate(facts, Draft, production, TestActors.Editor)?.Code);
        Assert.Equal("promotion_not_allowed", PromptLifecycle.Activate(facts, Draft, production, WriteKey)?.Code);
        Assert.Equal(ObstacleKind.Forbidden, PromptLifecycle.Activate(facts, Draft, production, WriteKey)?.Kind);
        Assert.Null(PromptLifecycle.Activate(facts, Draft, production, TestActors.Admin));
        Assert.Null(PromptLifecycle.Activate(facts, Draft, production, TestActors.Key(Permissions.Write | Permissions.Promote)));
    }

    [Theory]
    [InlineData(false, false, "approval_required")]
    [InlineData(true, false, null)]
    [InlineData(false, true, null)]
    public void Activate_WhereApprovalIsRequired_WaitsForItOnce(bool approved, bool wasActive, string? code) =>
        Assert.Equal(code, PromptLifecycle.Activate(Plain with { RequiresApproval = true }, Draft with { IsApproved = approved, WasActive = wasActive }, false, TestActors.Admin)?.Code);

    [Fact]
    public void Approve_ByTheAuthor_IsRefused()
    {
        Assert.Equal("approval_by_author", PromptLifecycle.Approve(Plain, Draft, TestActors.Editor)?.Code);
        Assert.Null(PromptLifecycle.Approve(Plain, Draft, TestActors.OtherEditor));
    }

    [Fact]
    public void Approve_ByAKey_IsRefused() =>
        Assert.Equal("approval_by_person", PromptLifecycle.Approve(Plain, Draft, TestActors.Key((Permissions)(-1)))?.Code);

    [Fact]
    public void Edit_OfAFrozenVersion_SaysTheWayOut()
    {
        Assert.Null(PromptLifecycle.Edit(Plain, Draft));
        var obstacle = PromptLifecycle.Edit(Plain, Draft with { IsFrozen = true });
        Assert.Equal((ObstacleKind.Conflict, "version_frozen"), (obstacle?.Kind, obstacle?.Code));
        Assert.Contains("Create a new version", obstacle!.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Rename_OnceExecuted_SaysTheWayOut()
    {
        Assert.Null(PromptLifecycle.Rename(Plain, false, [], WriteKey));
        var obstacle = PromptLifecycle.Rename(Plain, true, [], TestActors.Admin);
        Assert.Equal("prompt_executed", obstacle?.Code);
        Assert.Contains("Create a new prompt", obstacle!.Detail, StringComparison.Ordinal);
        Assert.Equal("promotion_not_allowed", PromptLifecycle.Rename(Plain with { IsProtected = true }, false, [], WriteKey)?.Code);
    }

    [Theory]
    [InlineData("staging", false, null)]
    [InlineData("staging", true, "promotion_not_allowed")]
    [InlineData("production", false, "label_reserved")]
    [InlineData("Staging", false, "invalid_label")]
    [InlineData("", false, "invalid_label")]
    public void MoveLabel_ByWhoMayWrite(string label, bool isProtected, string? code) =>
        Assert.Equal(code, PromptLifecycle.MoveLabel(Plain, label, isProtected, WriteKey)?.Code);

    [Fact]
    public void EveryMove_OfAnArchivedPrompt_AsksForARestore()
    {
        var archived = Plain with { IsArchived = true };
        Obstacle?[] moves =
        [
            PromptLifecycle.Change(archived),
            PromptLifecycle.Activate(archived, Draft, false, TestActors.Admin),
            PromptLifecycle.Edit(archived, Draft),
            PromptLifecycle.Approve(archived, Draft, TestActors.Admin),
            PromptLifecycle.Rename(archived, false, [], TestActors.Admin),
            PromptLifecycle.MoveLabel(archived, "staging", false, TestActors.Admin),
        ];

        Assert.All(moves, move => Assert.Equal("prompt_archived", move?.Code));
        Assert.Null(PromptLifecycle.Restore(archived, [], TestActors.Editor));
    }

    [Fact]
    public void MovingAWholePrompt_MovesItsProtectedLabels()
    {
        var archived = Plain with { IsArchived = true };
        Obstacle?[] moves =
        [
            PromptLifecycle.Archive(Plain, ["production"], WriteKey),
            PromptLifecycle.Archive(Plain, ["canary"], WriteKey),
            PromptLifecycle.Restore(archived, ["canary"], WriteKey),
            PromptLifecycle.Rename(Plain, false, ["canary"], WriteKey),
        ];

        Assert.All(moves, move => Assert.Equal("promotion_not_allowed", move?.Code));
        Assert.Null(PromptLifecycle.Archive(Plain, [], WriteKey));
        Assert.Null(PromptLifecycle.Archive(Plain, ["production", "canary"], TestActors.Admin));
    }

    [Fact]
    public void Needs_OfAContract_AreTheRequiredNamesWithoutADefault() =>
        Assert.Equal(["a"], ContractCheck.Needs(TemplateVariables.Parse("""{"required": {"a": "string", "b": {"default": 1}}, "optional": ["c"]}""")));
}
