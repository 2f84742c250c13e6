namespace PromptStudio.Experiments;

/// <summary>What the application sees of experiments.</summary>
public static class ExperimentRoom
{
    public static void AddExperiments(this IServiceCollection services)
    {
        services.AddSingleton<ExperimentCatalogue>();
        services.AddHostedService<ExperimentListener>();
    }
}
