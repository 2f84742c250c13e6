using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using PromptStudio.Telemetry;

namespace PromptStudio.Tests.Telemetry;

/// <summary>What one app measures from now on.</summary>
internal sealed class Measured : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<(string Name, double Value, Dictionary<string, string?> Tags)> _values = new();
    private readonly ConcurrentDictionary<string, Instrument> _instruments = new(StringComparer.Ordinal);

    public Measured(IServiceProvider services)
    {
        var factory = services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            // Other apps run in this process, each with a meter of its own.
            if (ReferenceEquals(instrument.Meter.Scope, factory) || instrument.Meter.Name == "System.Runtime")
                _instruments[instrument.Name] = instrument;
            if (ReferenceEquals(instrument.Meter.Scope, factory) && instrument.Meter.Name == Instrumentation.Name)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>Those that the app has made so far, and the runtime's.</summary>
    public IReadOnlyCollection<Instrument> Instruments => [.. _instruments.Values];

    /// <summary>How often something was measured with these tags.</summary>
    public int Count(string name, params (string Key, string Value)[] tags) => Matching(name, tags).Count();

    /// <summary>What was measured with these tags, together.</summary>
    public double Sum(string name, params (string Key, string Value)[] tags) => Matching(name, tags).Sum();

    /// <summary>What is only told when somebody asks.</summary>
    public double Observe(string name, params (string Key, string Value)[] tags)
    {
        _values.Clear();
        _listener.RecordObservableInstruments();
        return Sum(name, tags);
    }

    public void Dispose() => _listener.Dispose();

    private IEnumerable<double> Matching(string name, (string Key, string Value)[] tags) =>
        _values.Where(one => one.Name == name && Array.TrueForAll(tags, tag => one.Tags.GetValueOrDefault(tag.Key) == tag.Value)).Select(one => one.Value);

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var kept = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (key, tag) in tags)
            kept[key] = tag?.ToString();
        _values.Enqueue((instrument.Name, value, kept));
    }
}
