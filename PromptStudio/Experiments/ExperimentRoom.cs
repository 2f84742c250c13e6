namespace PromptStudio.Experiments;

/// <summary>What the application sees of experiments.</summary>
public static class ExperimentRoom
{
    public static void AddExperiments(this IServiceCollection services)
    {
        services.AddSingleton<ExperimentCatalogue>();
        services.AddHostedService<ExperimentListener>();
        services.AddSingleton<ExperimentStore>();
        services.AddSingleton<ExperimentGlances>();
        services.AddSingleton<ExperimentCommands>();
        services.AddSingleton<ExperimentRecompute>();
        services.AddSingleton<WinnerCommand>();
        services.AddSingleton<Calculators>();
        services.AddSingleton<ExperimentJobs>();
        services.AddSingleton<ExperimentFeed>();
        services.AddHostedService(provider => provider.GetRequiredService<ExperimentFeed>());
    }

    /// <summary>Its part of the admin API.</summary>
    public static void MapExperiments(this IEndpointRouteBuilder admin) => admin.MapExperimentApi();
}
