using Microsoft.AspNetCore.DataProtection;
using PromptStudio.Web;

namespace PromptStudio.Database;

/// <summary>What the application sees of the database.</summary>
public static class DatabaseRoom
{
    public static void AddDatabase(this IServiceCollection services)
    {
        services.AddValidatedOptions<DatabaseOptions>("Database");
        services.AddSingleton<StudioDatabase>();
        services.AddHostedService<DatabaseLifetime>();
        services.AddDbContextFactory<StudioDbContext>((provider, options) =>
            options.UseStudio(provider.GetRequiredService<StudioDatabase>().DataSource).AddInterceptors(provider.GetRequiredService<FollowedCommits>()));
        services.AddSingleton<ChangeLog>();
        services.AddSingleton<Func<ChangeLog>>(provider => provider.GetRequiredService<ChangeLog>);
        services.AddSingleton<FollowedCommits>();
        services.AddHostedService<ChangeListener>();
        services.AddDataProtection().SetApplicationName("Prompt Studio").PersistKeysToDbContext<StudioDbContext>();
    }

    /// <summary>Adds something that is kept in memory and follows what any node commits.</summary>
    public static void AddKept<T>(this IServiceCollection services)
        where T : class, IKept
    {
        services.AddSingleton<T>();
        services.AddSingleton<IKept>(provider => provider.GetRequiredService<T>());
    }
}
