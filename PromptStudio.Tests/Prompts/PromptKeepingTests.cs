using Microsoft.EntityFrameworkCore;
using PromptStudio.Core.Access;
using PromptStudio.Core.Executions;
using PromptStudio.Core.Prompts.Files;
using PromptStudio.Executions;
using PromptStudio.Prompts;
using PromptStudio.Rendering;
using PromptStudio.Tests.Studio;
using PromptStudio.Web;
using static PromptStudio.Tests.Prompts.LifecycleApp;

namespace PromptStudio.Tests.Prompts;

/// <summary>Names, labels, protection, archive, and what bound keys reach.</summary>
[Trait(Tier.Name, Tier.Database)]
public sealed class PromptKeepingTests(LifecycleApp app) : IClassFixture<LifecycleApp>
{
    private static readonly Actor Writer = TestActors.Key(Permissions.Read | Permissions.Write);
    private static readonly Actor Promoter = TestActors.Key(Permissions.Write | Permissions.Promote);

    [Fact]
    public async Task Rename_BeforeTheFirstExecution_TakesVersionsAndLabelsAlong()
    {
        var draft = await app.PromptAsync("rename_me");
        Done(await app.LabelAsync(TestActors.Editor, "rename_me", "staging", 1));
        await app.PromptAsync("rename_taken");

        Refused(await app.EditAsync(TestActors.Editor, draft.Id, null, new PromptEdit { Name = "rename_taken" }), 409, "prompt_exists");
        Refused(await app.EditAsync(TestActors.Editor, draft.Id, null, new PromptEdit { Name = "no spaces" }), 422, "invalid_prompt");
        Refused(await app.EditAsync(TestActors.Editor, draft.Id, null, new PromptEdit { Name = Guid.Empty.ToString() }), 422, "invalid_prompt");
        var renamed = Done(await app.EditAsync(TestActors.Editor, draft.Id, 1, new PromptEdit { Name = "renamed", Description = "d" }));

        Assert.Equal(("renamed", "d", 2), (renamed.Name, renamed.Description, renamed.Revision));
        Assert.Equal(["staging"], renamed.Labels);
        await app.ExecuteAsync(draft.Id, "{}");
        Refused(await app.EditAsync(TestActors.Admin, draft.Id, null, new PromptEdit { Name = "renamed_again" }), 409, "prompt_executed");
        Assert.Equal(["prompt.renamed"], (await app.AuditAsync("renamed")).Where(action => action.EndsWith("renamed", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Archive_OfAPrompt_TakesItOutOfServiceUntilItIsRestored()
    {
        var draft = await app.PromptAsync("archive_me");
        Done(await app.ActivateAsync(TestActors.Editor, draft.Id));
        var prompts = app.Get<PromptCommands>();

        var archived = Done(await prompts.ArchiveAsync(TestActors.Editor, "archive_me", Cancellation));

        Assert.Equal((false, true), (archived.IsActive, archived.ArchivedAt is not null));
        var problem = (await RenderAsync("archive_me", new RenderBody { Version = 1 })).Problem!;
        Assert.Equal((404, "prompt_not_found"), (problem.Status, problem.Code));
        Assert.Contains("archived", problem.Detail, StringComparison.Ordinal);
        Refused(await app.ActivateAsync(TestActors.Admin, draft.Id), 409, "prompt_archived");
        Refused(await app.VersionAsync(TestActors.Admin, draft.Id), 409, "prompt_archived");
        var store = app.Get<PromptStore>();
        Assert.Equal(0, (await store.ListAsync(new PromptQuery { Search = "archive_me" }, Cancellation)).Total);
        Assert.Equal(1, (await store.ListAsync(new PromptQuery { Search = "archive_me", Status = PromptStatus.Archived }, Cancellation)).Total);

        Assert.Null(Done(await prompts.RestoreAsync(TestActors.Editor, "archive_me", Cancellation)).ActiveVersion);
        Assert.Equal("version_not_found", (await RenderAsync("archive_me", new RenderBody())).Problem?.Code);
        Assert.NotNull((await RenderAsync("archive_me", new RenderBody { Version = 1 })).Value);
        Assert.Equal(1, (await store.ListAsync(new PromptQuery { Search = "archive_me", Status = PromptStatus.Inactive }, Cancellation)).Total);
    }

    [Fact]
    public async Task Protection_OfALabel_HoldsForKeysThatMayOnlyWrite()
    {
        await app.PromptAsync("guarded");
        var labels = app.Get<LabelCommands>();
        Done(await app.LabelAsync(Writer, "guarded", "golden", 1));
        Done(await app.VersionAsync(Writer, (await app.PromptAsync("guarded_too")).Id));
        Assert.True((await labels.ProtectAsync(TestActors.Admin, "golden", true, Cancellation)).Value!.IsProtected);

        Refused(await app.LabelAsync(Writer, "guarded_too", "golden", 1), 403, "promotion_not_allowed");
        Refused(await labels.RemoveAsync(Writer, "guarded", "golden", Cancellation), 403, "promotion_not_allowed");
        Refused(await app.LabelAsync(TestActors.Editor, "guarded_too", "golden", 1), 403, "promotion_not_allowed");
        Done(await app.LabelAsync(Promoter, "guarded_too", "golden", 2));
        Assert.Equal(["golden"], Done(await labels.RemoveAsync(Promoter, "guarded_too", "golden", Cancellation)) is { Labels.Count: 0 } ? ["golden"] : (string[])[]);
        Refused(await labels.RemoveAsync(Promoter, "guarded_too", "golden", Cancellation), 404, "label_not_found");
        await labels.ProtectAsync(TestActors.Admin, "golden", false, Cancellation);
        Done(await app.LabelAsync(Writer, "guarded_too", "golden", 1));
    }

    [Fact]
    public async Task Protection_OfAPrompt_HoldsForKeysThatMayOnlyWrite()
    {
        var draft = await app.PromptAsync("fortress", isProtected: true);
        var prompts = app.Get<PromptCommands>();
        Refused(await app.ActivateAsync(Writer, draft.Id), 403, "promotion_not_allowed");
        Refused(await app.RollBackAsync(Writer, "fortress", 1), 403, "promotion_not_allowed");
        Refused(await prompts.ArchiveAsync(Writer, "fortress", Cancellation), 403, "promotion_not_allowed");
        Refused(await app.EditAsync(Writer, draft.Id, null, new PromptEdit { Name = "fortress_two" }), 403, "promotion_not_allowed");
        Done(await app.ActivateAsync(Promoter, draft.Id));
        Refused(await app.Get<ActivationCommands>().DeactivateAsync(Writer, draft.Id, Cancellation), 403, "promotion_not_allowed");
        Done(await app.VersionAsync(Writer, draft.Id));
    }

    [Fact]
    public async Task Protection_OfProduction_HoldsForEveryActivation()
    {
        var labels = app.Get<LabelCommands>();
        var draft = await app.PromptAsync("production_guarded");
        Refused(await app.LabelAsync(Promoter, "production_guarded", "production", 1), 422, "label_reserved");
        await labels.ProtectAsync(TestActors.Admin, "production", true, Cancellation);
        try
        {
            Refused(await app.ActivateAsync(Writer, draft.Id), 403, "promotion_not_allowed");
            Refused(await app.ActivateAsync(TestActors.Editor, draft.Id), 403, "promotion_not_allowed");
            Done(await app.ActivateAsync(Promoter, draft.Id));
            Refused(await app.Get<PromptCommands>().ArchiveAsync(Writer, "production_guarded", Cancellation), 403, "promotion_not_allowed");
        }
        finally
        {
            await labels.ProtectAsync(TestActors.Admin, "production", false, Cancellation);
        }
    }

    [Fact]
    public async Task Protection_OfALabel_HoldsWhenTheWholePromptMoves()
    {
        var draft = await app.PromptAsync("guarded_whole");
        Done(await app.LabelAsync(TestActors.Admin, "guarded_whole", "whole", 1));
        Done(await app.ActivateAsync(TestActors.Admin, draft.Id));
        var labels = app.Get<LabelCommands>();
        var prompts = app.Get<PromptCommands>();
        await labels.ProtectAsync(TestActors.Admin, "whole", true, Cancellation);

        Refused(await prompts.ArchiveAsync(Writer, "guarded_whole", Cancellation), 403, "promotion_not_allowed");
        Refused(await app.EditAsync(Writer, draft.Id, null, new PromptEdit { Name = "guarded_elsewhere" }), 403, "promotion_not_allowed");
        Done(await prompts.ArchiveAsync(Promoter, "guarded_whole", Cancellation));
        Refused(await prompts.RestoreAsync(Writer, "guarded_whole", Cancellation), 403, "promotion_not_allowed");
        Done(await prompts.RestoreAsync(Promoter, "guarded_whole", Cancellation));
        Done(await app.EditAsync(Promoter, draft.Id, null, new PromptEdit { Name = "guarded_elsewhere" }));
    }

    [Fact]
    public async Task ABoundKey_SeesAndChangesOnlyItsPrompts()
    {
        var mine = await app.PromptAsync("bound_mine", category: "mine");
        var byCategory = await app.PromptAsync("bound_category", category: "shared");
        var other = await app.PromptAsync("bound_other", "secret", category: "other");
        foreach (var prompt in (PromptDetail[])[mine, byCategory, other])
            Done(await app.ActivateAsync(TestActors.Editor, prompt.Id));
        var key = TestActors.Key(Permissions.Render | Permissions.Read | Permissions.Write, ["bound_mine"], ["shared"]);
        var store = app.Get<PromptStore>();

        var list = await store.PageAsync(key, new PromptQuery { Sort = "name" }, new PageRequest(1, 50, "name", false), Cancellation);
        Assert.Equal(["bound_category", "bound_mine"], list.Items.Select(row => row.Name));
        Assert.Equal(2, (await app.Get<LabelStore>().ListAsync(key, new PageRequest(1, 50, "label", false), Cancellation)).Items.Single(label => label.Label == "production").Prompts);
        Refused(await store.FindAsync(key, other.Id, Cancellation), 403, "prompt_not_allowed");
        Assert.Equal(403, (await store.VersionsAsync(key, other.Id, new PageRequest(1, 50, "version", true), Cancellation)).Problem?.Status);
        Assert.Equal(403, (await store.CompareAsync(key, mine.Id, other.Id.ToString(), Cancellation)).Problem?.Status);
        Assert.Equal(403, (await app.Get<LabelStore>().OfPromptAsync(key, "bound_other", Cancellation)).Problem?.Status);
        Refused(await app.EditAsync(key, other.Id, null, new PromptEdit { Description = "x" }), 403, "prompt_not_allowed");
        Refused(await app.EditAsync(key, byCategory.Id, null, new PromptEdit { Category = "other" }), 403, "prompt_not_allowed");
        Refused(await app.CreateAsync(key, new NewPrompt { Name = "bound_new", TemplateText = "x" }), 403, "prompt_not_allowed");
        Done(await app.CreateAsync(key, new NewPrompt { Name = "bound_new", TemplateText = "x", Category = "shared" }));
        Done(await app.VersionAsync(key, mine.Id));

        var preview = await app.Get<PromptPreview>().RenderAsync(key, new PreviewBody { TemplateText = "{% include 'bound_mine' %}{% include 'bound_other' ignore missing %}" }, Cancellation);
        Assert.Equal("Hello", preview.Value?.RenderedPrompt);
        var refused = (await app.Get<PromptRenderer>().RenderAsync(key, "bound_other", new RenderBody(), Cancellation)).Problem;
        Assert.Equal((403, "prompt_not_allowed"), (refused?.Status, refused?.Code));
        Assert.NotNull((await app.Get<PromptRenderer>().RenderAsync(key, "bound_category", new RenderBody(), Cancellation)).Value);
    }

    [Theory]
    [InlineData("{% include 'reach_other' %}")]
    [InlineData("{% include 'reach_other@1' %}")]
    [InlineData("{% include 'reach_not_yet' %}")]
    [InlineData("{% include which %}")]
    public async Task ABoundKey_CannotWriteWhatIncludesOtherPrompts(string text)
    {
        var name = $"reach_{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}";
        var mine = await app.PromptAsync(name);
        if ((await app.CreateAsync(TestActors.Editor, new NewPrompt { Name = "reach_other", TemplateText = "secret" })).Value is { } other)
            Done(await app.ActivateAsync(TestActors.Editor, other.Id));
        var key = TestActors.Key(Permissions.Render | Permissions.Read | Permissions.Write, [name], ["reach"]);

        Refused(await app.EditAsync(key, mine.Id, null, new PromptEdit { TemplateText = text }), 403, "prompt_not_allowed");
        Refused(await app.VersionAsync(key, mine.Id, text), 403, "prompt_not_allowed");
        Refused(await app.CreateAsync(key, new NewPrompt { Name = $"{name}_2", TemplateText = text, Category = "reach" }), 403, "prompt_not_allowed");
        var import = (await app.Get<PromptImport>().RunAsync(key, [new PromptFile($"{name}/v2.jinja", $"---\n---\n{text}\n")], apply: true, force: true, null, Cancellation)).Problem;
        Assert.Equal("import_refused", import?.Code);
        // What somebody else has let the prompt include, the key may keep.
        var allowed = Done(await app.VersionAsync(TestActors.Editor, mine.Id, text));
        Done(await app.EditAsync(key, allowed.Id, null, new PromptEdit { TemplateText = text + "!" }));
        Done(await app.VersionAsync(key, mine.Id, $"{{% include '{name}' ignore missing %}}"));
    }

    [Fact]
    public async Task Execution_OfADraft_FreezesItAndADryRunDoesNot()
    {
        var draft = await app.PromptAsync("draft_run", "one");
        Assert.NotNull((await RenderAsync("draft_run", new RenderBody { Version = 1, DryRun = true })).Value);
        Assert.Null((await app.FindAsync(draft.Id)).FrozenAt);

        Assert.NotNull((await RenderAsync("draft_run", new RenderBody { Version = 1, RequestId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()) })).Value);

        Assert.NotNull((await app.FindAsync(draft.Id)).FrozenAt);
    }

    [Fact]
    public async Task Execution_OfADraftThatIsEditedMeanwhile_StoresNothing()
    {
        var draft = await app.PromptAsync("draft_race", "one");
        Done(await app.EditAsync(TestActors.Editor, draft.Id, 1, new PromptEdit { TemplateText = "two" }));
        var now = TimeProvider.System.GetUtcNow();
        foreach (var requestId in (Guid?[])[null, Guid.CreateVersion7(now)])
        {
            var id = Guid.CreateVersion7(now);
            var stale = new PromptExecution
            {
                Id = id,
                PromptTemplateId = draft.Id,
                Variables = "{}",
                RenderedPrompt = "one",
                Status = ExecutionStatus.Success,
                CreatedAt = ExecutionId.Instant(id)!.Value,
                RequestId = requestId,
                DraftRevision = 1,
            };
            var store = app.Get<ExecutionStore>();
            if (requestId is null)
                Assert.False(await store.AddAsync(stale, Cancellation));
            else
                Assert.Equal((false, null), await store.AddOnceAsync(stale, new byte[32], Cancellation));
        }

        Assert.Null((await app.FindAsync(draft.Id)).FrozenAt);
        await using var context = await app.OpenAsync();
        Assert.False(await context.PromptExecutions.AnyAsync(execution => execution.PromptTemplateId == draft.Id, Cancellation));
        Assert.False(await context.ExecutionRequests.AnyAsync(request => request.RequestHash == new byte[32], Cancellation));
    }

    /// <summary>Whatever an execution says it rendered is the text that its version has for ever.</summary>
    [Fact]
    public async Task Executions_AndEditsOfADraftAtOnce_NeverDisagree()
    {
        for (var round = 0; round < 8; round++)
        {
            var draft = await app.PromptAsync($"draft_storm_{round}", "text 0");
            var edits = Task.WhenAll(Enumerable.Range(1, 4).Select(n => app.EditAsync(TestActors.Editor, draft.Id, null, new PromptEdit { TemplateText = $"text {n}" })));
            var renders = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => RenderAsync(draft.Name, new RenderBody { Version = 1 })));
            Assert.All(await edits, answer => Assert.True(answer.Value is not null || answer.Problem?.Code == "version_frozen"));
            var texts = (await renders).Where(answer => answer.Value is not null).Select(answer => answer.Value!.Text).ToList();
            Assert.All(await renders, answer => Assert.True(answer.Value is not null || answer.Problem?.Code == "draft_changed"));
            if (texts.Count > 0)
                Assert.Equal([(await app.FindAsync(draft.Id)).TemplateText], texts.Distinct());
        }
    }

    private Task<Answer<RenderedPrompt>> RenderAsync(string name, RenderBody body) =>
        app.Get<PromptRenderer>().RenderAsync(TestActors.Key(Permissions.Render), name, body, Cancellation);
}
