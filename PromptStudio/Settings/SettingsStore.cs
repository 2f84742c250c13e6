using System.Collections;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using PromptStudio.Access;
using PromptStudio.Core.Access;
using PromptStudio.Database;
using PromptStudio.Telemetry;
using PromptStudio.Web;

namespace PromptStudio.Settings;

/// <summary>What this studio runs as: its settings, whoever decided them, and its database.</summary>
public sealed class SettingsStore(IServiceProvider services, IConfiguration configuration, StudioDatabase database, Refusals refusals, TimeProvider clock)
{
    /// <summary>Words of a setting's name whose value nobody is shown.</summary>
    private static readonly string[] Secret = ["Password", "Secret", "ApiKey", "Token", "ConnectionString", "Headers"];

    /// <summary>Reads all of it.</summary>
    /// <returns>Or 403.</returns>
    public async Task<Answer<StudioSettings>> ReadAsync(Actor actor, CancellationToken cancellationToken)
    {
        if (!actor.May(Permissions.Administer))
            return await refusals.RecordAsync(actor, "settings", AccessProblem.Missing(actor, Permissions.Administer), cancellationToken);
        return new StudioSettings
        {
            Version = StudioVersion.Current,
            Runtime = Environment.Version.ToString(),
            Machine = Environment.MachineName,
            StartedAt = new DateTimeOffset(Process.GetCurrentProcess().StartTime.ToUniversalTime(), TimeSpan.Zero),
            MemoryBytes = Environment.WorkingSet,
            Now = clock.GetUtcNow(),
            IsEmbedded = string.IsNullOrWhiteSpace(configuration.GetConnectionString("Studio")),
            HasRedis = !string.IsNullOrWhiteSpace(configuration.GetConnectionString("Redis")),
            Database = await DatabaseAsync(cancellationToken),
            Sections = [.. services.CheckedSections().Where(section => section.Name != "Bootstrap").Select(section => new SettingsSection(section.Name, [.. Read(section.Name, section.Options)]))],
        };
    }

    private IEnumerable<Setting> Read(string path, object options)
    {
        foreach (var property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.GetIndexParameters().Length == 0 && property.CanRead))
        {
            var (name, value) = ($"{path}:{property.Name}", property.GetValue(options));
            if (value is not null && property.PropertyType.IsClass && property.PropertyType.Assembly == typeof(SettingsStore).Assembly)
            {
                foreach (var inner in Read(name, value))
                    yield return inner;
            }
            else
            {
                var isSecret = Array.Exists(Secret, word => property.Name.Contains(word, StringComparison.OrdinalIgnoreCase));
                yield return new Setting(name, isSecret ? null : Text(value), configuration.GetSection(name).Exists());
            }
        }
    }

    private static string Text(object? value) => value switch
    {
        null or "" => "",
        bool flag => flag ? "true" : "false",
        string text => text,
        IEnumerable list => string.Join(", ", list.Cast<object?>().Select(Text)),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    private async Task<DatabaseFacts> DatabaseAsync(CancellationToken cancellationToken)
    {
        await using var command = database.DataSource.CreateCommand(
            """
            SELECT current_setting('server_version'), pg_database_size(current_database()), current_database(),
                (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()), current_setting('max_connections')::int;
            SELECT child.relname, pg_total_relation_size(child.oid), greatest(child.reltuples, 0)::bigint
            FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid JOIN pg_class parent ON parent.oid = inhparent
            WHERE parent.relname = 'prompt_executions' AND child.relkind = 'r' ORDER BY child.relname DESC
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        var facts = new DatabaseFacts
        {
            ServerVersion = reader.GetString(0).Split(' ')[0],
            Bytes = reader.GetInt64(1),
            Name = reader.GetString(2),
            Connections = reader.GetInt64(3),
            MostConnections = reader.GetInt32(4),
        };
        await reader.NextResultAsync(cancellationToken);
        var months = new List<StoredMonth>();
        while (await reader.ReadAsync(cancellationToken))
            months.Add(new StoredMonth(reader.GetString(0).Replace("prompt_executions_", "", StringComparison.Ordinal).Replace('_', '-'), reader.GetInt64(1), reader.GetInt64(2)));
        return facts with { Months = months };
    }
}

/// <summary>What a studio runs as.</summary>
public sealed record StudioSettings
{
    public required string Version { get; init; }
    public required string Runtime { get; init; }
    public required string Machine { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public required long MemoryBytes { get; init; }
    public required DateTimeOffset Now { get; init; }

    /// <summary>Whether the app runs the database itself.</summary>
    public required bool IsEmbedded { get; init; }

    /// <summary>Whether there is a second-level cache.</summary>
    public required bool HasRedis { get; init; }

    public required DatabaseFacts Database { get; init; }
    public required IReadOnlyList<SettingsSection> Sections { get; init; }
}

/// <summary>The database, as it is now.</summary>
public sealed record DatabaseFacts
{
    public required string ServerVersion { get; init; }
    public required string Name { get; init; }
    public required long Bytes { get; init; }

    /// <summary>Of all nodes together.</summary>
    public required long Connections { get; init; }

    public required int MostConnections { get; init; }

    /// <summary>The months of executions that are kept, the newest first.</summary>
    public IReadOnlyList<StoredMonth> Months { get; init; } = [];
}

/// <summary>A month of executions.</summary>
/// <param name="Month">E.g. <c>2026-11</c>.</param>
/// <param name="Bytes">With its indexes.</param>
/// <param name="Executions">About; as PostgreSQL counted them last.</param>
public sealed record StoredMonth(string Month, long Bytes, long Executions);

/// <summary>A section of the configuration.</summary>
public sealed record SettingsSection(string Name, IReadOnlyList<Setting> Settings);

/// <summary>A setting, as it holds.</summary>
/// <param name="Name">E.g. <c>RateLimits:AdminPerSecond</c>.</param>
/// <param name="Value">Null: it is a secret; empty: it is not set.</param>
/// <param name="IsConfigured">Whether somebody decided it; else it is the default.</param>
public sealed record Setting(string Name, string? Value, bool IsConfigured)
{
    /// <summary>The environment variable that decides it.</summary>
    public string Variable => Name.Replace(":", "__", StringComparison.Ordinal);
}
