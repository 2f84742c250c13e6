namespace PromptStudio.Executions;

/// <summary>What the application sees of executions.</summary>
public static class ExecutionRoom
{
    public static void AddExecutions(this IServiceCollection services)
    {
        services.AddSingleton<ExecutionStore>();
        services.AddSingleton<ExecutionList>();
        services.AddSingleton<ExecutionCounts>();
        services.AddSingleton<OutcomeReports>();
        services.AddHostedService<ExecutionPartitions>();
        services.AddHostedService<ExecutionCounting>();
    }
}
