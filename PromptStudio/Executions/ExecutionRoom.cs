using PromptStudio.Web;

namespace PromptStudio.Executions;

/// <summary>What the application sees of executions.</summary>
public static class ExecutionRoom
{
    public static void AddExecutions(this IServiceCollection services)
    {
        services.AddSingleton<ExecutionWriter>();
        services.AddHostedService(provider => provider.GetRequiredService<ExecutionWriter>());
        services.AddSingleton<OutcomeWriter>();
        services.AddSingleton<ExecutionStore>();
        services.AddSingleton<ExecutionList>();
        services.AddSingleton<ExecutionCounts>();
        services.AddSingleton<OutcomeReports>();
        services.AddSingleton<UsageJob>();
        services.AddValidatedOptions<ExecutionOptions>("Executions");
        services.AddSingleton<ExecutionRetention>();
        services.AddSingleton<FallbackExecutions>();
        services.AddHostedService<ExecutionCounting>();
    }
}
