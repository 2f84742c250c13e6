using Microsoft.EntityFrameworkCore;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Core.Prompts;
using PromptStudio.Web;

namespace PromptStudio.Prompts;

/// <summary>Decides which version callers get.</summary>
public sealed class ActivationCommands(PromptChanges changes)
{
    /// <summary>Makes a version the active one, in the place of the one that is. Activating the active one changes nothing.</summary>
    /// <param name="actor">Who does it.</param>
    /// <param name="id">The version.</param>
    /// <param name="force">Although callers did not send what the version requires.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>
    /// The version; or 403 (<c>promotion_not_allowed</c> when it is protected), 404, 409 <c>contract_mismatch</c>, <c>approval_required</c> or
    /// <c>prompt_archived</c>, 422 <c>template_error</c>.
    /// </returns>
    public Task<Answer<PromptDetail>> ActivateAsync(Actor actor, Guid id, bool force, CancellationToken cancellationToken) =>
        changes.OfVersionAsync(actor, "activate version", id,
            (change, version) => ActivateAsync(change, version, force, AuditAction.VersionActivated, cancellationToken), cancellationToken);

    /// <summary>Puts any version of a prompt back into service, in one call.</summary>
    /// <returns>As <see cref="ActivateAsync(Actor, Guid, bool, CancellationToken)"/>.</returns>
    public Task<Answer<PromptDetail>> RollBackAsync(Actor actor, string name, int version, bool force, CancellationToken cancellationToken) =>
        changes.OfPromptAsync(actor, "roll back prompt", name, async change =>
            await change.FindAsync(version, cancellationToken) is { } found
                ? await ActivateAsync(change, found, force, AuditAction.PromptRolledBack, cancellationToken)
                : PromptProblem.NoVersion(change.Prompt.Name, version), cancellationToken);

    /// <summary>Takes a version out of service: the prompt then has no active one. A version that is not active stays as it is.</summary>
    /// <returns>The version; or 403, 404, 409 <c>prompt_archived</c>.</returns>
    public Task<Answer<PromptDetail>> DeactivateAsync(Actor actor, Guid id, CancellationToken cancellationToken) =>
        changes.OfVersionAsync(actor, "deactivate version", id, async (change, version) =>
        {
            var isProtected = await change.IsProtectedAsync(LabelName.Production, cancellationToken);
            if ((PromptLifecycle.Change(change.Facts) ?? PromptLifecycle.MoveProduction(change.Facts, isProtected, actor)) is { } obstacle)
                return PromptProblem.Of(obstacle);
            if (version.IsActive)
            {
                (version.IsActive, version.DeactivatedAt) = (false, change.Now);
                change.Record(AuditAction.VersionDeactivated, new { version.Id, version.Version }, null);
            }
            return version;
        }, cancellationToken);

    /// <summary>Takes whatever version is active out of service.</summary>
    internal static Task DeactivateAsync(PromptChange change, CancellationToken cancellationToken) =>
        change.Context.PromptTemplates.Where(version => version.Name == change.Prompt.Name && version.IsActive).ExecuteUpdateAsync(
            version => version.SetProperty(one => one.IsActive, false).SetProperty(one => one.DeactivatedAt, change.Now), cancellationToken);

    /// <summary>Activates a version as part of a change that is under way.</summary>
    internal static async Task<Answer<PromptTemplate>> ActivateAsync(PromptChange change, PromptTemplate version, bool force, string action, CancellationToken cancellationToken)
    {
        var isProtected = await change.IsProtectedAsync(LabelName.Production, cancellationToken);
        if (PromptLifecycle.Activate(change.Facts, PromptChange.FactsOf(version), isProtected, change.Actor) is { } obstacle)
            return PromptProblem.Of(obstacle);
        if (version.IsActive)
            return version;
        if (TemplateCheck.Run(version.TemplateFormat, version.TemplateText, version.TemplateVariables).FirstOrDefault(finding => finding.Kind == TemplateFindingKind.Error) is { } error)
            return PromptProblem.Broken(version, error);
        var check = await ContractQuery.RunAsync(change.Context, change.Prompt.Name, version.TemplateVariables, change.Now, cancellationToken);
        if (check.Fails && !force)
            return PromptProblem.Mismatch(version, check);
        change.Overridden = check.Fails ? check : null;
        var previous = await change.ShownAsync(cancellationToken);
        // First this, then that: the index allows one active version at any moment.
        await DeactivateAsync(change, cancellationToken);
        (version.IsActive, version.ActivatedAt, version.DeactivatedAt) = (true, change.Now, null);
        version.FrozenAt ??= change.Now;
        change.Record(action,
            previous is { IsActive: true } ? new { previous.Id, previous.Version } : null,
            new { version.Id, version.Version, version.ApprovedBy, Forced = change.Overridden });
        return version;
    }
}
