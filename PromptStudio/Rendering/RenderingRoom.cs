using PromptStudio.Core.Templating;
using PromptStudio.Database;

namespace PromptStudio.Rendering;

/// <summary>What the application sees of rendering.</summary>
public static class RenderingRoom
{
    public static void AddRendering(this IServiceCollection services)
    {
        services.AddSingleton(new TemplateCache());
        services.AddSingleton<RenderMeasures>();
        services.AddSingleton<StoredIncludes>();
        services.AddKept<PromptCatalogue>();
        services.AddSingleton<PromptRenderer>();
        services.AddSingleton<PromptPreview>();
        services.AddSingleton<RenderLane>();
        RenderServer.Wrap(services);
    }
}
