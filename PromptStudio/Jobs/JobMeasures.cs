using System.Diagnostics;
using System.Diagnostics.Metrics;
using Hangfire.Server;
using PromptStudio.Telemetry;

namespace PromptStudio.Jobs;

/// <summary>What operators see of jobs: how long each took and how it ended, and a trace of it.</summary>
public sealed class JobMeasures : IServerFilter
{
    private const string Started = "telemetry.started";

    private const string Span = "telemetry.span";

    private readonly Histogram<double> _duration;

    public JobMeasures(IMeterFactory meters) => _duration = meters.Studio().CreateHistogram(
        "promptstudio.job.duration", "s", "What a job took.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1_800] });

    public void OnPerforming(PerformingContext context)
    {
        context.Items[Started] = Stopwatch.GetTimestamp();
        if (Instrumentation.Source.StartActivity($"job {Name(context)}") is { } span)
            context.Items[Span] = span;
    }

    public void OnPerformed(PerformedContext context)
    {
        if (context.Items.TryGetValue(Started, out var started))
        {
            _duration.Record(
                Stopwatch.GetElapsedTime((long)started).TotalSeconds, new("job_name", Name(context)), new("outcome", context.Canceled ? "cancelled" : context.Exception is null ? "success" : "failed"));
        }
        if (!context.Items.TryGetValue(Span, out var kept) || kept is not Activity span)
            return;
        if (context.Exception is { } exception)
            span.SetStatus(ActivityStatusCode.Error, (exception.InnerException ?? exception).GetType().Name);
        span.Dispose();
    }

    /// <summary>As the dashboard names it; one that runs once goes by its class.</summary>
    private static string Name(PerformContext context) => context.GetJobParameter<string>("RecurringJobId") ?? context.BackgroundJob.Job.Type.Name;
}
