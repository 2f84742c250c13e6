using PromptStudio.Editor.Samples;

namespace PromptStudio.Editor;

/// <summary>What the application sees of the editor.</summary>
public static class EditorRoom
{
    public static void AddEditor(this IServiceCollection services)
    {
        services.AddSingleton<SampleStore>();
        services.AddSingleton<EditorStore>();
        // Each page has its own.
        services.AddTransient<EditorSession>();
    }

    /// <summary>Its part of the admin API.</summary>
    public static void MapEditor(this IEndpointRouteBuilder admin) => admin.MapSampleApi();
}
