using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PromptStudio.Core.Access;
using PromptStudio.Core.Audit;
using PromptStudio.Core.Executions;
using PromptStudio.Executions;
using PromptStudio.Prompts;
using PromptStudio.Tests.Studio;
using PromptStudio.Web;

namespace PromptStudio.Tests.Prompts;

/// <summary>The app with shorthands for the commands about prompts.</summary>
public sealed class LifecycleApp(PostgresServer server) : StudioApp(server)
{
    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public T Get<T>()
        where T : notnull => Services.GetRequiredService<T>();

    public Task<Answer<PromptDetail>> CreateAsync(Actor actor, NewPrompt prompt) => Get<PromptCommands>().CreateAsync(actor, prompt, Cancellation);

    /// <summary>A prompt with version 1, a draft.</summary>
    public async Task<PromptDetail> PromptAsync(string name, string text = "Hello", string? variables = null, string? category = null, bool isProtected = false, bool requiresApproval = false) =>
        Done(await CreateAsync(isProtected || requiresApproval ? TestActors.Admin : TestActors.Editor, new NewPrompt
        {
            Name = name,
            TemplateText = text,
            TemplateVariables = variables is null ? default : JsonElement.Parse(variables),
            Category = category,
            IsProtected = isProtected,
            RequiresApproval = requiresApproval,
        }));

    public Task<Answer<PromptDetail>> VersionAsync(Actor actor, Guid from, string? text = null, string? variables = null) =>
        Get<VersionCommands>().CreateAsync(actor, from, new NewVersion { TemplateText = text, TemplateVariables = variables is null ? default : JsonElement.Parse(variables) }, Cancellation);

    public Task<Answer<PromptDetail>> EditAsync(Actor actor, Guid id, int? revision, PromptEdit edit) => Get<EditCommand>().RunAsync(actor, id, revision, edit, Cancellation);

    public Task<Answer<PromptDetail>> ActivateAsync(Actor actor, Guid id, bool force = false) => Get<ActivationCommands>().ActivateAsync(actor, id, force, Cancellation);

    public Task<Answer<PromptDetail>> RollBackAsync(Actor actor, string name, int version, bool force = false) =>
        Get<ActivationCommands>().RollBackAsync(actor, name, version, force, Cancellation);

    public Task<Answer<PromptDetail>> LabelAsync(Actor actor, string name, string label, int version) => Get<LabelCommands>().MoveAsync(actor, name, label, version, Cancellation);

    public async Task<PromptDetail> FindAsync(Guid id) => Done(await Get<PromptStore>().FindAsync(TestActors.Admin, id, Cancellation));

    public async Task ExecuteAsync(Guid template, string variables, DateTimeOffset? at = null)
    {
        var id = Guid.CreateVersion7(at ?? TimeProvider.System.GetUtcNow());
        await Get<ExecutionStore>().AddAsync(new PromptExecution
        {
            Id = id,
            PromptTemplateId = template,
            Variables = variables,
            RenderedPrompt = "",
            Status = ExecutionStatus.Success,
            CreatedAt = ExecutionId.Instant(id)!.Value,
        }, Cancellation);
    }

    /// <summary>The actions that the audit log has of a prompt, in order; its chain is checked on the way.</summary>
    public async Task<IReadOnlyList<string>> AuditAsync(string name)
    {
        await using var context = await OpenAsync();
        var entries = await context.AuditEntries.AsNoTracking().OrderBy(entry => entry.Sequence).ToListAsync(Cancellation);
        var previous = AuditChain.Start.ToArray();
        for (var n = 0; n < entries.Count; n++)
        {
            Assert.Equal(n + 1, entries[n].Sequence);
            Assert.Equal(previous, entries[n].PreviousHash);
            Assert.Equal(AuditChain.Hash(entries[n].ToRecord(), previous), entries[n].Hash);
            previous = entries[n].Hash;
        }
        return [.. entries.Where(entry => entry.SubjectKind == "prompt" && entry.SubjectId == name).Select(entry => entry.Action)];
    }

    public static PromptDetail Done(Answer<PromptDetail> answer)
    {
        Assert.Null(answer.Problem);
        return answer.Value!;
    }

    public static Problem Refused(Answer<PromptDetail> answer, int status, string code)
    {
        Assert.NotNull(answer.Problem);
        Assert.Equal((status, code), (answer.Problem.Status, answer.Problem.Code));
        return answer.Problem;
    }
}
