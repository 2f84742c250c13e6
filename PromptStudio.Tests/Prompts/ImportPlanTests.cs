using PromptStudio.Core.Access;
using PromptStudio.Core.Prompts.Files;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Prompts;

[Trait(Tier.Name, Tier.Unit)]
public sealed class ImportPlanTests
{
    private static readonly Actor Editor = new(ActorKind.User, "1", "ada@example.com", PermissionRules.OfRole(Role.Editor));
    private static readonly Actor Admin = new(ActorKind.User, "2", "eve@example.com", PermissionRules.OfRole(Role.SuperAdmin));

    private static readonly StoredPrompt Stored = new(Folder(new PromptHead { Category = "nlu", ActiveVersion = 1, Labels = Label(1) }, "one", "two"), new HashSet<int> { 1 }, new HashSet<int> { 1 });

    [Fact]
    public void SameFiles_ChangeNothing() => Assert.All(Plan(Stored.Folder, Stored), item => Assert.Equal(ImportAction.Unchanged, item.Action));

    [Fact]
    public void NewPrompt_IsCreated() => Assert.All(Plan(Stored.Folder, null), item => Assert.Equal(ImportAction.Created, item.Action));

    [Fact]
    public void Draft_IsChanged_AndAFrozenVersionIsNot()
    {
        var plan = Plan(Folder(null, "one!", "two!"), Stored);

        Assert.Equal([ImportAction.Refused, ImportAction.Changed], plan.Select(item => item.Action));
        Assert.Contains("Give the new text the number 3", plan[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void NewVersion_IsCreated_AndTheActiveOneMoves()
    {
        var plan = Plan(Folder(new PromptHead { Category = "chat", ActiveVersion = 3, Labels = Label(2) }, "one", "two", "three"), Stored);

        Assert.Equal([ImportAction.Changed, ImportAction.Unchanged, ImportAction.Unchanged, ImportAction.Created], plan.Select(item => item.Action));
        Assert.Equal("category, active version v1 → v3, label staging v1 → v2", plan[0].Reason);
    }

    [Theory]
    [InlineData(4, null, "'active' names version 4, which does not exist")]
    [InlineData(1, 9, "The label 'staging' names version 9")]
    public void Pointers_ToNothing_AreRefused(int active, int? label, string reason) =>
        Refused(Plan(Folder(new PromptHead { ActiveVersion = active, Labels = label is { } number ? Label(number) : Label(1) }, "one"), null), reason);

    [Fact]
    public void BrokenText_CannotBeActive() =>
        Refused(Plan(Folder(new PromptHead { ActiveVersion = 1 }, "{{ ("), null), "Version 1 cannot be active: line 1");

    [Fact]
    public void Approval_IsNotGoneAround()
    {
        var careful = Stored with { Folder = Stored.Folder with { Head = Stored.Folder.Head! with { RequiresApproval = true } } };
        var wanted = careful.Folder with { Head = careful.Folder.Head! with { ActiveVersion = 2 } };

        Refused(Plan(wanted, careful), "needs the approval of a second person");
        Refused(Plan(wanted, careful, Admin), "needs the approval of a second person");
        Assert.Equal(ImportAction.Changed, Plan(wanted, careful with { Activatable = new HashSet<int> { 1, 2 } })[0].Action);
    }

    [Fact]
    public void Approval_OfAText_IsNotOneOfAnotherText()
    {
        var approved = Stored with
        {
            Folder = Stored.Folder with { Head = Stored.Folder.Head! with { RequiresApproval = true } },
            Activatable = new HashSet<int> { 1, 2 },
        };
        var head = approved.Folder.Head! with { ActiveVersion = 2 };

        Refused(Plan(Folder(head, "one", "rewritten"), approved), "needs the approval of a second person");
        Assert.All(Plan(Folder(head, "one", "two"), approved), item => Assert.NotEqual(ImportAction.Refused, item.Action));
    }

    [Fact]
    public void Protection_HoldsForWhoMayNotPromote()
    {
        var guarded = Stored with { Folder = Stored.Folder with { Head = Stored.Folder.Head! with { IsProtected = true } } };
        var wanted = guarded.Folder with { Head = guarded.Folder.Head! with { ActiveVersion = 2 } };

        Refused(Plan(wanted, guarded), "'topic' is protected");
        Refused(Plan(Stored.Folder, guarded), "Only a SuperAdmin");
        Refused(Plan(Stored.Folder with { Head = Stored.Folder.Head! with { Labels = Label(2) } }, Stored, labels: "staging"), "The label 'staging' is protected");
        Refused(Plan(Stored.Folder with { Head = Stored.Folder.Head! with { ActiveVersion = 2 } }, Stored, labels: "production"), "The label 'production' is protected");
        Assert.Equal(ImportAction.Changed, Plan(wanted, guarded, Admin)[0].Action);
    }

    [Fact]
    public void ArchivedPrompt_IsRestoredFirst()
    {
        var archived = Stored with { Folder = Stored.Folder with { Head = Stored.Folder.Head! with { IsArchived = true, ActiveVersion = null } } };

        Assert.All(Plan(archived.Folder, archived), item => Assert.Equal(ImportAction.Unchanged, item.Action));
        Refused(Plan(Folder(null, "one", "new text") with { Versions = [archived.Folder.Versions[1] with { Text = "new text" }] }, archived), "is archived. Restore it first");
        Assert.Equal([ImportAction.Changed, ImportAction.Unchanged, ImportAction.Changed], Plan(Folder(Stored.Folder.Head, "one", "new text"), archived).Select(item => item.Action));
    }

    [Fact]
    public void Keys_StayWithinTheirBinding()
    {
        var bound = Editor with { Binding = new KeyBinding([], ["nlu"]) };

        Assert.All(Plan(Stored.Folder, Stored, bound), item => Assert.NotEqual(ImportAction.Refused, item.Action));
        Refused(Plan(Stored.Folder with { Head = Stored.Folder.Head! with { Category = "chat" } }, Stored, bound), "bound to other prompts");
        Refused(Plan(Stored.Folder with { Head = Stored.Folder.Head! with { Category = null } }, Stored, bound), "bound to other prompts");
        Refused(Plan(Stored.Folder, Stored, new Actor(ActorKind.User, "3", "v", PermissionRules.OfRole(Role.Viewer))), "may not change");
    }

    private static void Refused(IReadOnlyList<ImportItem> plan, string reason)
    {
        Assert.Equal(ImportAction.Refused, plan[0].Action);
        Assert.Contains(reason, plan[0].Reason, StringComparison.Ordinal);
    }

    private static IReadOnlyList<ImportItem> Plan(PromptFolder wanted, StoredPrompt? stored, Actor? actor = null, params string[] labels) =>
        new ImportPlan(actor ?? Editor, labels.ToHashSet()).Of(wanted, stored);

    private static PromptFolder Folder(PromptHead? head, params string[] texts) =>
        new("topic", head, [.. texts.Select((text, index) => new PromptVersionFile { Version = index + 1, Format = "jinja2", Text = text, Parent = index == 0 ? null : index })]);

    private static Dictionary<string, int> Label(int version) => new() { ["staging"] = version };
}
