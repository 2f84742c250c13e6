using System.ComponentModel.DataAnnotations;
using OpenTelemetry.Exporter;

namespace PromptStudio.Telemetry;

/// <summary>Section <c>OpenTelemetry</c>: where traces and metrics are sent.</summary>
public sealed class TelemetryOptions : IValidatableObject
{
    /// <summary>The only protocols that OTLP has.</summary>
    private static readonly string[] Protocols = ["http/protobuf", "grpc"];

    /// <summary>The collector, e.g. <c>http://localhost:4318</c>; empty: what <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says, and nothing is sent where that is empty too.</summary>
    public string? Endpoint { get; init; }

    /// <summary><c>http/protobuf</c> or <c>grpc</c>.</summary>
    public string Protocol { get; init; } = Protocols[0];

    /// <summary>Headers of each request to the collector, <c>name=value,name=value</c>.</summary>
    public string? Headers { get; init; }

    /// <summary>The part of traces that is sent, where the caller has not decided that already.</summary>
    [Range(0.0, 1.0, ErrorMessage = "OpenTelemetry:SampleRatio must be from 0 to 1.")]
    public double SampleRatio { get; init; } = 1;

    /// <summary>How often metrics are sent.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "OpenTelemetry:MetricInterval must be from 00:00:01 to 01:00:00.")]
    public TimeSpan MetricInterval { get; init; } = TimeSpan.FromSeconds(15);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!string.IsNullOrWhiteSpace(Endpoint) && !(Uri.TryCreate(Endpoint, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.UserInfo.Length == 0))
            yield return new ValidationResult("OpenTelemetry:Endpoint must be an address like http://localhost:4318, without a user.");
        if (!Protocols.Contains(Protocol))
            yield return new ValidationResult($"OpenTelemetry:Protocol must be {string.Join(" or ", Protocols)}.");
        // The exporter would say so too, but not in one line.
        if (Headers is not null && Headers.Split(',').Any(header => header.IndexOf('=', StringComparison.Ordinal) < 1))
            yield return new ValidationResult("OpenTelemetry:Headers must be name=value, more of them after a comma.");
    }

    /// <summary>Tells an exporter where to send to; what is not set here, OpenTelemetry's own environment variables decide.</summary>
    /// <param name="exporter">Of one kind of signal.</param>
    /// <param name="signal"><c>traces</c> or <c>metrics</c>.</param>
    internal void ApplyTo(OtlpExporterOptions exporter, string signal)
    {
        if (string.IsNullOrWhiteSpace(Endpoint))
            return;
        var isHttp = Protocol == Protocols[0];
        exporter.Protocol = isHttp ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        exporter.Endpoint = new Uri(isHttp ? $"{Endpoint.TrimEnd('/')}/v1/{signal}" : Endpoint);
        if (!string.IsNullOrWhiteSpace(Headers))
            exporter.Headers = Headers;
    }
}
