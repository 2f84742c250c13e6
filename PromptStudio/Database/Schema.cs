using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql;

namespace PromptStudio.Database;

/// <summary>Brings the schema up to date.</summary>
public static class Schema
{
    /// <summary>The advisory lock that nodes starting at once queue for; any constant will do, and this spells "pstudio".</summary>
    internal const long Lock = 0x70_73_74_75_64_69_6f;

    /// <summary>Applies what is missing. Several nodes may call it at once: one works, the others wait and find nothing to do.</summary>
    /// <exception cref="StartupException">The schema cannot be brought up to date.</exception>
    public static async Task UpdateAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var context = StudioDbContextOptions.Open(connectionString);
        try
        {
            // Another node may be at it for as long as its migrations take.
            context.Database.SetCommandTimeout(0);
            await CreateDatabaseAsync(context, cancellationToken);
            await context.Database.OpenConnectionAsync(cancellationToken);
            await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_lock({Lock})", cancellationToken);
            await RefuseNewerSchemaAsync(context, cancellationToken);
            await context.Database.MigrateAsync(cancellationToken);
            await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock({Lock})", cancellationToken);
        }
        catch (PostgresException exception)
        {
            throw new StartupException($"The schema could not be brought up to date: {exception.MessageText} (SQLSTATE {exception.SqlState}).", exception);
        }
    }

    /// <summary>All migrations as one SQL script that can be run again and again.</summary>
    public static string Script()
    {
        using var context = new StudioDbContextDesign().CreateDbContext([]);
        return context.GetService<IMigrator>().GenerateScript(options: MigrationsSqlGenerationOptions.Idempotent);
    }

    /// <summary>The migrations after one, up to another one, as SQL for one transaction.</summary>
    /// <param name="from">The last one that is applied; null: none is.</param>
    /// <param name="to">Null: the newest.</param>
    internal static string Script(string? from, string? to)
    {
        using var context = new StudioDbContextDesign().CreateDbContext([]);
        return context.GetService<IMigrator>().GenerateScript(from ?? Migration.InitialDatabase, to, MigrationsSqlGenerationOptions.NoTransactions);
    }

    /// <summary>Whether this version has a migration.</summary>
    internal static bool Knows(string migration)
    {
        using var context = new StudioDbContextDesign().CreateDbContext([]);
        return context.Database.GetMigrations().Contains(migration);
    }

    /// <summary>Makes a database that is not there yet, without a schema.</summary>
    internal static async Task CreateDatabaseAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var context = StudioDbContextOptions.Open(connectionString);
        await CreateDatabaseAsync(context, cancellationToken);
    }

    private static async Task CreateDatabaseAsync(StudioDbContext context, CancellationToken cancellationToken)
    {
        var creator = context.GetService<Microsoft.EntityFrameworkCore.Storage.IRelationalDatabaseCreator>();
        if (await creator.ExistsAsync(cancellationToken))
            return;
        try
        {
            await creator.CreateAsync(cancellationToken);
        }
        catch (PostgresException exception) when (exception.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // Another node was faster.
        }
    }

    private static async Task RefuseNewerSchemaAsync(StudioDbContext context, CancellationToken cancellationToken)
    {
        var known = context.Database.GetMigrations().ToHashSet(StringComparer.Ordinal);
        var newer = (await context.Database.GetAppliedMigrationsAsync(cancellationToken)).FirstOrDefault(applied => !known.Contains(applied));
        if (newer is not null)
            throw new StartupException($"The database was written by a later version of Prompt Studio (it has '{newer}'). Start that version, or restore a backup.");
    }
}
