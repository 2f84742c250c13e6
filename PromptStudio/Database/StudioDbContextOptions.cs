using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace PromptStudio.Database;

/// <summary>How every context of the studio is set up: PostgreSQL, with snake_case names.</summary>
public static class StudioDbContextOptions
{
    /// <summary>Identity asks the application's services which of its tables exist; a context outside of the application gets this answer.</summary>
    private static readonly ServiceProvider Identity = new ServiceCollection().Configure<IdentityOptions>(UseStudioSchema).BuildServiceProvider();

    /// <summary>Identity's tables, with those of passkeys.</summary>
    public static void UseStudioSchema(this IdentityOptions options) => options.Stores.SchemaVersion = IdentitySchemaVersions.Version3;

    /// <summary>For a context of the application.</summary>
    public static DbContextOptionsBuilder UseStudio(this DbContextOptionsBuilder builder, NpgsqlDataSource dataSource) =>
        builder.UseNpgsql(dataSource).UseSnakeCaseNamingConvention();

    /// <summary>For a context outside of the application: migrations and design.</summary>
    public static StudioDbContext Open(string connectionString) => Open(new DbContextOptionsBuilder<StudioDbContext>().UseNpgsql(connectionString));

    /// <summary>For a context in somebody's transaction.</summary>
    public static StudioDbContext Open(NpgsqlConnection connection) => Open(new DbContextOptionsBuilder<StudioDbContext>().UseNpgsql(connection));

    private static StudioDbContext Open(DbContextOptionsBuilder<StudioDbContext> builder) =>
        new(builder
            .UseSnakeCaseNamingConvention()
            .UseApplicationServiceProvider(Identity)
            .Options);
}
