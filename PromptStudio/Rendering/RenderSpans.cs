using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using PromptStudio.Telemetry;

namespace PromptStudio.Rendering;

/// <summary>The spans of a render. Those of the route are children of the request's, which ASP.NET makes; the lane has no such request, so it makes that one too.</summary>
internal static class RenderSpans
{
    public const string Render = "render prompt";

    public const string Template = "render template";

    public const string Guardrails = "check guardrails";

    public const string Store = "store execution";

    private const string Request = "POST /api/render/{name}";

    /// <summary>A part of a render; null: nobody listens.</summary>
    public static Activity? Start(string name) => Instrumentation.Source.StartActivity(name);

    /// <summary>The request of a render in the lane, which goes on from its caller's trace.</summary>
    public static Activity? StartRequest(IHttpRequestFeature request, DateTimeOffset at)
    {
        if (!Instrumentation.Source.HasListeners())
            return null;
        // One that is malformed is none.
        ActivityContext.TryParse(request.Headers.TraceParent, request.Headers.TraceState, isRemote: true, out var caller);
        var span = Instrumentation.Source.StartActivity(Request, ActivityKind.Server, caller, startTime: at);
        if (span is { IsAllDataRequested: true })
        {
            span.SetTag("http.request.method", request.Method);
            span.SetTag("http.route", "/api/render/{name}");
            span.SetTag("url.scheme", request.Scheme);
            span.SetTag("url.path", request.Path);
        }
        return span;
    }

    /// <summary>Says what was rendered.</summary>
    public static void Describe(this Activity span, string? prompt, int? version, string outcome, string way, Guid? execution, string? group)
    {
        if (!span.IsAllDataRequested)
            return;
        span.SetTag("promptstudio.prompt", prompt);
        span.SetTag("promptstudio.version", version);
        span.SetTag("promptstudio.outcome", outcome);
        span.SetTag("promptstudio.way", way);
        span.SetTag("promptstudio.execution_id", execution?.ToString());
        span.SetTag("promptstudio.ab_test_group", group);
        if (outcome is RenderOutcome.Failed or RenderOutcome.Busy)
            span.SetStatus(ActivityStatusCode.Error);
    }

    /// <summary>A part of a render that is over.</summary>
    public static void Add(string name, DateTimeOffset at, DateTimeOffset until)
    {
        using var span = Instrumentation.Source.StartActivity(name, ActivityKind.Internal, default(ActivityContext), startTime: at);
        span?.SetEndTime(until.UtcDateTime);
    }

    /// <summary>It is somebody else's to tell.</summary>
    public static void Discard(this Activity span)
    {
        span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        span.IsAllDataRequested = false;
        span.Dispose();
    }
}
