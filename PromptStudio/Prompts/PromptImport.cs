using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Core.Prompts.Files;
using PromptStudio.Database;
using PromptStudio.Web;

namespace PromptStudio.Prompts;

/// <summary>What an import does, or would do.</summary>
/// <param name="Applied">Whether it was done.</param>
/// <param name="Plan">Stands for these files and what is stored now: an import that names it does exactly this, or nothing.</param>
/// <param name="Created">Items of that action.</param>
/// <param name="Changed">Items of that action.</param>
/// <param name="Unchanged">Items of that action.</param>
/// <param name="Refused">Items of that action; as long as there is one, nothing is imported.</param>
/// <param name="Items">A line for each file.</param>
public sealed record ImportReport(bool Applied, string Plan, int Created, int Changed, int Unchanged, int Refused, IReadOnlyList<ImportReportItem> Items);

/// <summary>A file of an import.</summary>
/// <param name="Path">In the archive.</param>
/// <param name="Action"><c>created</c>, <c>changed</c>, <c>unchanged</c> or <c>refused</c>.</param>
/// <param name="Reason">What changes, or why it is refused.</param>
public sealed record ImportReportItem(string Path, string Action, string? Reason);

/// <summary>Prompts from files: first as a plan, then all of them in one transaction.</summary>
public sealed class PromptImport(IDbContextFactory<StudioDbContext> contexts, AuditLog audit, TimeProvider clock)
{
    /// <summary>Plans an import, or does it.</summary>
    /// <param name="actor">Who imports.</param>
    /// <param name="files">From an archive or a folder.</param>
    /// <param name="apply">False: nothing is changed.</param>
    /// <param name="force">Although callers did not send what a version that becomes active requires.</param>
    /// <param name="plan">The plan that was looked at; null: any.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The report; or 409 <c>import_refused</c>, <c>import_changed</c> or <c>import_conflict</c>, 403.</returns>
    public async Task<Answer<ImportReport>> RunAsync(Actor actor, IEnumerable<PromptFile> files, bool apply, bool force, string? plan, CancellationToken cancellationToken)
    {
        var (wanted, unreadable) = PromptFiles.Read(files);
        if (wanted.SelectMany(prompt => prompt.Versions).FirstOrDefault(version => version.Variables is { } json && StorableJson.Problem(Encoding.UTF8.GetBytes(json), JsonBody.MaxDepth) is not null) is { } odd)
            return new Problem(422, "invalid_prompt", $"The variables of version {odd.Version} hold a number that cannot be stored.");
        try
        {
            await using var context = await contexts.CreateDbContextAsync(cancellationToken);
            await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
            var names = wanted.Select(prompt => prompt.Name).ToArray();
            if (apply)
                await context.Database.ExecuteSqlAsync($"SELECT FROM prompts WHERE name = ANY({names}) ORDER BY name FOR UPDATE", cancellationToken);
            var stored = (await StoredPrompts.ReadAsync(context, names, cancellationToken)).ToDictionary(prompt => prompt.Folder.Name, StringComparer.Ordinal);
            var rule = new ImportPlan(actor, (await context.ProtectedLabels.Select(label => label.Label).ToListAsync(cancellationToken)).ToHashSet());
            var planned = wanted.Select(prompt => new Planned(prompt, stored.GetValueOrDefault(prompt.Name), rule.Of(prompt, stored.GetValueOrDefault(prompt.Name)))).ToList();
            if (actor.Binding is not null)
                planned = [.. await WithinReachAsync(context, actor, planned, cancellationToken)];
            if (!force)
                planned = [.. await WithContractChecksAsync(context, planned, cancellationToken)];
            List<ImportItem> items = [.. unreadable.Select(file => new ImportItem(file.Path, ImportAction.Refused, file.Reason)), .. planned.SelectMany(prompt => prompt.Items)];
            var report = Report(items, Fingerprint(wanted, stored.Values), applied: false);
            if (!apply)
                return report;
            if (plan is not null && plan != report.Plan)
                return new Problem(409, "import_changed", "The prompts or the files have changed since the plan was made. Look at the new plan, and import again.") { Extensions = { ["report"] = report } };
            if (report.Refused > 0)
                return new Problem(409, "import_refused", $"{report.Refused} of the files are refused, so nothing was imported. Mend them, or leave them out.") { Extensions = { ["report"] = report } };
            var changed = planned.Where(prompt => prompt.Items.Any(item => item.Action != ImportAction.Unchanged)).Select(prompt => (prompt.Wanted, prompt.Stored)).ToList();
            foreach (var (prompt, before) in changed)
                await ApplyAsync(context, actor, prompt, before, cancellationToken);
            // Last, because they lock the end of the audit log.
            foreach (var (prompt, before) in changed)
                await audit.AppendAsync(context, actor, new AuditEvent(AuditAction.PromptsImported, "prompt", prompt.Name, before?.Folder, prompt), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return report with { Applied = true };
        }
        catch (Exception exception) when ((exception as PostgresException ?? exception.InnerException as PostgresException)?.SqlState
            is PostgresErrorCodes.UniqueViolation or PostgresErrorCodes.RestrictViolation or PostgresErrorCodes.DeadlockDetected)
        {
            return new Problem(409, "import_conflict", "Somebody changed one of these prompts at the same moment, so nothing was imported. Import again.");
        }
    }

    /// <summary>A version that becomes active must ask for nothing that callers did not send lately; as an activation, an import refuses that unless it is forced.</summary>
    private async Task<IEnumerable<Planned>> WithContractChecksAsync(StudioDbContext context, IEnumerable<Planned> planned, CancellationToken cancellationToken)
    {
        var result = new List<Planned>();
        foreach (var prompt in planned)
        {
            var items = prompt.Items;
            if (prompt is { Stored.Folder: { } before, Wanted.Head.ActiveVersion: { } active } && active != before.Head?.ActiveVersion
                && prompt.Wanted.Versions.Concat(before.Versions).FirstOrDefault(version => version.Version == active) is { } version
                && await ContractQuery.RunAsync(context, before.Name, version.Variables, clock.GetUtcNow(), cancellationToken) is { Fails: true } check)
            {
                items = [.. items.Select((item, index) => index == 0 && item.Action != ImportAction.Refused ? item with { Action = ImportAction.Refused, Reason = check.Describe(active) } : item)];
            }
            result.Add(prompt with { Items = items });
        }
        return result;
    }

    /// <summary>As when it is written by a single command, a bound key's text may include only what the key reaches.</summary>
    private static async Task<IEnumerable<Planned>> WithinReachAsync(StudioDbContext context, Actor actor, IEnumerable<Planned> planned, CancellationToken cancellationToken)
    {
        var result = new List<Planned>();
        foreach (var prompt in planned)
        {
            var items = prompt.Items.ToList();
            foreach (var file in prompt.Wanted.Versions)
            {
                var at = items.FindIndex(item => item.Path == PromptFiles.PathOf(prompt.Wanted.Name, file) && item.Action is ImportAction.Created or ImportAction.Changed);
                var before = prompt.Stored?.Folder.Versions.Select(version => (version.Format, version.Text)) ?? [];
                if (at >= 0 && await IncludeReach.ProblemAsync(context, actor, file.Format, file.Text, before, cancellationToken) is { } foreign)
                    items[at] = items[at] with { Action = ImportAction.Refused, Reason = foreign.Detail };
            }
            result.Add(prompt with { Items = items });
        }
        return result;
    }

    private async Task ApplyAsync(StudioDbContext context, Actor actor, PromptFolder wanted, StoredPrompt? stored, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var head = wanted.Head ?? stored?.Folder.Head ?? new PromptHead();
        var prompt = await context.Prompts.SingleOrDefaultAsync(prompt => prompt.Name == wanted.Name, cancellationToken);
        if (prompt is null)
            context.Prompts.Add(prompt = new Prompt { Name = wanted.Name, CreatedBy = Author(head.CreatedBy, head.CreatedAt, actor), CreatedAt = head.CreatedAt ?? now });
        prompt.IsProtected = head.IsProtected;
        prompt.RequiresApproval = head.RequiresApproval;
        prompt.ArchivedAt = head.IsArchived ? prompt.ArchivedAt ?? now : null;
        var versions = await context.PromptTemplates.Where(template => template.Name == wanted.Name).ToDictionaryAsync(template => template.Version, cancellationToken);
        foreach (var file in wanted.Versions)
        {
            if (versions.TryGetValue(file.Version, out var version))
                Change(version, file, stored!.Folder.Versions.Single(before => before.Version == file.Version), actor, now);
            else
                context.PromptTemplates.Add(versions[file.Version] = New(wanted.Name, file, head, versions, actor, now));
        }
        var shared = (head.Description, head.Category, head.StoreRenderedPrompt);
        foreach (var version in versions.Values.Where(version => (version.Description, version.Category, version.StoreRenderedPrompt) != shared))
        {
            (version.Description, version.Category, version.StoreRenderedPrompt) = shared;
            (version.UpdatedAt, version.Revision) = (now, version.Revision + 1);
        }
        // One version leaves before the other comes: the database allows no moment with two.
        foreach (var version in versions.Values.Where(version => version.IsActive && version.Version != head.ActiveVersion))
            (version.IsActive, version.DeactivatedAt, version.UpdatedAt) = (false, now, now);
        await context.SaveChangesAsync(cancellationToken);
        if (head.ActiveVersion is { } active && versions[active] is { IsActive: false } next)
            (next.IsActive, next.ActivatedAt, next.UpdatedAt, next.FrozenAt) = (true, now, now, next.FrozenAt ?? now);
        await MoveLabelsAsync(context, actor, wanted.Name, head.Labels, versions, now, cancellationToken);
        await context.SaveChangesAsync(cancellationToken);
    }

    private static async Task MoveLabelsAsync(
        StudioDbContext context, Actor actor, string name, IReadOnlyDictionary<string, int> wanted, Dictionary<int, PromptTemplate> versions, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var labels = await context.PromptLabels.Where(label => label.PromptName == name).ToDictionaryAsync(label => label.Label, cancellationToken);
        context.PromptLabels.RemoveRange(labels.Values.Where(label => !wanted.ContainsKey(label.Label)));
        foreach (var (label, number) in wanted)
        {
            var version = versions[number];
            version.FrozenAt ??= now;
            if (!labels.TryGetValue(label, out var row))
                context.PromptLabels.Add(new PromptLabel { PromptName = name, Label = label, TemplateId = version.Id, UpdatedAt = now, UpdatedBy = actor.Name });
            else if (row.TemplateId != version.Id)
                (row.TemplateId, row.UpdatedAt, row.UpdatedBy) = (version.Id, now, actor.Name);
        }
    }

    private static void Change(PromptTemplate version, PromptVersionFile file, PromptVersionFile before, Actor actor, DateTimeOffset now)
    {
        if (!ImportPlan.SameText(before, file))
        {
            (version.TemplateText, version.TemplateFormat, version.TemplateVariables) = (file.Text, file.Format, file.Variables);
            version.AuthorIds = [.. version.AuthorIds.Append(actor.Id ?? actor.Name).Distinct()];
            (version.ApprovedAt, version.ApprovedBy) = (null, null);
        }
        else if (before.Message == file.Message)
        {
            return;
        }
        version.Revision++;
        version.Message = file.Message;
        (version.UpdatedAt, version.UpdatedBy) = (now, actor.Name);
    }

    private static PromptTemplate New(string name, PromptVersionFile file, PromptHead head, Dictionary<int, PromptTemplate> versions, Actor actor, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now),
        Name = name,
        Version = file.Version,
        Description = head.Description,
        Category = head.Category,
        StoreRenderedPrompt = head.StoreRenderedPrompt,
        TemplateText = file.Text,
        TemplateFormat = file.Format,
        TemplateVariables = file.Variables,
        Message = file.Message,
        ParentVersionId = file.Parent is { } parent ? versions[parent].Id : null,
        AuthorIds = [actor.Id ?? actor.Name],
        CreatedBy = Author(file.CreatedBy, file.CreatedAt, actor),
        CreatedAt = file.CreatedAt ?? now,
        UpdatedAt = now,
        UpdatedBy = actor.Name,
    };

