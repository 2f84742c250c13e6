using Hangfire.PostgreSql;
using Npgsql;
using PromptStudio.Database;

namespace PromptStudio.Jobs;

/// <summary>Where Hangfire keeps the jobs: a schema of its own in the studio's database.</summary>
public static class JobStore
{
    /// <summary>The schema.</summary>
    public const string SchemaName = "hangfire";

    /// <summary>Makes the store; it connects only when it is used, because the database starts later than everything is put together.</summary>
    public static PostgreSqlStorage Create(StudioDatabase database, TimeSpan pollInterval) => new(new Connections(database), new PostgreSqlStorageOptions
    {
        SchemaName = SchemaName,
        PrepareSchemaIfNecessary = false,
        QueuePollInterval = pollInterval,
    });

    /// <summary>Brings the schema up to date. Nodes may call it at once: they queue.</summary>
    public static void UpdateSchema(StudioDatabase database)
    {
        using var connection = database.DataSource.OpenConnection();
        using var queue = new NpgsqlCommand("SELECT pg_advisory_lock(hashtext('hangfire'))", connection);
        queue.ExecuteNonQuery();
        PostgreSqlObjectsInstaller.Install(connection, SchemaName);
        using var leave = new NpgsqlCommand("SELECT pg_advisory_unlock(hashtext('hangfire'))", connection);
        leave.ExecuteNonQuery();
    }

    private sealed class Connections(StudioDatabase database) : IConnectionFactory
    {
        public NpgsqlConnection GetOrCreateConnection() => database.DataSource.CreateConnection();
    }
}
