namespace PromptStudio.Audit;

/// <summary>What the application sees of the audit log.</summary>
public static class AuditRoom
{
    public static void AddAudit(this IServiceCollection services)
    {
        services.AddSingleton<AuditLog>();
        services.AddSingleton<AuditStore>();
    }
}
