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
        services.AddDbContextFactory<StudioDbContext>((provider, options) => options.UseStudio(provider.GetRequiredService<StudioDatabase>().DataSource));
        services.AddDataProtection().SetApplicationName("Prompt Studio").PersistKeysToDbContext<StudioDbContext>();
    }
}
