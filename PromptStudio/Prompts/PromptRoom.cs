namespace PromptStudio.Prompts;

/// <summary>What the application sees of prompts.</summary>
public static class PromptRoom
{
    public static void AddPrompts(this IServiceCollection services)
    {
        services.AddSingleton<PromptStore>();
        services.AddSingleton<PromptExport>();
        services.AddSingleton<PromptImport>();
    }
}
