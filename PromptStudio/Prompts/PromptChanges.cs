using Microsoft.EntityFrameworkCore;
using PromptStudio.Access;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Core.Prompts;
using PromptStudio.Database;
using PromptStudio.Web;

namespace PromptStudio.Prompts;

/// <summary>
/// How every change of a prompt goes: the actor's rights, the prompt's row as the lock, the change, its audit entries, the commit. What fails
/// on the way leaves nothing behind, but a refusal.
/// </summary>
public sealed class PromptChanges(IDbContextFactory<StudioDbContext> contexts, AuditLog audit, Refusals refusals, TimeProvider clock)
{
    /// <summary>A prompt may be renamed while a change waits for it.</summary>
    private const int MostLookups = 5;

    /// <summary>Changes the prompt of a version.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="what">What they do, for the log of refusals.</param>
    /// <param name="id">The version.</param>
    /// <param name="work">Changes it; returns the version that the answer shows.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<Answer<PromptDetail>> OfVersionAsync(
        Actor actor, string what, Guid id, Func<PromptChange, PromptTemplate, Task<Answer<PromptTemplate>>> work, CancellationToken cancellationToken) =>
        RunAsync(actor, what, id.ToString(), async change =>
        {
            for (var lookup = 0; lookup < MostLookups; lookup++)
            {
                var name = await change.Context.PromptTemplates.Where(version => version.Id == id).Select(version => version.Name).SingleOrDefaultAsync(cancellationToken);
                if (name is null)
                    break;
                if (await change.LockAsync(name, cancellationToken))
                    return OutOfReach(change) ?? await work(change, await change.LockVersionAsync(id, cancellationToken));
            }
            return PromptProblem.NoVersion(id);
        }, cancellationToken);

    /// <summary>Changes a prompt.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="what">What they do, for the log of refusals.</param>
    /// <param name="name">The prompt.</param>
    /// <param name="work">Changes it; returns the version that the answer shows.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<Answer<PromptDetail>> OfPromptAsync(
        Actor actor, string what, string name, Func<PromptChange, Task<Answer<PromptTemplate>>> work, CancellationToken cancellationToken) =>
        RunAsync(actor, what, name, async change =>
            StorableJson.Problem(name) is null && await change.LockAsync(name, cancellationToken)
                ? OutOfReach(change) ?? await work(change)
                : PromptProblem.NotFound(name), cancellationToken);

    /// <summary>Changes what has no prompt yet.</summary>
    public Task<Answer<PromptDetail>> OfNoneAsync(
        Actor actor, string what, string name, Func<PromptChange, Task<Answer<PromptTemplate>>> work, CancellationToken cancellationToken) =>
        RunAsync(actor, what, name, work, cancellationToken);

    private static Answer<PromptTemplate>? OutOfReach(PromptChange change) =>
        change.Actor.Reaches(change.Prompt.Name, change.Category) ? default(Answer<PromptTemplate>?) : AccessProblem.OutOfReach(change.Prompt.Name);

    private async Task<Answer<PromptDetail>> RunAsync(
        Actor actor, string what, string subject, Func<PromptChange, Task<Answer<PromptTemplate>>> work, CancellationToken cancellationToken)
    {
        var refused = AccessProblem.Missing(actor, Permissions.Write);
        if (actor.May(Permissions.Write))
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
            var change = new PromptChange(context, actor, clock);
            var answer = await work(change);
            if (answer.Value is { } version)
            {
                await context.SaveChangesAsync(cancellationToken);
                var detail = (await PromptDetail.ReadAsync(context, version.Id, cancellationToken))! with { ContractCheck = change.Overridden };
                foreach (var entry in change.Events)
                    await audit.AppendAsync(context, actor, entry, cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return detail;
            }
            if (answer.Problem is not { Status: 403 } forbidden)
                return answer.Problem!;
            refused = forbidden;
        }
        return await refusals.RecordAsync(actor, $"{what} {subject}", refused, cancellationToken);
    }
}

/// <summary>A change under way: the transaction's context, and the prompt that it has locked.</summary>
public sealed class PromptChange(StudioDbContext context, Actor actor, TimeProvider clock)
{
    private const int ActorNameMaxLength = 255;

    private readonly List<AuditEvent> _events = [];
    private Prompt? _prompt;

    public StudioDbContext Context => context;
    public Actor Actor => actor;

    /// <summary>The instant of the whole change: when its turn came, so that later changes of a prompt have later instants.</summary>
    public DateTimeOffset Now { get; private set; } = clock.GetUtcNow();

