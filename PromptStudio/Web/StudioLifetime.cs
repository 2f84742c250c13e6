using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;

namespace PromptStudio.Web;

/// <summary>
/// How signals end the app: Ctrl+C, <c>systemctl stop</c> and a closed terminal drain it first, where <c>Shutdown:DrainSeconds</c> says so; a second signal ends that
/// at once.
/// </summary>
public sealed partial class StudioLifetime(
    IHostApplicationLifetime application, Draining draining, IOptions<ShutdownOptions> options, TimeProvider clock, ILogger<StudioLifetime> logger) : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> _signals = [];

    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGQUIT, PosixSignal.SIGHUP })
            _signals.Add(PosixSignalRegistration.Create(signal, OnSignal));
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _signals.ForEach(signal => signal.Dispose());

    private void OnSignal(PosixSignalContext signal)
    {
        // The app ends itself.
        signal.Cancel = true;
        // Nobody sends requests yet to what is still starting.
        if (draining.Begin() && options.Value.DrainSeconds > 0 && application.ApplicationStarted.IsCancellationRequested)
            _ = DrainAsync();
        else
            application.StopApplication();
    }

    private async Task DrainAsync()
    {
        Log.Draining(logger, options.Value.DrainSeconds);
        await Task.Delay(TimeSpan.FromSeconds(options.Value.DrainSeconds), clock, application.ApplicationStopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        application.StopApplication();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Told to stop: /health/ready says 503, and the app serves on for {Seconds} seconds")]
        public static partial void Draining(ILogger logger, int seconds);
    }
}
