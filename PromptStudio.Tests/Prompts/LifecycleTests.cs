using Microsoft.EntityFrameworkCore;
using Npgsql;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Prompts;
using PromptStudio.Tests.Studio;
using static PromptStudio.Tests.Prompts.LifecycleApp;

namespace PromptStudio.Tests.Prompts;

[Trait(Tier.Name, Tier.Database)]
public sealed class LifecycleTests(LifecycleApp app) : IClassFixture<LifecycleApp>
{
    [Fact]
    public async Task Create_OfFiftyVersionsAtOnce_NumbersThemWithoutAGap()
    {
        var first = await app.PromptAsync("fifty");

        var made = await Task.WhenAll(Enumerable.Range(0, 50).Select(n => app.VersionAsync(TestActors.Editor, first.Id, $"text {n}")));

        Assert.Equal(Enumerable.Range(2, 50), made.Select(answer => Done(answer).Version).Order());
        Assert.Equal(51, (await app.AuditAsync("fifty")).Count);
    }

    [Fact]
    public async Task Activate_OfTwentyVersionsAtOnce_LeavesOneActiveAndAWholeAuditChain()
    {
        var first = await app.PromptAsync("twenty");
        var ids = new List<Guid> { first.Id };
        for (var n = 1; n < 20; n++)
            ids.Add(Done(await app.VersionAsync(TestActors.Editor, first.Id)).Id);

        var answers = await Task.WhenAll(ids.Select(id => app.ActivateAsync(TestActors.Editor, id)));

        Assert.All(answers, answer => Done(answer));
        await using var context = await app.OpenAsync();
        var versions = await context.PromptTemplates.AsNoTracking().Where(version => version.Name == "twenty").ToListAsync(Cancellation);
        var active = Assert.Single(versions, version => version.IsActive);
        Assert.Equal(versions.Max(version => version.ActivatedAt), active.ActivatedAt);
        Assert.Equal(19, versions.Count(version => version.DeactivatedAt is not null));
        Assert.Equal(20, (await app.AuditAsync("twenty")).Count(action => action == AuditAction.VersionActivated));
    }

