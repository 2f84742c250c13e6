using Microsoft.EntityFrameworkCore;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Core.Audit;
using PromptStudio.Core.Experiments;
using PromptStudio.Core.Experiments.Analysis;
using PromptStudio.Prompts;
using PromptStudio.Web;

namespace PromptStudio.Experiments;

/// <summary>Declares the winner: its version becomes the active one, the experiment ends, and the decision is written down with all that it was based on, in one transaction.</summary>
public sealed class WinnerCommand(ExperimentCommands commands, ExperimentRecompute recompute)
{
    /// <summary>Declares the winner.</summary>
    /// <param name="actor">Who declares it: who may activate the version.</param>
    /// <param name="id">The experiment.</param>
    /// <param name="wanted">Which version; and why, when not all gates are open.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>
    /// Or 403, 404, 409 <c>gates_closed</c> with the gates, <c>winner_already_declared</c>, <c>illegal_move</c>, or what an activation says, 422 <c>invalid_winner</c>.
    /// </returns>
    public async Task<Answer<ExperimentView>> RunAsync(Actor actor, Guid id, DeclareWinner wanted, CancellationToken cancellationToken)
    {
        var reason = wanted.OverrideReason?.Trim() is { Length: > 0 } text ? text : null;
        if (reason?.Length > ExperimentInput.ReasonMaxLength)
            return Invalid("override_reason", $"'override_reason' may have {ExperimentInput.ReasonMaxLength} characters.");
        if (actor.May(Permissions.Write))
            await recompute.RunAsync(id, wait: true, cancellationToken);
        return await commands.ChangeAsync(actor, AuditAction.ExperimentWinnerDeclared, id, (change, row) => DeclareAsync(change, row, wanted.TemplateId, reason, cancellationToken), cancellationToken);
    }

    private static async Task<Problem?> DeclareAsync(PromptChange change, AbTestExperiment row, Guid templateId, string? reason, CancellationToken cancellationToken)
    {
        if (ExperimentState.Check(row.Name, row.Status, ExperimentMove.DeclareWinner) is { } illegal)
            return ExperimentProblem.Illegal(illegal, row.Status);
        Guid[] ids = [row.ControlTemplateId, .. row.VariantTemplateIds];
        var index = Array.IndexOf(ids, templateId);
        if (index < 0)
            return Invalid("template_id", $"{templateId} is no version of the experiment '{row.Name}'.");
        var group = Allocation.Group(index);
        var snapshot = await change.Context.ExperimentSnapshots.AsNoTracking().Where(one => one.ExperimentId == row.Id && one.Phase == row.Phase)
            .OrderByDescending(one => one.Id).FirstOrDefaultAsync(cancellationToken);
        if (snapshot is null || Snapshots.Figures(snapshot.Figures) is not { } figures)
            return new Problem(409, "not_recomputed", $"'{row.Name}' has no figures yet. Recompute it, and look at them first.");
        var gates = figures.Gates.Single(one => one.Group == group);
        if (!gates.Open && reason is null)
            return Closed(row, group, gates);
        var before = ExperimentAudit.Of(row);
        var activated = await ActivationCommands.ActivateAsync(
            change, await change.LockVersionAsync(templateId, cancellationToken), force: reason is not null, AuditAction.VersionActivated, cancellationToken);
        if (activated.Problem is { } refused)
            return refused;
        row.Status = ExperimentStatus.WinnerDeclared;
        row.WinnerTemplateId = templateId;
        await ExperimentCommands.EndAsync(change, row, cancellationToken);
        ExperimentCommands.Touch(change, row);
        var decision = Decision(change, row, snapshot, group, gates.Open ? null : reason);
        change.Context.ExperimentDecisions.Add(decision);
        change.Record(new AuditEvent(AuditAction.ExperimentWinnerDeclared, ExperimentAudit.Subject, row.Id.ToString(), before, new
        {
            row.Status,
            row.WinnerTemplateId,
            WinnerGroup = group,
            decision.OverrideReason,
            ClosedGates = gates.Gates.Where(gate => !gate.Holds).Select(gate => new { gate.Name, gate.Reason }).ToArray(),
            SnapshotId = snapshot.Id,
            DecisionHash = Convert.ToHexStringLower(decision.Hash),
        }));
        return null;
    }

    private static ExperimentDecision Decision(PromptChange change, AbTestExperiment row, ExperimentSnapshot snapshot, string group, string? reason)
    {
        var declaredAt = AuditChain.Storable(change.Now);
        return new ExperimentDecision
        {
            ExperimentId = row.Id,
            WinnerTemplateId = row.WinnerTemplateId!.Value,
            WinnerGroup = group,
            DeclaredAt = declaredAt,
            DeclaredBy = change.Who,
            OverrideReason = reason,
            Phase = snapshot.Phase,
            EngineVersion = snapshot.EngineVersion,
            Settings = snapshot.Settings,
            Sums = snapshot.Sums,
            Figures = snapshot.Figures,
            Hash = Hash(row.Id, snapshot, row.WinnerTemplateId.Value, group, declaredAt, change.Who, reason),
        };
    }

    /// <summary>Whether a decision is as it was written.</summary>
    public static bool Holds(ExperimentDecision row) => Snapshots.Hash(row.ExperimentId, row.Phase, row.EngineVersion, row.Settings, row.Sums, row.Figures,
        new { row.WinnerTemplateId, row.WinnerGroup, DeclaredAt = row.DeclaredAt.ToUniversalTime(), row.DeclaredBy, row.OverrideReason }).AsSpan().SequenceEqual(row.Hash);

    private static byte[] Hash(Guid id, ExperimentSnapshot snapshot, Guid winner, string group, DateTimeOffset at, string who, string? reason) => Snapshots.Hash(
        id, snapshot.Phase, snapshot.EngineVersion, snapshot.Settings, snapshot.Sums, snapshot.Figures,
        new { WinnerTemplateId = winner, WinnerGroup = group, DeclaredAt = at.ToUniversalTime(), DeclaredBy = who, OverrideReason = reason });

    private static Problem Closed(AbTestExperiment row, string group, GroupGates gates) =>
        new(409, "gates_closed", $"{group} cannot be declared the winner of '{row.Name}': {string.Join(" ", gates.Gates.Where(gate => !gate.Holds).Select(gate => gate.Reason))} Wait, or give an override_reason.")
        {
            Extensions = { ["gates"] = gates.Gates },
        };

    private static Problem Invalid(string member, string detail) => new(422, "invalid_winner", detail) { Extensions = { ["member"] = member } };
}
