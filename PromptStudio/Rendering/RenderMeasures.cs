using System.Diagnostics.Metrics;
using PromptStudio.Core.Templating;
using PromptStudio.Telemetry;

namespace PromptStudio.Rendering;

/// <summary>What operators see of renders: how many, how they ended, how long they took. Counting allocates nothing, and does nothing while nobody listens.</summary>
public sealed class RenderMeasures
{
    /// <summary>Instead of a name that is no prompt's: callers could send a million of those.</summary>
    private const string NoPrompt = "(none)";

    private readonly Counter<long> _renders;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _template;
    private readonly Counter<long> _lookups;

    public RenderMeasures(IMeterFactory meters, TemplateCache templates)
    {
        var meter = meters.Studio();
        _renders = meter.CreateCounter<long>("promptstudio.renders", "{render}", "Renders that were asked for, by how they ended.");
        _duration = meter.CreateHistogram("promptstudio.render.duration", "s", "From the request to the answer.", advice: Instrumentation.Seconds);
        _template = meter.CreateHistogram("promptstudio.template.duration", "s", "The template alone.", advice: Instrumentation.Seconds);
        _lookups = meter.CreateCounter<long>("promptstudio.catalogue.lookups", "{lookup}", "Versions that were looked for in memory; a miss asks the database.");
        meter.CreateObservableCounter("promptstudio.template_cache.lookups", () => Lookups(templates), "{lookup}", "Texts that were looked for among the parsed ones; a miss parses.");
    }

    /// <summary>Whether it matters when something began.</summary>
    public bool AreOn => _duration.Enabled || Instrumentation.Source.HasListeners();

    /// <summary>Counts a render.</summary>
    /// <param name="way"><see cref="RenderWay"/>.</param>
    /// <param name="prompt">Its name; null: there is no such prompt.</param>
    /// <param name="outcome"><see cref="RenderOutcome"/>.</param>
    /// <param name="took">From the request to the answer.</param>
    /// <param name="template">The template alone; null: it was not come to.</param>
    public void Count(string way, string? prompt, string outcome, TimeSpan took, TimeSpan? template)
    {
        if (_renders.Enabled)
            _renders.Add(1, new("prompt", prompt ?? NoPrompt), new("outcome", outcome), new("way", way));
        if (_duration.Enabled)
            _duration.Record(took.TotalSeconds, new("outcome", outcome), new("way", way));
        if (_template.Enabled && template is { } elapsed)
            _template.Record(elapsed.TotalSeconds, new KeyValuePair<string, object?>("prompt", prompt ?? NoPrompt));
    }

    /// <summary>Counts a look into the catalogue.</summary>
    public void LookedUp(bool isHit)
    {
        if (_lookups.Enabled)
            _lookups.Add(1, new KeyValuePair<string, object?>("result", isHit ? "hit" : "miss"));
    }

    private static IEnumerable<Measurement<long>> Lookups(TemplateCache templates) =>
    [
        new(templates.Hits, new KeyValuePair<string, object?>("result", "hit")),
        new(templates.Misses, new KeyValuePair<string, object?>("result", "miss")),
    ];
}

/// <summary>Which way a render went.</summary>
public static class RenderWay
{
    public const string Lane = "lane";

    public const string Route = "route";
}

/// <summary>How a render ended.</summary>
public static class RenderOutcome
{
    /// <summary>Rendered and stored.</summary>
    public const string Success = "success";

    /// <summary>Rendered, and not to be stored.</summary>
    public const string DryRun = "dry_run";

    /// <summary>The first answer to its <c>request_id</c>, again.</summary>
    public const string Repeated = "repeated";

    /// <summary>A guardrail blocked it.</summary>
    public const string Blocked = "blocked";

    /// <summary>The template failed.</summary>
    public const string Error = "error";

    /// <summary>Not rendered: no such prompt, wrong variables, not allowed.</summary>
    public const string Refused = "refused";

    /// <summary>More is asked of the studio than it can store.</summary>
    public const string Busy = "busy";

    /// <summary>It could not be stored, or something else went wrong.</summary>
    public const string Failed = "failed";
}
