using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace PromptStudio.Executions;

/// <summary>Runs <see cref="ExecutionCounts"/> on every node; they queue, and who comes second finds nothing to do.</summary>
public sealed partial class ExecutionCounting(IServiceScopeFactory scopes, TimeProvider clock, ILogger<ExecutionCounting> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <summary>Every so many turns all days are counted anew: every six hours.</summary>
    private const int TurnsToRecount = 720;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            for (var turn = 1; await timer.WaitForNextTickAsync(stoppingToken); turn++)
            {
                try
                {
                    // Not from the constructor: the app makes its services before the database has started.
                    await using var scope = scopes.CreateAsyncScope();
                    var counts = scope.ServiceProvider.GetRequiredService<ExecutionCounts>();
                    await (turn % TurnsToRecount == 0 ? counts.RecountAsync(stoppingToken) : counts.CountAsync(stoppingToken));
                }
                catch (Exception exception) when (exception is NpgsqlException or DbUpdateException or InvalidOperationException or TimeoutException)
                {
                    // Lists count what is missing themselves, only slower.
                    Log.Failed(logger, exception.Message.Split('\n')[0]);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The app is stopping, or has not started.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The counts of executions are kept a little later: {Reason}")]
        public static partial void Failed(ILogger logger, string reason);
    }
}
