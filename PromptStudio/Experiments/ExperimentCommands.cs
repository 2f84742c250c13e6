using Microsoft.EntityFrameworkCore;
using Npgsql;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Core.Experiments;
using PromptStudio.Core.Prompts;
using PromptStudio.Database;
using PromptStudio.Prompts;
using PromptStudio.Web;

namespace PromptStudio.Experiments;

/// <summary>Everything that changes an experiment, but its decision. Each is a change of its prompt, and queues with the prompt's other changes.</summary>
public sealed class ExperimentCommands(
    IDbContextFactory<StudioDbContext> contexts, PromptChanges changes, ExperimentStore experiments, ExperimentCatalogue catalogue)
{
    /// <summary>Experiments that a prompt may have.</summary>
    public const int MostOfPrompt = 1_000;

    /// <summary>Makes an experiment, as a draft.</summary>
    /// <returns>Or 403, 404 <c>version_not_found</c>, 409 <c>experiment_exists</c>, <c>too_many_experiments</c> or <c>prompt_archived</c>, 422 <c>invalid_experiment</c>.</returns>
    public async Task<Answer<ExperimentView>> CreateAsync(Actor actor, NewExperiment wanted, CancellationToken cancellationToken)
    {
        var id = Guid.Empty;
        var answer = await changes.OfVersionAsync(actor, "make an experiment with version", wanted.ControlTemplateId, async (change, control) =>
        {
            var now = change.Now;
            var row = new AbTestExperiment
            {
                Id = id = Guid.CreateVersion7(now),
                Name = wanted.Name,
                PromptName = change.Prompt.Name,
                ControlTemplateId = control.Id,
                VariantTemplateIds = [],
                TrafficAllocation = "{}",
                PrimaryMetric = wanted.PrimaryMetric,
                Status = ExperimentStatus.Draft,
                InclusionSalt = Salt(),
                CreatedBy = change.Who,
                CreatedAt = now,
                UpdatedBy = change.Who,
                UpdatedAt = now,
            };
            if (PromptLifecycle.Change(change.Facts) is { } archived)
                return PromptProblem.Of(archived);
            if (await change.Context.AbTestExperiments.CountAsync(one => one.PromptName == change.Prompt.Name, cancellationToken) >= MostOfPrompt)
                return new Problem(409, "too_many_experiments", $"A prompt keeps {MostOfPrompt} experiments.");
            if (ExperimentInput.Apply(row, ExperimentEdit.Of(wanted), now) is { } invalid)
                return invalid;
            if (await DesignAsync(change, row, ExperimentEdit.Of(wanted), cancellationToken) is { } impossible)
                return impossible;
            change.Context.AbTestExperiments.Add(row);
            change.Record(new AuditEvent(AuditAction.ExperimentCreated, ExperimentAudit.Subject, row.Id.ToString(), After: ExperimentAudit.Of(row)));
            return await SaveAsync(change, row, cancellationToken) is { } problem ? problem : control;
        }, cancellationToken);
        return answer.Problem ?? await experiments.FindAsync(actor, id, cancellationToken);
    }

    /// <summary>Changes an experiment. Of one that has started, a new split begins a new phase.</summary>
    /// <param name="actor">Who changes it.</param>
    /// <param name="id">Which one.</param>
    /// <param name="revision">What the actor saw; null: any.</param>
    /// <param name="edit">What is to change.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Or 403, 404, 409 <c>edit_conflict</c>, <c>experiment_exists</c>, <c>illegal_move</c> or <c>winner_already_declared</c>, 422 <c>invalid_experiment</c>.</returns>
    public Task<Answer<ExperimentView>> ChangeAsync(Actor actor, Guid id, int? revision, ExperimentEdit edit, CancellationToken cancellationToken) =>
        ChangeAsync(actor, "change experiment", id, async (change, row) =>
        {
            if (revision is { } seen && seen != row.Revision)
                return ExperimentProblem.Conflict(ExperimentView.Of(row, await ExperimentStore.VersionsAsync(change.Context, [row], cancellationToken)), edit);
            var move = edit.ChangesDesign ? ExperimentMove.Edit : edit.TrafficAllocation is not null ? ExperimentMove.Reweigh : ExperimentMove.Adjust;
            if (ExperimentState.Check(row.Name, row.Status, move) is { } illegal)
                return ExperimentProblem.Illegal(illegal, row.Status);
            var before = ExperimentAudit.Of(row);
            if (ExperimentInput.Apply(row, edit, change.Now) is { } invalid)
                return invalid;
            var split = row.TrafficAllocation;
            if (await DesignAsync(change, row, edit, cancellationToken) is { } impossible)
                return impossible;
            if (SameSplit(split, row))
                row.TrafficAllocation = split;
            if (!change.Context.ChangeTracker.HasChanges())
                return null;
            if (row.Phase > 0 && row.TrafficAllocation != split)
                await NextPhaseAsync(change, row, cancellationToken);
            Touch(change, row);
            change.Record(new AuditEvent(AuditAction.ExperimentChanged, ExperimentAudit.Subject, id.ToString(), before, ExperimentAudit.Of(row)));
            return null;
        }, cancellationToken);

    /// <summary>From now on the experiment decides which version callers get.</summary>
    /// <param name="actor">Who starts it: who may decide which version is active.</param>
    /// <param name="id">Which one.</param>
    /// <param name="force">Although callers did not send what a version requires.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Or 403, 404, 409 <c>illegal_move</c>, <c>experiment_running</c>, <c>approval_required</c> or <c>contract_mismatch</c>, 422 <c>template_error</c> or <c>invalid_experiment</c>.</returns>
    public Task<Answer<ExperimentView>> StartAsync(Actor actor, Guid id, bool force, CancellationToken cancellationToken) =>
        MoveAsync(actor, id, ExperimentMove.Start, AuditAction.ExperimentStarted, async (change, row) =>
        {
            if (row.PlannedEnd <= change.Now)
                return ExperimentProblem.Invalid("planned_end", "'planned_end' is over. Choose a later one, then start.");
            if (await FitsAsync(change, row, force, cancellationToken) is { } unfit)
                return unfit;
            row.StartedAt = change.Now;
            await NextPhaseAsync(change, row, cancellationToken);
            return null;
        }, cancellationToken);

    /// <summary>Callers get the active version until it is resumed.</summary>
    public Task<Answer<ExperimentView>> PauseAsync(Actor actor, Guid id, CancellationToken cancellationToken) =>
        MoveAsync(actor, id, ExperimentMove.Pause, AuditAction.ExperimentPaused, (_, _) => Task.FromResult<Problem?>(null), cancellationToken);

    /// <summary>Goes on where it was paused: the same split, the same groups.</summary>
    public Task<Answer<ExperimentView>> ResumeAsync(Actor actor, Guid id, CancellationToken cancellationToken) =>
        MoveAsync(actor, id, ExperimentMove.Resume, AuditAction.ExperimentResumed, (change, row) => FitsAsync(change, row, force: true, cancellationToken), cancellationToken);

    /// <summary>Ends it without a decision. Outcomes that come late are still counted.</summary>
    public Task<Answer<ExperimentView>> CompleteAsync(Actor actor, Guid id, CancellationToken cancellationToken) =>
        MoveAsync(actor, id, ExperimentMove.Complete, AuditAction.ExperimentCompleted, async (change, row) =>
        {
            await EndAsync(change, row, cancellationToken);
            return null;
        }, cancellationToken);

    /// <summary>Ends the current phase, and with it the experiment.</summary>
    internal static async Task EndAsync(PromptChange change, AbTestExperiment row, CancellationToken cancellationToken)
    {
        row.EndedAt ??= change.Now;
        if (await change.Context.ExperimentPhases.SingleOrDefaultAsync(phase => phase.ExperimentId == row.Id && phase.Number == row.Phase, cancellationToken) is { } phase)
            phase.EndedAt ??= change.Now;
    }

    /// <summary>One more change of a row.</summary>
    internal static void Touch(PromptChange change, AbTestExperiment row)
    {
        row.Revision++;
        (row.UpdatedAt, row.UpdatedBy) = (change.Now, change.Who);
    }

    /// <summary>Changes an experiment, with its prompt and its row locked.</summary>
    internal async Task<Answer<ExperimentView>> ChangeAsync(
        Actor actor, string what, Guid id, Func<PromptChange, AbTestExperiment, Task<Problem?>> work, CancellationToken cancellationToken)
    {
        string? prompt;
        await using (var context = await contexts.CreateDbContextAsync(cancellationToken))
            prompt = await context.AbTestExperiments.Where(row => row.Id == id).Select(row => row.PromptName).SingleOrDefaultAsync(cancellationToken);
        if (prompt is null)
            return ExperimentProblem.NotFound(id);
        var answer = await changes.OfPromptAsync(actor, $"{what} {id} on prompt", prompt, async change =>
        {
            var row = await change.Context.AbTestExperiments.FromSql($"SELECT * FROM ab_test_experiments WHERE id = {id} FOR NO KEY UPDATE").SingleAsync(cancellationToken);
            if (await work(change, row) is { } problem)
                return problem;
            return await SaveAsync(change, row, cancellationToken) is { } refused
                ? refused
                : await change.Context.PromptTemplates.AsNoTracking().SingleAsync(version => version.Id == row.ControlTemplateId, cancellationToken);
        }, cancellationToken);
        if (answer.Problem is { } failed)
            return failed;
        await catalogue.FollowAsync(cancellationToken);
        return await experiments.FindAsync(actor, id, cancellationToken);
    }

    private Task<Answer<ExperimentView>> MoveAsync(
        Actor actor, Guid id, ExperimentMove move, string action, Func<PromptChange, AbTestExperiment, Task<Problem?>> work, CancellationToken cancellationToken) =>
        ChangeAsync(actor, action, id, async (change, row) =>
        {
            if (ExperimentState.Check(row.Name, row.Status, move) is { } illegal)
                return ExperimentProblem.Illegal(illegal, row.Status);
            if (await ServingAsync(change, cancellationToken) is { } forbidden)
                return forbidden;
            var before = ExperimentAudit.Of(row);
            if (await work(change, row) is { } problem)
                return problem;
            row.Status = ExperimentState.After(row.Status, move);
            Touch(change, row);
            change.Record(new AuditEvent(action, ExperimentAudit.Subject, id.ToString(), before, ExperimentAudit.Of(row)));
            return null;
        }, cancellationToken);

    /// <summary>An experiment that starts or stops decides what callers get, as an activation does.</summary>
    private static async Task<Problem?> ServingAsync(PromptChange change, CancellationToken cancellationToken) =>
        PromptLifecycle.MoveProduction(change.Facts, await change.IsProtectedAsync(LabelName.Production, cancellationToken), change.Actor) is { } obstacle ? PromptProblem.Of(obstacle) : null;

    /// <summary>Every version could be activated as well: approved where that is asked for, without errors, and callers send what it requires. From now on none of them changes.</summary>
    private static async Task<Problem?> FitsAsync(PromptChange change, AbTestExperiment row, bool force, CancellationToken cancellationToken)
    {
        var other = await change.Context.AbTestExperiments.Where(one => one.PromptName == row.PromptName && one.Id != row.Id && one.Status == ExperimentStatus.Running)
            .Select(one => one.Name).FirstOrDefaultAsync(cancellationToken);
        if (other is not null)
            return ExperimentProblem.Running(row.PromptName, other);
        var isProtected = await change.IsProtectedAsync(LabelName.Production, cancellationToken);
        foreach (var id in row.VariantTemplateIds.Prepend(row.ControlTemplateId))
        {
            var version = await change.LockVersionAsync(id, cancellationToken);
            if (PromptLifecycle.Activate(change.Facts, PromptChange.FactsOf(version), isProtected, change.Actor) is { } obstacle)
                return PromptProblem.Of(obstacle);
            if (TemplateCheck.Run(version.TemplateFormat, version.TemplateText, version.TemplateVariables).FirstOrDefault(finding => finding.Kind == TemplateFindingKind.Error) is { } error)
                return PromptProblem.Broken(version, error);
            var check = await ContractQuery.RunAsync(change.Context, change.Prompt.Name, version.TemplateVariables, change.Now, cancellationToken);
            if (check.Fails && !force)
                return PromptProblem.Mismatch(version, check);
            version.FrozenAt ??= change.Now;
        }
        return null;
    }

    /// <summary>Versions and split, held against the prompt.</summary>
    private static async Task<Problem?> DesignAsync(PromptChange change, AbTestExperiment row, ExperimentEdit edit, CancellationToken cancellationToken)
    {
        if (edit.VariantTemplateIds is { } variants)
            row.VariantTemplateIds = [.. variants];
        row.ControlTemplateId = edit.ControlTemplateId ?? row.ControlTemplateId;
        Guid[] ids = [row.ControlTemplateId, .. row.VariantTemplateIds];
        if (row.VariantTemplateIds.Length is 0 or >= Allocation.MostGroups)
            return ExperimentProblem.Invalid("variant_template_ids", $"'variant_template_ids' must name 1 to {Allocation.MostGroups - 1} versions.");
        if (ids.Distinct().Count() < ids.Length)
            return ExperimentProblem.Invalid("variant_template_ids", "Each version can be in one group only, the control's included.");
        var known = await change.Context.PromptTemplates.AsNoTracking().Where(version => ids.Contains(version.Id)).Select(version => new { version.Id, version.Name }).ToListAsync(cancellationToken);
        if (Array.Find(ids, id => known.TrueForAll(version => version.Id != id || version.Name != change.Prompt.Name)) is var foreign && foreign != Guid.Empty)
        {
            return ExperimentProblem.Invalid(foreign == row.ControlTemplateId ? "control_template_id" : "variant_template_ids",
                $"{foreign} is no version of '{change.Prompt.Name}'. All groups get versions of one prompt.");
        }
        if (edit.TrafficAllocation is null)
        {
            // Other groups than before: what was split between those says nothing of these.
            if (ExperimentInput.Read(row.TrafficAllocation, ids.Length) is null)
                row.TrafficAllocation = ExperimentInput.Write(Allocation.Equal(ids.Length));
            return null;
        }
        var (allocation, problem) = Allocation.Read(edit.TrafficAllocation, ids.Length);
        if (allocation is null)
            return ExperimentProblem.Invalid("traffic_allocation", problem!);
        row.TrafficAllocation = ExperimentInput.Write(allocation);
        return null;
    }

    private static bool SameSplit(string before, AbTestExperiment row)
    {
        var groups = row.VariantTemplateIds.Length + 1;
        return ExperimentInput.Read(before, groups) is { } one && ExperimentInput.Read(row.TrafficAllocation, groups) is { } other && one.BasisPoints.SequenceEqual(other.BasisPoints);
    }

    private static async Task NextPhaseAsync(PromptChange change, AbTestExperiment row, CancellationToken cancellationToken)
    {
        if (await change.Context.ExperimentPhases.SingleOrDefaultAsync(phase => phase.ExperimentId == row.Id && phase.Number == row.Phase, cancellationToken) is { } last)
            last.EndedAt = change.Now;
        row.Phase++;
        change.Context.ExperimentPhases.Add(new ExperimentPhase
        {
            ExperimentId = row.Id,
            Number = row.Phase,
            TrafficAllocation = row.TrafficAllocation,
            SplitSalt = Salt(),
            StartedAt = change.Now,
        });
    }

    private static string Salt() => Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16));

    private static async Task<Problem?> SaveAsync(PromptChange change, AbTestExperiment row, CancellationToken cancellationToken)
    {
        try
        {
            await change.Context.SaveChangesAsync(cancellationToken);
            return null;
        }
        catch (DbUpdateException exception) when (exception.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation } violation)
        {
            return violation.ConstraintName == AbTestExperimentTable.RunningIndex
                ? ExperimentProblem.Running(row.PromptName, "another experiment")
                : ExperimentProblem.Exists(row.Name);
        }
    }
}

/// <summary>What the audit log keeps of an experiment.</summary>
internal static class ExperimentAudit
{
    public const string Subject = "experiment";

    public static object Of(AbTestExperiment row) => new
    {
        row.Name,
        row.Description,
        row.PromptName,
        row.Status,
        row.ControlTemplateId,
        VariantTemplateIds = row.VariantTemplateIds.ToArray(),
        TrafficAllocation = System.Text.Json.JsonElement.Parse(row.TrafficAllocation),
        row.Coverage,
        row.PrimaryMetric,
        SecondaryMetrics = row.SecondaryMetrics.ToArray(),
        GuardrailMetrics = System.Text.Json.JsonElement.Parse(row.GuardrailMetrics),
        row.DecisionMethod,
        row.MinimumSampleSize,
        row.SignificanceThreshold,
        row.Phase,
        row.PlannedEnd,
        row.WinnerTemplateId,
    };
}
