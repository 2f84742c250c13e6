using System.Collections.Concurrent;
using Npgsql;
using PromptStudio.Core.Prompts;
using PromptStudio.Core.Templating;
using PromptStudio.Database;
using PromptStudio.Prompts;
using PromptStudio.Web;

namespace PromptStudio.Rendering;

/// <summary>
/// The prompts in service, in memory: the active version of each, those that labels point to, and those that were asked for by number. Immutable, and replaced as a
/// whole when something changes; what did not change keeps what was made of it.
/// </summary>
public sealed class PromptCatalogue(PromptStore prompts, StoredIncludes includes, TemplateCache templates) : IKept
{
    private const string Versions =
        """
        SELECT id, name, category, template_text, template_format, template_variables::text, version, is_active, revision, frozen_at, store_rendered_prompt FROM prompt_templates
        WHERE (is_active OR id IN (SELECT template_id FROM prompt_labels))
        """;

    private const string Labels = "SELECT prompt_name, label, template_id FROM prompt_labels";

    private const string Archived = "SELECT name FROM prompts WHERE archived_at IS NOT NULL";

    private volatile Edition _current = new(0, new(StringComparer.Ordinal));

    /// <summary>Counts the changes of all prompts.</summary>
    public long Number => _current.Number;

    /// <summary>A version that is in memory; null: look for it with <see cref="FindAsync"/>. Waits for nothing.</summary>
    /// <param name="name">The prompt.</param>
    /// <param name="version">This version; null: see <paramref name="label"/>.</param>
    /// <param name="label">The version that it points to; null: the active one.</param>
    public CataloguedVersion? Recall(ReadOnlySpan<char> name, int? version, string? label) =>
        !_current.ByName.TryGetValue(name, out var prompt) ? null
        : version is { } number ? prompt.Numbers.GetValueOrDefault(number)
        : label is null or LabelName.Production ? prompt.Active
        : prompt.Labels.GetValueOrDefault(label);

    /// <summary>The version that a render asks for.</summary>
    /// <returns>The version, or 404 <c>prompt_not_found</c> or <c>version_not_found</c>.</returns>
    public async ValueTask<Answer<CataloguedVersion>> FindAsync(string name, int? version, string? label, CancellationToken cancellationToken)
    {
        if (Recall(name, version, label) is { } known)
            return known;
        // Before the database is asked: what it then says may be older than the next edition, and is kept with this one.
        var edition = _current;
        var found = await prompts.FindVersionAsync(name, version, label, cancellationToken);
        if (found.Value is not { } row)
            return found.Problem!;
        var made = new CataloguedVersion(row, templates);
        if (version is { } number && edition.ByName.TryGetValue(name, out var prompt))
            prompt.Keep(number, made);
        return made;
    }

    /// <summary>The prompts that a version includes; null: it includes none.</summary>
    public async ValueTask<ITemplateLoader?> IncludedAsync(CataloguedVersion version, CancellationToken cancellationToken)
    {
        var number = Number;
        if (version.TryIncluded(number, out var known))
            return known;
        var loader = await includes.LoadAsync(version.Engine!, version.Parsed.Template!, templates, IncludeScope.All, cancellationToken);
        version.Include(number, loader);
        return loader;
    }

    public async Task LoadAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
        _current = new Edition(_current.Number + 1, await ReadAsync(connection, null, cancellationToken));

    public async Task ApplyAsync(NpgsqlConnection connection, IReadOnlyCollection<Change> changes, CancellationToken cancellationToken)
    {
        string[] names = [.. changes.Where(change => change.Kind == ChangeKind.Prompt).Select(change => change.Subject)];
        if (names.Length == 0)
            return;
        var current = _current;
        var all = new Dictionary<string, CataloguedPrompt>(current.Prompts, StringComparer.Ordinal);
        foreach (var name in names)
            all.Remove(name);
        foreach (var (name, prompt) in await ReadAsync(connection, names, cancellationToken))
            all[name] = prompt;
        _current = new Edition(current.Number + 1, all);
    }

