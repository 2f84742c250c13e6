using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace PromptStudio.Caching;

/// <summary>Degraded while Redis is configured and does not answer: the studio serves without it.</summary>
public sealed class RedisHealth(Redis redis) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        !redis.IsConfigured || await redis.AnswersAsync(cancellationToken)
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Degraded("Redis does not answer; the studio does without it.");
}
