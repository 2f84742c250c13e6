using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace PromptStudio.Telemetry;

/// <summary>The name under which the studio is measured and traced; the rooms make the instruments that they need. <c>docs/telemetry.md</c> lists them.</summary>
public static class Instrumentation
{
    /// <summary>Of the meter, and of the source of activities.</summary>
    public const string Name = "PromptStudio";

    /// <summary>Where the studio's spans come from; costs next to nothing while nobody listens.</summary>
    public static ActivitySource Source { get; } = new(Name);

    /// <summary>The app's meter: each app of a process has one of its own.</summary>
    public static Meter Studio(this IMeterFactory meters) => meters.Create(Name);

    /// <summary>Buckets for what takes from a tenth of a millisecond to ten seconds.</summary>
    public static InstrumentAdvice<double> Seconds { get; } = new()
    {
        HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };
}