    /// <summary>Reads prompts that are in service.</summary>
    /// <param name="connection">To the database.</param>
    /// <param name="names">Null: all.</param>
    /// <param name="cancellationToken">Gives up.</param>
    private async Task<Dictionary<string, CataloguedPrompt>> ReadAsync(NpgsqlConnection connection, string[]? names, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var (sql, column) in new[] { (Versions + " AND", "name"), (Labels + " WHERE", "prompt_name"), (Archived + " AND", "name") })
        {
#pragma warning disable CA2100 // Constants of this class.
            batch.BatchCommands.Add(new NpgsqlBatchCommand($"{sql} ($1::text[] IS NULL OR {column} = ANY($1))")
            {
                Parameters = { new() { Value = (object?)names ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Text } },
            });
#pragma warning restore CA2100
        }
        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        var before = _current.Prompts;
        var byId = new Dictionary<Guid, CataloguedVersion>();
        while (await row.ReadAsync(cancellationToken))
        {
            var read = Row(row);
            byId.Add(read.Id, before.GetValueOrDefault(read.Name)?.Find(read) ?? new CataloguedVersion(read, templates));
        }
        await row.NextResultAsync(cancellationToken);
        var labels = new List<(string Prompt, string Label, Guid Id)>();
        while (await row.ReadAsync(cancellationToken))
            labels.Add((row.GetString(0), row.GetString(1), row.GetGuid(2)));
        await row.NextResultAsync(cancellationToken);
        var archived = new HashSet<string>(StringComparer.Ordinal);
        while (await row.ReadAsync(cancellationToken))
            archived.Add(row.GetString(0));

        var labelsOf = labels.ToLookup(label => label.Prompt, StringComparer.Ordinal);
        return byId.Values.GroupBy(version => version.Row.Name, StringComparer.Ordinal).Where(prompt => !archived.Contains(prompt.Key)).ToDictionary(
            prompt => prompt.Key,
            prompt => new CataloguedPrompt(
                prompt.FirstOrDefault(version => version.Row.IsActive),
                labelsOf[prompt.Key].Where(label => byId.ContainsKey(label.Id)).ToDictionary(label => label.Label, label => byId[label.Id], StringComparer.Ordinal)),
            StringComparer.Ordinal);
    }

    private static PromptTemplate Row(NpgsqlDataReader row) => new()
    {
        Id = row.GetGuid(0),
        Name = row.GetString(1),
        Category = row.IsDBNull(2) ? null : row.GetString(2),
        TemplateText = row.GetString(3),
        TemplateFormat = row.GetString(4),
        TemplateVariables = row.IsDBNull(5) ? null : row.GetString(5),
        Version = row.GetInt32(6),
        IsActive = row.GetBoolean(7),
        Revision = row.GetInt32(8),
        FrozenAt = row.GetFieldValue<DateTimeOffset?>(9),
        StoreRenderedPrompt = row.GetString(10),
    };

    /// <summary>The prompts as they were at one moment.</summary>
    private sealed class Edition(long number, Dictionary<string, CataloguedPrompt> prompts)
    {
        public long Number => number;

        public Dictionary<string, CataloguedPrompt> Prompts => prompts;

        /// <summary>By a part of an address.</summary>
        public Dictionary<string, CataloguedPrompt>.AlternateLookup<ReadOnlySpan<char>> ByName { get; } = prompts.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>A prompt in service.</summary>
    private sealed class CataloguedPrompt
    {
        /// <summary>Versions that are kept because somebody asked for them by number.</summary>
        private const int MostNumbers = 100;

        public CataloguedPrompt(CataloguedVersion? active, Dictionary<string, CataloguedVersion> labels)
        {
            (Active, Labels) = (active, labels);
            foreach (var version in labels.Values)
                Numbers[version.Row.Version] = version;
            if (active is not null)
                Numbers[active.Row.Version] = active;
        }

        public CataloguedVersion? Active { get; }

        public Dictionary<string, CataloguedVersion> Labels { get; }

        public ConcurrentDictionary<int, CataloguedVersion> Numbers { get; } = new();

        public void Keep(int number, CataloguedVersion version)
        {
            if (Numbers.Count < MostNumbers)
                Numbers[number] = version;
        }

        /// <summary>What was made of a row already, if it is still the same.</summary>
        public CataloguedVersion? Find(PromptTemplate row) => Numbers.TryGetValue(row.Version, out var known) && known.Is(row) && known.Row.IsActive == row.IsActive ? known : null;
    }
}
