using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using PromptStudio.Telemetry;

namespace PromptStudio.Executions;

/// <summary>What operators see of those who write executions and outcomes: how many wait, how many share a commit, how long that takes.</summary>
public sealed class WriterMeasures
{
    /// <summary>Writes executions.</summary>
    public const string Executions = "executions";

    /// <summary>Writes outcomes.</summary>
    public const string Outcomes = "outcomes";

    private readonly ConcurrentDictionary<string, Func<int>> _waiting = new(StringComparer.Ordinal);
    private readonly Histogram<long> _batch;
    private readonly Histogram<double> _commit;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _retries;

    public WriterMeasures(IMeterFactory meters)
    {
        var meter = meters.Studio();
        _batch = meter.CreateHistogram(
            "promptstudio.writer.batch.size", "{row}", "Rows of one commit.", advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 2, 5, 10, 20, 50, 100, 200, 500] });
        _commit = meter.CreateHistogram("promptstudio.writer.commit.duration", "s", "What one commit takes.", advice: Instrumentation.Seconds);
        _refused = meter.CreateCounter<long>("promptstudio.writer.refused", "{row}", "Rows that were refused because too many waited.");
        _retries = meter.CreateCounter<long>("promptstudio.writer.retries", "{commit}", "Commits that have to be tried again, because the database was away.");
        meter.CreateObservableUpDownCounter(
            "promptstudio.writer.waiting", () => _waiting.Select(writer => new Measurement<int>(writer.Value(), Writer(writer.Key))), "{row}", "Rows that wait, or are being written.");
    }

    /// <summary>Tells of those that wait.</summary>
    public void Watch(string writer, Func<int> waiting) => _waiting[writer] = waiting;

    /// <summary>Rows were committed.</summary>
    /// <param name="writer">By whom.</param>
    /// <param name="rows">How many.</param>
    /// <param name="started">When, as <see cref="Stopwatch.GetTimestamp"/> says it.</param>
    public void Committed(string writer, int rows, long started)
    {
        if (_batch.Enabled)
            _batch.Record(rows, Writer(writer));
        if (_commit.Enabled)
            _commit.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, Writer(writer));
    }

    /// <summary>Too many waited.</summary>
    public void Refused(string writer) => _refused.Add(1, Writer(writer));

    /// <summary>The database was away.</summary>
    public void Retried(string writer) => _retries.Add(1, Writer(writer));

    private static KeyValuePair<string, object?> Writer(string writer) => new("writer", writer);
}