    /// <summary>What an export wrote keeps its author, also when it had none; what somebody wrote by hand is theirs.</summary>
    private static string? Author(string? author, DateTimeOffset? createdAt, Actor actor) => createdAt is null ? author ?? actor.Name : author;

    private static ImportReport Report(IReadOnlyList<ImportItem> items, string plan, bool applied) => new(
        applied, plan, Count(items, ImportAction.Created), Count(items, ImportAction.Changed), Count(items, ImportAction.Unchanged), Count(items, ImportAction.Refused),
        [.. items.OrderBy(item => item.Path, StringComparer.Ordinal).Select(item => new ImportReportItem(item.Path, JsonNamingPolicy.SnakeCaseLower.ConvertName(item.Action.ToString()), item.Reason))]);

    private static int Count(IReadOnlyList<ImportItem> items, ImportAction action) => items.Count(item => item.Action == action);

    private static string Fingerprint(IEnumerable<PromptFolder> wanted, IEnumerable<StoredPrompt> stored)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var folder in wanted.Concat(stored.Select(prompt => prompt.Folder).OrderBy(folder => folder.Name, StringComparer.Ordinal)))
            hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(folder, ApiJson.Options));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private sealed record Planned(PromptFolder Wanted, StoredPrompt? Stored, IReadOnlyList<ImportItem> Items);
}
