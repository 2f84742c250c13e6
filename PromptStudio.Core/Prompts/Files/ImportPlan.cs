using System.Globalization;
using System.Text.Json.Nodes;
using PromptStudio.Core.Access;

namespace PromptStudio.Core.Prompts.Files;

/// <summary>What an import does with a prompt's head or with a version.</summary>
public enum ImportAction
{
    /// <summary>It is there already, the same.</summary>
    Unchanged,

    /// <summary>It is not there yet.</summary>
    Created,

    /// <summary>It is there, and otherwise.</summary>
    Changed,

    /// <summary>It cannot be; as long as anything is refused, nothing is imported.</summary>
    Refused,
}

/// <summary>One line of a plan.</summary>
/// <param name="Path">The file, e.g. <c>nlu_topic_extraction/v7.jinja</c>.</param>
/// <param name="Action">What happens to it.</param>
/// <param name="Reason">Why it is refused, or what is changed.</param>
public sealed record ImportItem(string Path, ImportAction Action, string? Reason = null);

/// <summary>A prompt as it is stored, for comparison.</summary>
/// <param name="Folder">As its export would be.</param>
/// <param name="Frozen">Versions whose text never changes.</param>
/// <param name="Activatable">Versions that need no approval any more: approved ones, and those that were active before.</param>
public sealed record StoredPrompt(PromptFolder Folder, IReadOnlySet<int> Frozen, IReadOnlySet<int> Activatable);

/// <summary>The rule of an import: compares what is wanted with what is stored, and says of each file what would happen. Changes nothing.</summary>
/// <param name="actor">Who imports.</param>
/// <param name="protectedLabels">Labels that only who may promote can move.</param>
public sealed class ImportPlan(Actor actor, IReadOnlySet<string> protectedLabels)
{
    /// <summary>Plans one prompt.</summary>
    /// <param name="wanted">From the files.</param>
    /// <param name="stored">Null: there is no such prompt.</param>
    public IReadOnlyList<ImportItem> Of(PromptFolder wanted, StoredPrompt? stored)
    {
        var head = $"{wanted.Name}/prompt.md";
        if (!actor.May(Permissions.Write))
            return [new ImportItem(head, ImportAction.Refused, "You may not change prompts.")];
        if (!actor.Reaches(wanted.Name, (stored?.Folder.Head ?? wanted.Head)?.Category) || !actor.Reaches(wanted.Name, (wanted.Head ?? stored?.Folder.Head)?.Category))
            return [new ImportItem(head, ImportAction.Refused, "This API key is bound to other prompts.")];
        var items = new List<ImportItem>();
        if (wanted.Head is not null)
            items.Add(Head(wanted.Head, wanted, stored));
        else if (stored is null)
            items.Add(new ImportItem(head, ImportAction.Created, "There is no prompt.md: the prompt gets no category, no description and no active version."));
        foreach (var version in wanted.Versions)
            items.Add(Version(version, wanted, stored));
        return stored?.Folder.Head?.IsArchived == true && wanted.Head?.IsArchived != false && PromptLifecycle.Change(new PromptFacts(wanted.Name, false, false, IsArchived: true)) is { } archived
            ? [.. items.Select(item => item.Action is ImportAction.Created or ImportAction.Changed ? Refused(item.Path, archived.Detail) : item)]
            : items;
    }

    /// <summary>Whether two versions render the same: text, format and variables, however their JSON is spelled.</summary>
    public static bool SameText(PromptVersionFile one, PromptVersionFile other) =>
        one.Text == other.Text && one.Format == other.Format && SameJson(one.Variables, other.Variables);

    private ImportItem Head(PromptHead wanted, PromptFolder folder, StoredPrompt? stored)
    {
        var path = $"{folder.Name}/prompt.md";
        var numbers = folder.Versions.Concat(stored?.Folder.Versions ?? []).Select(version => version.Version).ToHashSet();
        if (wanted.ActiveVersion is { } active && !numbers.Contains(active))
            return Refused(path, $"'active' names version {active}, which does not exist.");
        if (wanted.Labels.FirstOrDefault(label => !numbers.Contains(label.Value)) is { Key: { } lost })
            return Refused(path, $"The label '{lost}' names version {wanted.Labels[lost]}, which does not exist.");
        var before = stored?.Folder.Head ?? new PromptHead();
        var changes = Changes(before, wanted).ToList();
        if (Obstacle(before, wanted, folder, stored) is { } obstacle)
            return Refused(path, obstacle);
        return stored is null ? new ImportItem(path, ImportAction.Created)
            : changes.Count == 0 ? new ImportItem(path, ImportAction.Unchanged)
            : new ImportItem(path, ImportAction.Changed, string.Join(", ", changes));
    }

