namespace PromptStudio.Prompts;

/// <summary>What the application sees of prompts.</summary>
public static class PromptRoom
{
    public static void AddPrompts(this IServiceCollection services)
    {
        services.AddSingleton<PromptStore>();
        services.AddSingleton<PromptExport>();
        services.AddSingleton<PromptImport>();
        services.AddSingleton<LabelStore>();
        services.AddSingleton<PromptChanges>();
        services.AddSingleton<PromptCommands>();
        services.AddSingleton<VersionCommands>();
        services.AddSingleton<EditCommand>();
        services.AddSingleton<ActivationCommands>();
        services.AddSingleton<LabelCommands>();
    }

    /// <summary>Its part of the admin API.</summary>
    public static void MapPrompts(this IEndpointRouteBuilder admin)
    {
        admin.MapPromptApi();
        admin.MapVersionApi();
        admin.MapLabelApi();
        admin.MapPromptFiles();
    }
}
