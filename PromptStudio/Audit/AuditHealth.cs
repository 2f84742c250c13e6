using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using PromptStudio.Database;

namespace PromptStudio.Audit;

/// <summary>Degraded while the last check of the audit log found something: the studio serves, and somebody should look.</summary>
public sealed class AuditHealth(IDbContextFactory<StudioDbContext> contexts) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var database = await contexts.CreateDbContextAsync(cancellationToken);
            var last = await database.AuditChecks.AsNoTracking().OrderByDescending(check => check.At).FirstOrDefaultAsync(cancellationToken);
            return last?.BrokenSequence is { } broken
                ? HealthCheckResult.Degraded($"Entry {broken} of the audit log does not hold.")
                : HealthCheckResult.Healthy();
        }
        catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException)
        {
            // The check of the database itself says so.
            return HealthCheckResult.Healthy();
        }
    }
}
