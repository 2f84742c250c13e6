using Microsoft.Extensions.Options;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using PromptStudio.Web;

namespace PromptStudio.Telemetry;

/// <summary>What the application sees of telemetry: sent by OTLP when somebody says where to, and otherwise not even collected.</summary>
public static class TelemetryRoom
{
    private const string Traces = "traces";

    private const string Metrics = "metrics";

    public static void AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidatedOptions<TelemetryOptions>("OpenTelemetry");
        if (string.IsNullOrWhiteSpace(configuration["OpenTelemetry:Endpoint"]) && string.IsNullOrWhiteSpace(configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            return;
        foreach (var signal in new[] { Traces, Metrics })
            services.AddOptions<OtlpExporterOptions>(signal).Configure<IOptions<TelemetryOptions>>((exporter, options) => options.Value.ApplyTo(exporter, signal));
        services.AddOptions<MetricReaderOptions>(Metrics).Configure<IOptions<TelemetryOptions>>(
            (reader, options) => reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)options.Value.MetricInterval.TotalMilliseconds);
        services.AddSingleton<RootSampler>();
        services.AddOpenTelemetry()
            // The standard environment variables come last, so they win.
            .ConfigureResource(resource => resource
                .AddService("prompt-studio", serviceVersion: StudioVersion.Current, serviceInstanceId: $"{Environment.MachineName}-{Environment.ProcessId}", autoGenerateServiceInstanceId: false)
                .AddEnvironmentVariableDetector())
            .WithMetrics(metrics => metrics
                .AddMeter(Instrumentation.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime", "Npgsql")
                .AddOtlpExporter(Metrics, configure: null))
            .WithTracing(tracing => tracing
                .SetSampler(provider => provider.GetRequiredService<RootSampler>())
                // Load balancers ask for health all the time, and an open page's socket lasts as long as the page.
                .AddAspNetCoreInstrumentation(web => web.Filter = context => !context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal) && !context.WebSockets.IsWebSocketRequest)
                .AddSource(Instrumentation.Name, "Npgsql", "System.Net.Http")
                .AddOtlpExporter(Traces, configure: null));
    }
}