    /// <summary>What the rules of the single commands say to what the head changes.</summary>
    private string? Obstacle(PromptHead before, PromptHead wanted, PromptFolder folder, StoredPrompt? stored)
    {
        var isGoverned = (before.IsProtected, before.RequiresApproval, before.StoreRenderedPrompt) != (wanted.IsProtected, wanted.RequiresApproval, wanted.StoreRenderedPrompt);
        if (isGoverned && !actor.May(Permissions.Administer))
            return "Only a SuperAdmin, or a key with the scope admin, changes 'protected', 'requires_approval' and 'store_rendered_prompt'.";
        // Who may let a new prompt ask for approval decides with what it begins.
        var prompt = new PromptFacts(folder.Name, before.IsProtected, stored is not null && (before.RequiresApproval || wanted.RequiresApproval), IsArchived: false);
        var production = protectedLabels.Contains(LabelName.Production);
        var labels = before.Labels.Keys.Concat(before.ActiveVersion is null ? [] : [LabelName.Production]).Where(protectedLabels.Contains);
        if (before.IsArchived != wanted.IsArchived && stored is not null
            && (wanted.IsArchived ? PromptLifecycle.Archive(prompt, labels, actor) : PromptLifecycle.Restore(prompt, labels, actor)) is { } kept)
            return kept.Detail;
        foreach (var label in before.Labels.Keys.Union(wanted.Labels.Keys))
        {
            if (Pointer(before, label) != Pointer(wanted, label) && PromptLifecycle.Promote(protectedLabels.Contains(label), $"The label '{label}'", actor) is { } fixedLabel)
                return fixedLabel.Detail;
        }
        if (before.ActiveVersion == wanted.ActiveVersion)
            return null;
        return wanted.ActiveVersion is { } active
            ? ActivationObstacle(prompt, active, production, folder, stored)
            : PromptLifecycle.MoveProduction(prompt, production, actor)?.Detail;
    }

    private string? ActivationObstacle(PromptFacts prompt, int number, bool production, PromptFolder folder, StoredPrompt? stored)
    {
        // Whoever approved a draft has not seen what these files make of it.
        var mayBeActive = stored?.Activatable.Contains(number) == true && !IsRewritten(number, folder, stored);
        if (PromptLifecycle.Activate(prompt, new VersionFacts(number, IsFrozen: false, mayBeActive, mayBeActive, []), production, actor) is { } obstacle)
            return obstacle.Detail;
        var version = folder.Versions.Concat(stored?.Folder.Versions ?? []).First(version => version.Version == number);
        return TemplateCheck.Run(version.Format, version.Text, version.Variables).FirstOrDefault(finding => finding.Kind == TemplateFindingKind.Error) is { } error
            ? $"Version {number} cannot be active: {(error.Line is { } line ? string.Create(CultureInfo.InvariantCulture, $"line {line}: ") : "")}{error.Message}"
            : null;
    }

    private static bool IsRewritten(int number, PromptFolder folder, StoredPrompt stored) =>
        folder.Versions.FirstOrDefault(version => version.Version == number) is { } wanted
        && stored.Folder.Versions.FirstOrDefault(version => version.Version == number) is { } before && !SameText(before, wanted);

    private static int? Pointer(PromptHead head, string label) => head.Labels.TryGetValue(label, out var version) ? version : null;

    private static ImportItem Version(PromptVersionFile wanted, PromptFolder folder, StoredPrompt? stored)
    {
        var path = PromptFiles.PathOf(folder.Name, wanted);
        if (stored?.Folder.Versions.FirstOrDefault(version => version.Version == wanted.Version) is not { } before)
        {
            var parentExists = wanted.Parent is not { } parent || folder.Versions.Concat(stored?.Folder.Versions ?? []).Any(version => version.Version == parent && parent < wanted.Version);
            return parentExists ? new ImportItem(path, ImportAction.Created) : Refused(path, $"'parent' names version {wanted.Parent}, which does not come before this one.");
        }
        var sameText = SameText(before, wanted);
        if (!sameText && stored.Frozen.Contains(wanted.Version))
            return Refused(path, $"Version {wanted.Version} is frozen: its text never changes. Give the new text the number {stored.Folder.Versions.Max(version => version.Version) + 1}.");
        return sameText && before.Message == wanted.Message ? new ImportItem(path, ImportAction.Unchanged)
            : new ImportItem(path, ImportAction.Changed, sameText ? "message" : "text");
    }

    private static IEnumerable<string> Changes(PromptHead before, PromptHead wanted)
    {
        if (before.Description != wanted.Description)
            yield return "description";
        if (before.Category != wanted.Category)
            yield return "category";
        if (before.ActiveVersion != wanted.ActiveVersion)
            yield return $"active version {Number(before.ActiveVersion)} → {Number(wanted.ActiveVersion)}";
        foreach (var label in before.Labels.Keys.Union(wanted.Labels.Keys).Order(StringComparer.Ordinal))
        {
            if (Pointer(before, label) != Pointer(wanted, label))
                yield return $"label {label} {Number(Pointer(before, label))} → {Number(Pointer(wanted, label))}";
        }
        if (before.IsProtected != wanted.IsProtected)
            yield return wanted.IsProtected ? "protected" : "no longer protected";
        if (before.RequiresApproval != wanted.RequiresApproval)
            yield return wanted.RequiresApproval ? "asks for approval" : "no longer asks for approval";
        if (before.StoreRenderedPrompt != wanted.StoreRenderedPrompt)
            yield return $"rendered prompts stored as {wanted.StoreRenderedPrompt}";
        if (before.IsArchived != wanted.IsArchived)
            yield return wanted.IsArchived ? "archived" : "restored";
    }

    private static string Number(int? version) => version is { } number ? string.Create(CultureInfo.InvariantCulture, $"v{number}") : "none";

    private static bool SameJson(string? one, string? other) =>
        one is null || other is null ? one == other : JsonNode.DeepEquals(JsonNode.Parse(one), JsonNode.Parse(other));

    private static ImportItem Refused(string path, string reason) => new(path, ImportAction.Refused, reason);
}
