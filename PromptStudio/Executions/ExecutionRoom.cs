using PromptStudio.Web;

namespace PromptStudio.Executions;

/// <summary>What the application sees of executions.</summary>
public static class ExecutionRoom
{
    public static void AddExecutions(this IServiceCollection services)
    {
        services.AddSingleton<ExecutionStore>();
        services.AddSingleton<ExecutionList>();
        services.AddSingleton<OutcomeReports>();
        services.AddValidatedOptions<ExecutionOptions>("Executions");
        services.AddSingleton<ExecutionRetention>();
        services.AddSingleton<FallbackExecutions>();
    }
}
