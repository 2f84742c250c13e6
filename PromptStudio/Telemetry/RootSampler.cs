using System.Diagnostics;
using Microsoft.Extensions.Options;
using OpenTelemetry.Trace;

namespace PromptStudio.Telemetry;

/// <summary>
/// Decides which traces are sent: as the caller decided, else a part of them. A question to the database or to another server that belongs to no request, no job and no
/// render (the studio looks for news all the time) is no trace of its own.
/// </summary>
internal sealed class RootSampler(IOptions<TelemetryOptions> options) : Sampler
{
    private readonly ParentBasedSampler _sampler = new(new TraceIdRatioBasedSampler(options.Value.SampleRatio));

    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters) =>
        samplingParameters is { Kind: ActivityKind.Client } && samplingParameters.ParentContext.TraceId == default
            ? new SamplingResult(SamplingDecision.Drop)
            : _sampler.ShouldSample(samplingParameters);
}
