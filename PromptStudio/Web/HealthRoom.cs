using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using PromptStudio.Audit;
using PromptStudio.Caching;
using PromptStudio.Database;
using PromptStudio.Guardrails;

namespace PromptStudio.Web;

/// <summary><c>/health/live</c>: the process answers. <c>/health/ready</c>: it can render, i.e. the database answers and nobody is stopping it.</summary>
public static class HealthRoom
{
    private const string Ready = "ready";

    public static void AddHealth(this IServiceCollection services) =>
        services.AddHealthChecks()
            .AddCheck<DatabaseHealth>("database", tags: [Ready], timeout: TimeSpan.FromSeconds(2))
            .AddCheck<AuditHealth>("audit", tags: [Ready], timeout: TimeSpan.FromSeconds(2))
            .AddCheck<RedisHealth>("redis", tags: [Ready], timeout: TimeSpan.FromSeconds(2))
            .AddCheck<GuardrailHealth>("guardrails", tags: [Ready]);

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false }).AllowAnonymous();
        routes.MapHealthChecks("/health/ready", new HealthCheckOptions { Predicate = check => check.Tags.Contains(Ready) }).AllowAnonymous();
    }

    private sealed class DatabaseHealth(StudioDatabase database, IHostApplicationLifetime lifetime) : IHealthCheck
    {
        public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
        {
            if (lifetime.ApplicationStopping.IsCancellationRequested)
                return HealthCheckResult.Unhealthy("The app is stopping.");
            try
            {
                await using var command = database.DataSource.CreateCommand("SELECT 1");
                await command.ExecuteScalarAsync(cancellationToken);
                return HealthCheckResult.Healthy();
            }
            catch (Exception exception) when (exception is NpgsqlException or OperationCanceledException or InvalidOperationException)
            {
                return HealthCheckResult.Unhealthy("The database does not answer.", exception);
            }
        }
    }
}