    [Fact]
    public async Task Create_OfOneNameTenTimesAtOnce_MakesOnePrompt()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => app.CreateAsync(TestActors.Editor, new NewPrompt { Name = "once", TemplateText = "x" })));

        Assert.Single(answers, answer => answer.Value is not null);
        Assert.All(answers.Where(answer => answer.Value is null), answer => Refused(answer, 409, "prompt_exists"));
    }

    [Fact]
    public async Task Create_FromAnOldVersion_TakesItsTextAndTheNextNumber()
    {
        var first = await app.PromptAsync("branches", "one {{ a }}", """{"required": ["a"]}""");
        Done(await app.VersionAsync(TestActors.Editor, first.Id, "two", "null"));

        var third = Done(await app.VersionAsync(TestActors.Editor, first.Id));

        Assert.Equal((3, "one {{ a }}", first.Id, "draft"), (third.Version, third.TemplateText, third.ParentVersionId!.Value, third.State));
        Assert.Equal("""["a"]""", third.TemplateVariables!.Value.GetProperty("required").GetRawText());
    }

    [Fact]
    public async Task Edit_ByASecondWriter_LosesNeitherText()
    {
        var draft = await app.PromptAsync("conflict", "old");

        var answers = await Task.WhenAll(
            app.EditAsync(TestActors.Editor, draft.Id, draft.Revision, new PromptEdit { TemplateText = "mine", Message = "m" }),
            app.EditAsync(TestActors.OtherEditor, draft.Id, draft.Revision, new PromptEdit { TemplateText = "theirs", Message = "t" }));

        var won = Assert.Single(answers, answer => answer.Value is not null).Value!;
        var problem = Refused(Assert.Single(answers, answer => answer.Value is null), 409, "edit_conflict");
        var lost = won.TemplateText == "mine" ? "theirs" : "mine";
        Assert.Equal(won.TemplateText, Member(problem.Extensions["current"], "TemplateText"));
        Assert.Equal(won.UpdatedBy, Member(problem.Extensions["current"], "UpdatedBy"));
        Assert.Equal(lost, Member(problem.Extensions["yours"], "TemplateText"));
        Assert.Equal((won.TemplateText, 2), ((await app.FindAsync(draft.Id)).TemplateText, won.Revision));
    }

    [Fact]
    public async Task Edit_OfWhatVersionsShare_IsAConflictForWhoHasOpenedAnotherVersion()
    {
        var first = await app.PromptAsync("conflict_shared");
        var second = Done(await app.VersionAsync(TestActors.Editor, first.Id));

        Done(await app.EditAsync(TestActors.Editor, second.Id, second.Revision, new PromptEdit { Description = "mine" }));

        Refused(await app.EditAsync(TestActors.OtherEditor, first.Id, first.Revision, new PromptEdit { Description = "theirs" }), 409, "edit_conflict");
        Assert.Equal("mine", (await app.FindAsync(first.Id)).Description);
    }

    [Fact]
    public async Task Edit_OfADraft_ClearsTheApprovalAndAddsTheAuthor()
    {
        var draft = await app.PromptAsync("edited", "old");
        Done(await app.Get<VersionCommands>().ApproveAsync(TestActors.OtherEditor, draft.Id, 1, Cancellation));

        var edited = Done(await app.EditAsync(TestActors.Admin, draft.Id, 1, new PromptEdit { TemplateText = "new {{" }));

        Assert.Null(edited.Approval);
        Assert.Equal(["2", "1"], edited.AuthorIds);
        Assert.Equal("error", Assert.Single(edited.Diagnostics).Kind);
        Refused(await app.EditAsync(TestActors.Editor, draft.Id, 2, new PromptEdit { TemplateVariables = System.Text.Json.JsonElement.Parse("[]") }), 422, "invalid_prompt");
        Assert.Equal([AuditAction.PromptCreated, AuditAction.VersionApproved, AuditAction.VersionEdited], await app.AuditAsync("edited"));
    }

    [Theory]
    [InlineData("active")]
    [InlineData("label")]
    [InlineData("execution")]
    public async Task Edit_OfAFrozenVersion_IsRefusedByStoreAndDatabase(string by)
    {
        var draft = await app.PromptAsync("frozen_by_" + by, "old");
        if (by == "active")
            Done(await app.ActivateAsync(TestActors.Editor, draft.Id));
        else if (by == "label")
            Done(await app.LabelAsync(TestActors.Editor, draft.Name, "staging", 1));
        else
            await app.Get<PromptStudio.Rendering.PromptRenderer>().RenderAsync(TestActors.Key(Permissions.Render), draft.Name, new() { Version = 1 }, Cancellation);

        Refused(await app.EditAsync(TestActors.Admin, draft.Id, null, new PromptEdit { TemplateText = "new" }), 409, "version_frozen");
        Refused(await app.EditAsync(TestActors.Admin, draft.Id, null, new PromptEdit { Message = "new" }), 409, "version_frozen");
        Assert.Equal("for all", Done(await app.EditAsync(TestActors.Editor, draft.Id, null, new PromptEdit { TemplateText = "old", Description = "for all" })).Description);
        await using var context = await app.OpenAsync();
        await Assert.ThrowsAsync<PostgresException>(() => context.Database.ExecuteSqlAsync($"UPDATE prompt_templates SET template_text = 'x' WHERE id = {draft.Id}", Cancellation));
    }

    [Fact]
    public async Task Activate_WhereASecondPersonApproves_WaitsForThem()
    {
        var draft = await app.PromptAsync("approved", requiresApproval: true);
        var versions = app.Get<VersionCommands>();
        Refused(await app.ActivateAsync(TestActors.Admin, draft.Id), 409, "approval_required");
        Refused(await versions.ApproveAsync(TestActors.Admin, draft.Id, 1, Cancellation), 403, "approval_by_author");
        Refused(await versions.ApproveAsync(TestActors.Viewer, draft.Id, 1, Cancellation), 403, "role_missing");
        Refused(await versions.ApproveAsync(TestActors.Key(Permissions.Write), draft.Id, 1, Cancellation), 403, "approval_by_person");
        Refused(await versions.ApproveAsync(TestActors.Editor, draft.Id, 7, Cancellation), 409, "edit_conflict");

        Assert.Equal("eve@example.com", Done(await versions.ApproveAsync(TestActors.Editor, draft.Id, 1, Cancellation)).Approval?.By);
        Done(await app.ActivateAsync(TestActors.Admin, draft.Id));

        // Neither a withdrawn approval nor a newer version makes a rollback wait.
        Done(await versions.WithdrawApprovalAsync(TestActors.Editor, draft.Id, Cancellation));
        var second = Done(await app.VersionAsync(TestActors.Admin, draft.Id));
        Refused(await app.RollBackAsync(TestActors.Admin, "approved", second.Version), 409, "approval_required");
        Done(await versions.ApproveAsync(TestActors.Editor, second.Id, 1, Cancellation));
        Done(await app.ActivateAsync(TestActors.Admin, second.Id));
        Assert.True(Done(await app.RollBackAsync(TestActors.Editor, "approved", 1)).IsActive);
    }

    [Fact]
    public async Task Activate_OfAnotherVersion_TakesTheFirstOutOfService()
    {
        var first = await app.PromptAsync("swap");
        Done(await app.ActivateAsync(TestActors.Editor, first.Id));
        var second = Done(await app.VersionAsync(TestActors.Editor, first.Id));
        Done(await app.ActivateAsync(TestActors.Editor, second.Id));

        // Two at once, or one that is no template, are not possible in the database and in the store.
        await using (var context = await app.OpenAsync())
            await Assert.ThrowsAsync<PostgresException>(() => context.Database.ExecuteSqlAsync($"UPDATE prompt_templates SET is_active = true WHERE id = {first.Id}", Cancellation));
        var broken = Done(await app.VersionAsync(TestActors.Editor, first.Id, "a\n{% if x %}"));
        var problem = Refused(await app.ActivateAsync(TestActors.Editor, broken.Id, force: true), 422, "template_error");
        Assert.NotNull(problem.Extensions["line"]);

        Assert.Equal((false, true), ((await app.FindAsync(first.Id)).IsActive, (await app.FindAsync(second.Id)).IsActive));
        Assert.Equal(1, Done(await app.RollBackAsync(TestActors.Editor, "swap", 1)).ActiveVersion);
        Refused(await app.RollBackAsync(TestActors.Editor, "swap", 9), 404, "version_not_found");
        Assert.Null(Done(await app.Get<ActivationCommands>().DeactivateAsync(TestActors.Editor, first.Id, Cancellation)).ActiveVersion);
        Assert.Equal(AuditAction.PromptRolledBack, (await app.AuditAsync("swap"))[^2]);
    }

    [Fact]
    public async Task Activate_OfAVersionThatAsksForMore_CountsWhoDidNotSendIt()
    {
        var old = await app.PromptAsync("contract", "{{ a }}", """{"required": ["a"], "optional": {"tone": {"default": "calm"}}}""");
        Done(await app.ActivateAsync(TestActors.Editor, old.Id));
        await app.ExecuteAsync(old.Id, """{"a": 1, "tone": "calm"}""");
        await app.ExecuteAsync(old.Id, """{"a": 1, "tone": "wild", "b": null}""");
        await app.ExecuteAsync(old.Id, """{"a": 1, "tone": "wild", "b": 2}""");
        await app.ExecuteAsync(old.Id, """{}""", TimeProvider.System.GetUtcNow().AddDays(-8));
        var next = Done(await app.VersionAsync(TestActors.Editor, old.Id, "{{ a }}{{ b }}{{ tone }}", """{"required": {"a": "integer", "b": "integer", "tone": "string", "c": {"default": 1}}}"""));

        var problem = Refused(await app.ActivateAsync(TestActors.Editor, next.Id), 409, "contract_mismatch");

        Assert.Equal(3, problem.Extensions["checked"]);
        Assert.Equal([("b", 2), ("tone", 1)],
            ((IReadOnlyList<Core.Prompts.MissingVariable>)problem.Extensions["missing"]!).Select(missing => (missing.Variable, missing.Executions)).OrderBy(missing => missing.Variable));
        Assert.Equal(1, (await app.FindAsync(old.Id)).ActiveVersion);
        var forced = Done(await app.ActivateAsync(TestActors.Editor, next.Id, force: true));
        Assert.Equal((3, 2), (forced.ContractCheck!.Checked, forced.ActiveVersion!.Value));
        Assert.Null(Done(await app.RollBackAsync(TestActors.Editor, "contract", 1)).ContractCheck);
        Refused(await app.RollBackAsync(TestActors.Editor, "contract", 2), 409, "contract_mismatch");
    }

    [Fact]
    public async Task EveryCommand_WithoutTheRight_IsRefusedAndRecorded()
    {
        var draft = await app.PromptAsync("viewed");
        foreach (var actor in (Actor[])[TestActors.Viewer, TestActors.Key(Permissions.Read | Permissions.Render | Permissions.Administer | Permissions.Promote)])
        {
            var code = actor.Kind == ActorKind.User ? "role_missing" : "scope_missing";
            Refused(await app.CreateAsync(actor, new NewPrompt { Name = "viewed_two", TemplateText = "x" }), 403, code);
            Refused(await app.EditAsync(actor, draft.Id, null, new PromptEdit { TemplateText = "x" }), 403, code);
            Refused(await app.VersionAsync(actor, draft.Id), 403, code);
            Refused(await app.ActivateAsync(actor, draft.Id), 403, code);
            Refused(await app.RollBackAsync(actor, "viewed", 1), 403, code);
            Refused(await app.LabelAsync(actor, "viewed", "staging", 1), 403, code);
            Refused(await app.Get<PromptCommands>().ArchiveAsync(actor, "viewed", Cancellation), 403, code);
        }
        Assert.Equal("role_missing", (await app.Get<LabelCommands>().ProtectAsync(TestActors.Editor, "staging", true, Cancellation)).Problem?.Code);
        Refused(await app.EditAsync(TestActors.Editor, draft.Id, null, new PromptEdit { IsProtected = true }), 403, "role_missing");
        Refused(await app.CreateAsync(TestActors.Editor, new NewPrompt { Name = "viewed_two", TemplateText = "x", RequiresApproval = true }), 403, "role_missing");
        await using var context = await app.OpenAsync();
        Assert.True(await context.AuditEntries.AnyAsync(entry => entry.Action == AuditAction.AccessRefused && entry.SubjectId!.StartsWith("archive prompt viewed"), Cancellation));
        Assert.Equal([AuditAction.PromptCreated], await app.AuditAsync("viewed"));
    }

    private static object? Member(object? value, string name) => value!.GetType().GetProperty(name)!.GetValue(value);
}