    /// <summary>Locked until the transaction ends.</summary>
    public Prompt Prompt => _prompt ?? throw new InvalidOperationException("No prompt is locked.");

    /// <summary>The prompt's category, which its versions share.</summary>
    public string? Category { get; private set; }

    /// <summary>What the columns for people's names take of the actor's.</summary>
    public string Who => actor.Name.Length <= ActorNameMaxLength ? actor.Name : actor.Name[..ActorNameMaxLength];

    /// <summary>What the rules need to know.</summary>
    public PromptFacts Facts => new(Prompt.Name, Prompt.IsProtected, Prompt.RequiresApproval, Prompt.ArchivedAt is not null);

    /// <summary>The contract check that the actor overrode.</summary>
    public ContractCheck? Overridden { get; set; }

    /// <summary>What the audit log will say.</summary>
    public IReadOnlyList<AuditEvent> Events => _events;

    /// <summary>What the rules need to know of a version.</summary>
    public static VersionFacts FactsOf(PromptTemplate version) =>
        new(version.Version, version.FrozenAt is not null, version.ActivatedAt is not null, version.ApprovedAt is not null, version.AuthorIds);

    /// <summary>Says what was done; written as the last thing of the transaction.</summary>
    public void Record(string action, object? before, object? after) => Record(new AuditEvent(action, "prompt", Prompt.Name, before, after));

    /// <summary>As the other one, about something that belongs to the prompt.</summary>
    public void Record(AuditEvent done) => _events.Add(done);

    /// <summary>Locks a prompt's row: changes of one prompt happen one after the other.</summary>
    /// <returns>False when there is none of this name.</returns>
    public async Task<bool> LockAsync(string name, CancellationToken cancellationToken)
    {
        _prompt = await context.Prompts.FromSql($"SELECT * FROM prompts WHERE name = {name} FOR UPDATE").SingleOrDefaultAsync(cancellationToken);
        Now = clock.GetUtcNow();
        if (_prompt is not null)
            Category = (await ShownAsync(cancellationToken))?.Category;
        return _prompt is not null;
    }

    /// <summary>Begins again under another name, after a rename.</summary>
    public async Task RelockAsync(string name, CancellationToken cancellationToken)
    {
        context.ChangeTracker.Clear();
        await LockAsync(name, cancellationToken);
    }

    /// <summary>Takes a new prompt, which nobody else can see yet.</summary>
    public void Take(Prompt prompt, string? category) => (_prompt, Category) = (prompt, category);

    /// <summary>A version by its number, to be changed; null when there is none.</summary>
    public Task<PromptTemplate?> FindAsync(int version, CancellationToken cancellationToken) =>
        context.PromptTemplates.FromSql($"SELECT * FROM prompt_templates WHERE name = {Prompt.Name} AND version = {version} FOR NO KEY UPDATE").SingleOrDefaultAsync(cancellationToken);

    /// <summary>A version of the prompt, to be changed. Locked too: an execution freezes a draft without asking for the prompt.</summary>
    public Task<PromptTemplate> LockVersionAsync(Guid id, CancellationToken cancellationToken) =>
        context.PromptTemplates.FromSql($"SELECT * FROM prompt_templates WHERE id = {id} FOR NO KEY UPDATE").SingleAsync(cancellationToken);

    /// <summary>The version that speaks for the prompt: the active one, else the newest. Not to be changed.</summary>
    public Task<PromptTemplate?> ShownAsync(CancellationToken cancellationToken) =>
        context.PromptTemplates.AsNoTracking().Where(version => version.Name == Prompt.Name)
            .OrderByDescending(version => version.IsActive).ThenByDescending(version => version.Version).FirstOrDefaultAsync(cancellationToken);

    /// <summary>Whether a label is protected.</summary>
    public Task<bool> IsProtectedAsync(string label, CancellationToken cancellationToken) =>
        context.ProtectedLabels.AnyAsync(protectedLabel => protectedLabel.Label == label, cancellationToken);

    /// <summary>Those of the prompt's labels that are protected; <c>production</c> is one of its labels while a version is active.</summary>
    public Task<List<string>> ProtectedLabelsAsync(CancellationToken cancellationToken) =>
        context.ProtectedLabels.Select(protectedLabel => protectedLabel.Label)
            .Where(label => context.PromptLabels.Any(pointer => pointer.PromptName == Prompt.Name && pointer.Label == label)
                || (label == LabelName.Production && context.PromptTemplates.Any(version => version.Name == Prompt.Name && version.IsActive)))
            .ToListAsync(cancellationToken);
}
