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
        if (!actor.Reaches(wanted.Name, (stored?.Folder.Head ?? wanted.Head)?.Category) || !actor.Reaches(wanted.Name, wanted.Head?.Category ?? stored?.Folder.Head?.Category))
            return [new ImportItem(head, ImportAction.Refused, "This API key is bound to other prompts.")];
        if (stored is null && Guid.TryParse(wanted.Name, out _))
            return [new ImportItem(head, ImportAction.Refused, "A prompt's name cannot be a UUID: addresses could not tell it from a version's id.")];
        var items = new List<ImportItem>();
        if (wanted.Head is not null)
            items.Add(Head(wanted.Head, wanted, stored));
        else if (stored is null)
            items.Add(new ImportItem(head, ImportAction.Created, "There is no prompt.md: the prompt gets no category, no description and no active version."));
        foreach (var version in wanted.Versions)
            items.Add(Version(version, wanted, stored));
        return items;
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
        if (ProtectionRefusal(before, wanted, stored) is { } refusal)
            return Refused(path, refusal);
        if (wanted.ActiveVersion is { } next && next != before.ActiveVersion && ActivationRefusal(next, wanted, folder, stored) is { } notActive)
            return Refused(path, notActive);
        return stored is null ? new ImportItem(path, ImportAction.Created)
            : changes.Count == 0 ? new ImportItem(path, ImportAction.Unchanged)
            : new ImportItem(path, ImportAction.Changed, string.Join(", ", changes));
    }

    private string? ProtectionRefusal(PromptHead before, PromptHead wanted, StoredPrompt? stored)
    {
        if ((before.IsProtected != wanted.IsProtected || before.RequiresApproval != wanted.RequiresApproval) && !actor.May(Permissions.Administer))
            return "Only a SuperAdmin, or a key with the scope admin, changes 'protected' and 'requires_approval'.";
        if (actor.May(Permissions.Promote))
            return null;
        if (before.ActiveVersion != wanted.ActiveVersion && (before.IsProtected || protectedLabels.Contains(LabelName.Production)))
            return "The active version of this prompt is protected; only who may promote can change it.";
        if (stored is not null && before.IsProtected && before.IsArchived != wanted.IsArchived)
            return "This prompt is protected; only who may promote can archive or restore it.";
        return before.Labels.Keys.Union(wanted.Labels.Keys).FirstOrDefault(label => protectedLabels.Contains(label)
                && (before.Labels.TryGetValue(label, out var from) ? from : 0) != (wanted.Labels.TryGetValue(label, out var to) ? to : 0)) is { } moved
            ? $"The label '{moved}' is protected; only who may promote can move it."
            : null;
    }

    private static string? ActivationRefusal(int number, PromptHead wanted, PromptFolder folder, StoredPrompt? stored)
    {
        // Who may set a new prompt to ask for approval decides with what it begins.
        if (stored is not null && (wanted.RequiresApproval || stored.Folder.Head?.RequiresApproval == true) && !stored.Activatable.Contains(number))
            return $"Version {number} waits for the approval of a second person; it cannot be active before.";
        var version = folder.Versions.Concat(stored?.Folder.Versions ?? []).First(version => version.Version == number);
        return TemplateCheck.Run(version.Format, version.Text, version.Variables).FirstOrDefault(finding => finding.Kind == TemplateFindingKind.Error) is { } error
            ? $"Version {number} cannot be active: {(error.Line is { } line ? string.Create(CultureInfo.InvariantCulture, $"line {line}: ") : "")}{error.Message}"
            : null;
    }

    private static ImportItem Version(PromptVersionFile wanted, PromptFolder folder, StoredPrompt? stored)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"{folder.Name}/v{wanted.Version}.{PromptFiles.Ending(wanted.Format)}");
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
            int? from = before.Labels.TryGetValue(label, out var was) ? was : null, to = wanted.Labels.TryGetValue(label, out var becomes) ? becomes : null;
            if (from != to)
                yield return $"label {label} {Number(from)} → {Number(to)}";
        }
        if (before.IsProtected != wanted.IsProtected)
            yield return wanted.IsProtected ? "protected" : "no longer protected";
        if (before.RequiresApproval != wanted.RequiresApproval)
            yield return wanted.RequiresApproval ? "asks for approval" : "no longer asks for approval";
        if (before.IsArchived != wanted.IsArchived)
            yield return wanted.IsArchived ? "archived" : "restored";
    }

    private static string Number(int? version) => version is { } number ? string.Create(CultureInfo.InvariantCulture, $"v{number}") : "none";

    private static bool SameJson(string? one, string? other) =>
        one is null || other is null ? one == other : JsonNode.DeepEquals(JsonNode.Parse(one), JsonNode.Parse(other));

    private static ImportItem Refused(string path, string reason) => new(path, ImportAction.Refused, reason);
}
