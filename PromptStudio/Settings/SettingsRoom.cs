namespace PromptStudio.Settings;

/// <summary>What the application sees of the page of settings.</summary>
public static class SettingsRoom
{
    public static void AddSettings(this IServiceCollection services) => services.AddSingleton<SettingsStore>();
}
