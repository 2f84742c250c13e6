using PromptStudio.Core.Access;

namespace PromptStudio.Core.Prompts;

/// <summary>What kind of reason stands in the way of a move.</summary>
public enum ObstacleKind
{
    /// <summary>The actor may not do it.</summary>
    Forbidden,

    /// <summary>The prompt or the version is not in the state for it.</summary>
    Conflict,

    /// <summary>What is asked makes no sense.</summary>
    Invalid,
}

/// <summary>Why a move is not legal.</summary>
/// <param name="Kind">What kind of reason.</param>
/// <param name="Code">What programs look at.</param>
/// <param name="Detail">What people read: the reason, and the way out.</param>
public sealed record Obstacle(ObstacleKind Kind, string Code, string Detail);

/// <summary>What the rules need to know of a prompt.</summary>
/// <param name="Name">Its name.</param>
/// <param name="IsProtected">Only who may promote decides about it.</param>
/// <param name="RequiresApproval">A second person approves a version before it is active for the first time.</param>
/// <param name="IsArchived">It is out of service.</param>
public sealed record PromptFacts(string Name, bool IsProtected, bool RequiresApproval, bool IsArchived);

/// <summary>What the rules need to know of a version.</summary>
/// <param name="Version">Its number.</param>
/// <param name="IsFrozen">It was active, labelled or executed.</param>
/// <param name="WasActive">It was active before, or is.</param>
/// <param name="IsApproved">A second person approved it as it stands.</param>
/// <param name="AuthorIds">Who wrote it.</param>
public sealed record VersionFacts(int Version, bool IsFrozen, bool WasActive, bool IsApproved, IReadOnlyCollection<string> AuthorIds);

/// <summary>Which moves of prompts, versions and labels are legal, and why not. Each returns null when nothing stands in the way.</summary>
public static class PromptLifecycle
{
    /// <summary>Anything but a restore.</summary>
    public static Obstacle? Change(PromptFacts prompt) => prompt.IsArchived
        ? Conflict("prompt_archived", $"'{prompt.Name}' is archived. Restore it first.")
        : null;

    /// <summary>Moving what decides which text callers get.</summary>
    /// <param name="isProtected">Whether the prompt, or the label that moves, is protected.</param>
    /// <param name="what">What is protected, for people.</param>
    /// <param name="actor">Who moves it.</param>
    public static Obstacle? Promote(bool isProtected, string what, Actor actor) => isProtected && !actor.May(Permissions.Promote)
        ? new Obstacle(ObstacleKind.Forbidden, "promotion_not_allowed",
            $"{what} is protected: only a SuperAdmin, or an API key with the scope admin besides write, can move it.")
        : null;

    /// <summary>Deciding which version is active.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="productionIsProtected">Whether the label <c>production</c> is protected: then all activations are.</param>
    /// <param name="actor">Who decides.</param>
    public static Obstacle? MoveProduction(PromptFacts prompt, bool productionIsProtected, Actor actor) =>
        Promote(prompt.IsProtected, $"'{prompt.Name}'", actor) ?? Promote(productionIsProtected, $"The label '{LabelName.Production}'", actor);

    /// <summary>Making a version the active one, by activation or rollback. What was active before needs no new approval: a rollback never waits.</summary>
    public static Obstacle? Activate(PromptFacts prompt, VersionFacts version, bool productionIsProtected, Actor actor) =>
        Change(prompt) ?? MoveProduction(prompt, productionIsProtected, actor)
        ?? (prompt.RequiresApproval && !version.WasActive && !version.IsApproved
            ? Conflict("approval_required", $"Version {version.Version} of '{prompt.Name}' needs the approval of a second person before it can be active.")
            : null);

    /// <summary>Changing a version's text, format, variables or message.</summary>
    public static Obstacle? Edit(PromptFacts prompt, VersionFacts version) => Change(prompt) ?? (version.IsFrozen
        ? Conflict("version_frozen", $"Version {version.Version} of '{prompt.Name}' was active, labelled or executed, so it never changes. Create a new version from it.")
        : null);

    /// <summary>Approving a version: a person who may write, and did not write it.</summary>
    public static Obstacle? Approve(PromptFacts prompt, VersionFacts version, Actor actor)
    {
        if (Change(prompt) is { } archived)
            return archived;
        if (actor is not { Kind: ActorKind.User, Id: { } id })
            return new Obstacle(ObstacleKind.Forbidden, "approval_by_person", "Only a person can approve a version; an API key cannot.");
        return version.AuthorIds.Contains(id, StringComparer.Ordinal)
            ? new Obstacle(ObstacleKind.Forbidden, "approval_by_author", $"You wrote version {version.Version} of '{prompt.Name}'. Ask somebody else to approve it.")
            : null;
    }

    /// <summary>Giving a prompt another name: callers that know the old one would lose it.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="wasExecuted">Whether any version was executed.</param>
    /// <param name="protectedLabels">As in <see cref="Archive"/>.</param>
    /// <param name="actor">Who renames it.</param>
    public static Obstacle? Rename(PromptFacts prompt, bool wasExecuted, IEnumerable<string> protectedLabels, Actor actor) =>
        Change(prompt) ?? MoveAll(prompt, protectedLabels, actor) ?? (wasExecuted
            ? Conflict("prompt_executed", $"'{prompt.Name}' was executed, so its callers know it by this name. Create a new prompt from one of its versions, and archive this one.")
            : null);

    /// <summary>Pointing a label to a version, or removing it.</summary>
    public static Obstacle? MoveLabel(PromptFacts prompt, string label, bool labelIsProtected, Actor actor)
    {
        if (label == LabelName.Production)
            return new Obstacle(ObstacleKind.Invalid, "label_reserved", $"'{LabelName.Production}' always points to the active version. Activate a version to move it.");
        if (!LabelName.IsValid(label))
            return new Obstacle(ObstacleKind.Invalid, "invalid_label", LabelName.Rule);
        return Change(prompt) ?? Promote(labelIsProtected, $"The label '{label}'", actor);
    }

    /// <summary>Taking a prompt out of service, with its active version and all that its labels point to.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="protectedLabels">Those of its labels that are protected; <c>production</c> is one of its labels while a version is active.</param>
    /// <param name="actor">Who archives it.</param>
    public static Obstacle? Archive(PromptFacts prompt, IEnumerable<string> protectedLabels, Actor actor) => MoveAll(prompt, protectedLabels, actor);

    /// <summary>Taking a prompt back, with all that its labels point to; it stays without an active version.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="protectedLabels">As in <see cref="Archive"/>.</param>
    /// <param name="actor">Who restores it.</param>
    public static Obstacle? Restore(PromptFacts prompt, IEnumerable<string> protectedLabels, Actor actor) => MoveAll(prompt, protectedLabels, actor);

    /// <summary>What becomes of a whole prompt becomes of each of its labels.</summary>
    private static Obstacle? MoveAll(PromptFacts prompt, IEnumerable<string> protectedLabels, Actor actor) =>
        Promote(prompt.IsProtected, $"'{prompt.Name}'", actor)
        ?? protectedLabels.Order(StringComparer.Ordinal).Select(label => Promote(true, $"The label '{label}'", actor)).FirstOrDefault();

    private static Obstacle Conflict(string code, string detail) => new(ObstacleKind.Conflict, code, detail);
}
