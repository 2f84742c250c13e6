using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace PromptStudio.Guardrails;

/// <summary>Degraded while a guardrail cannot be built: the studio serves, and somebody should look.</summary>
public sealed class GuardrailHealth(GuardrailCatalogue catalogue) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(catalogue.Broken is { Count: > 0 } broken
            ? HealthCheckResult.Degraded($"{broken.Count} guardrails cannot be built, the first is '{broken[0].Guardrail.Name}'.")
            : HealthCheckResult.Healthy());
}
