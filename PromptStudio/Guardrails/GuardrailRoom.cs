namespace PromptStudio.Guardrails;

/// <summary>What the application sees of guardrails.</summary>
public static class GuardrailRoom
{
    public static void AddGuardrails(this IServiceCollection services)
    {
        services.AddSingleton<GuardrailCatalogue>();
        services.AddHostedService<GuardrailListener>();
        services.AddModelChecks();
        services.AddSingleton<GuardrailChecks>();
        services.AddSingleton<Redactor>();
        services.AddSingleton<PromptGuard>();
        services.AddSingleton<GuardrailSecrets>();
        services.AddSingleton<GuardrailStore>();
        services.AddSingleton<GuardrailTrial>();
        services.AddSingleton<ViolationStore>();
    }

    /// <summary>Its part of the admin API.</summary>
    public static void MapGuardrails(this IEndpointRouteBuilder admin)
    {
        admin.MapGuardrailApi();
        admin.MapViolationApi();
    }
}
