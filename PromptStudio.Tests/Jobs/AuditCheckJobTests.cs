using Hangfire;
using Hangfire.PostgreSql;
using Hangfire.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Jobs;

[Trait(Tier.Name, Tier.Api)]
public sealed class AuditCheckJobTests(JobStudio app) : IClassFixture<JobStudio>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Job_RunsByTheHour_AndTellsOfTheFirstBrokenEntry()
    {
        var storage = app.Services.GetRequiredService<PostgreSqlStorage>();
        await app.WaitForJobsAsync();
        using var connection = storage.GetConnection();
        Assert.Equal("0 * * * *", Assert.Single(connection.GetRecurringJobs(), job => job.Id == AuditCheckJob.Name).Cron);
        for (var n = 0; n < 3; n++)
            await app.Services.GetRequiredService<AuditLog>().AppendAsync(Actor.System("test"), new AuditEvent(AuditAction.PromptChanged, "prompt", "p"), Cancellation);
        new RecurringJobManager(storage).Trigger(AuditCheckJob.Name);
        await Eventually.TrueAsync(() => ChecksAsync(broken: null), "the first check");
        Assert.Equal("Healthy", await ReadyAsync());
        Assert.Empty(app.Errors);

        await using (var context = await app.OpenAsync())
            await context.Database.ExecuteSqlAsync($"ALTER TABLE audit_entries DISABLE TRIGGER USER; UPDATE audit_entries SET actor_name = 'eve' WHERE sequence = 2", Cancellation);
        new RecurringJobManager(storage).Trigger(AuditCheckJob.Name);
        await Eventually.TrueAsync(() => ChecksAsync(broken: 2), "the check that finds it");

        Assert.Equal("Degraded", await ReadyAsync());
        await Eventually.TrueAsync(() => Task.FromResult(app.Errors.Count > 0), "the line in the log");
        Assert.Contains("entry 2 is the first that does not hold (changed)", Assert.Single(app.Errors), StringComparison.Ordinal);
    }

    private async Task<bool> ChecksAsync(long? broken)
    {
        await using var context = await app.OpenAsync();
        return await context.AuditChecks.AnyAsync(check => check.BrokenSequence == broken && check.Entries > 0, Cancellation);
    }

    private async Task<string> ReadyAsync() => await app.Anonymous.GetStringAsync(new Uri("/health/ready", UriKind.Relative), Cancellation);
}
