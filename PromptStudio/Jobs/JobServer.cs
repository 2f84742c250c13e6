using Hangfire;
using Hangfire.AspNetCore;
using Hangfire.Common;
using Hangfire.Logging;
using Hangfire.PostgreSql;
using Microsoft.Extensions.Options;
using Npgsql;
using PromptStudio.Audit;
using PromptStudio.Database;
using PromptStudio.Executions;
using PromptStudio.Experiments;

namespace PromptStudio.Jobs;

/// <summary>
/// Runs the jobs of this node, from when it serves until before the database's stop. Nobody's request waits for that, and a start that fails at the address has none to
/// break off.
/// </summary>
public sealed partial class JobServer(
    PostgreSqlStorage storage, StudioDatabase database, IOptions<JobOptions> options, JobMeasures measures, IServiceScopeFactory scopes, ILoggerFactory loggers, ILogger<JobServer> logger) : IHostedLifecycleService
{
    private Task<BackgroundJobServer?>? _server;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (options.Value.Enabled)
            _server = Task.Run(Start, CancellationToken.None);
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_server is null)
            return;
        if (await _server is { } server)
        {
            server.SendStop();
            await server.WaitForShutdownAsync(cancellationToken);
            server.Dispose();
        }
        LogProvider.SetCurrentLogProvider(null);
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private BackgroundJobServer? Start()
    {
        try
        {
            LogProvider.SetCurrentLogProvider(new AspNetCoreLogProvider(loggers));
            JobStore.UpdateSchema(database);
            var recurring = new RecurringJobManager(storage);
            recurring.AddOrUpdate<AuditCheckJob>(AuditCheckJob.Name, job => job.RunAsync(CancellationToken.None), Cron.Hourly());
            recurring.AddOrUpdate<ExperimentJobs>(ExperimentJobs.Name, job => job.RunAsync(CancellationToken.None), Cron.Minutely());
            recurring.AddOrUpdate<UsageJob>(UsageJob.Name, job => job.RunAsync(CancellationToken.None), Cron.Minutely());
            recurring.AddOrUpdate<ExecutionMonthsJob>(ExecutionMonthsJob.Name, job => job.RunAsync(CancellationToken.None), Cron.Daily(2));
            return new BackgroundJobServer(
                new BackgroundJobServerOptions
                {
                    WorkerCount = 2,
                    Activator = new AspNetCoreJobActivator(scopes),
                    // This app's own, beside those of all: an app knows nothing of another one in its process.
                    FilterProvider = new JobFilterProviderCollection { JobFilterProviders.Providers, new JobFilterCollection { measures } },
                    StopTimeout = TimeSpan.FromSeconds(5),
                    SchedulePollingInterval = options.Value.PollInterval,
                },
                storage);
        }
        catch (Exception exception) when (exception is NpgsqlException or InvalidOperationException or TimeoutException)
        {
            // The studio serves prompts without its jobs; somebody has to know.
            Log.Failed(logger, exception);
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, Microsoft.Extensions.Logging.LogLevel.Error, "This node runs no jobs until its next start: the schema 'hangfire' could not be prepared")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
