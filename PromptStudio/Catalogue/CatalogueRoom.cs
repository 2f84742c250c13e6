namespace PromptStudio.Catalogue;

/// <summary>What the application sees of the catalogue that clients keep.</summary>
public static class CatalogueRoom
{
    public static void AddCatalogue(this IServiceCollection services)
    {
        services.AddSingleton<ClientCatalogue>();
        services.AddSingleton<CatalogueWatch>();
        services.AddHostedService(provider => provider.GetRequiredService<CatalogueWatch>());
    }
}
