using System.Diagnostics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using PromptStudio.Database;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Telemetry;

/// <summary>What a collector hears.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed class TelemetryExportTests(PostgresServer server)
{
    private const string Body = """{"variables": {"query": "x", "grade_level": 1}}""";

    [Fact]
    public async Task Render_WithACollector_SendsItsTraceAndItsMeasuresWhicheverWayItTakes()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var app = new ObservedStudio(server, collector.Address);
        await app.InitializeAsync();

        var route = await RenderAsync(app, "?by=route");
        var lane = await RenderAsync(app, "");

        foreach (var (trace, way) in new[] { (route, "route"), (lane, "lane") })
        {
            await Eventually.TrueAsync(
                () => Task.FromResult(Flushed(app) && Array.TrueForAll(
                    (string[])["POST /api/render/{name}", "render prompt", "render template", "store execution"],
                    span => collector.Has("traces", OtlpCollector.Text("prompt-studio"), trace, OtlpCollector.Text(span), OtlpCollector.Text(way)))),
                $"the trace of a render by the {way}");
        }
        await Eventually.TrueAsync(
            () => Task.FromResult(Flushed(app) && Array.TrueForAll(
                (string[])["promptstudio.renders", "promptstudio.render.duration", "promptstudio.writer.batch.size", "promptstudio.writer.waiting", "http.server.request.duration", "dotnet.process.cpu.time"],
                name => collector.Has("metrics", OtlpCollector.Text(name)))),
            "the measures");
        Assert.All(collector.Headers, header => Assert.Equal("secret", header));
    }

    [Fact]
    public async Task Render_WhoseCollectorIsGone_AnswersAsEver()
    {
        await using var app = new ObservedStudio(server, $"http://127.0.0.1:{StudioProcess.FreePort()}");
        await app.InitializeAsync();

        await RenderAsync(app, "");
        Flushed(app);
        await RenderAsync(app, "");
    }

    [Fact]
    public async Task Start_WithoutACollector_CollectsNothing()
    {
        await using var app = new StudioApp(server);
        await app.InitializeAsync();

        Assert.Null(app.Services.GetService<TracerProvider>());
        Assert.Null(app.Services.GetService<MeterProvider>());
    }

    [Theory]
    [InlineData("--OpenTelemetry:Endpoint=localhost:4318", "OpenTelemetry:Endpoint")]
    [InlineData("--OpenTelemetry:Endpoint=http://user:secret@localhost:4318", "OpenTelemetry:Endpoint")]
    [InlineData("--OpenTelemetry:Protocol=udp", "OpenTelemetry:Protocol")]
    [InlineData("--OpenTelemetry:Headers=secret", "OpenTelemetry:Headers")]
    [InlineData("--OpenTelemetry:SampleRatio=2", "OpenTelemetry:SampleRatio")]
    [InlineData("--OpenTelemetry:MetricInterval=00:00:00", "OpenTelemetry:MetricInterval")]
    public void Settings_ThatMakeNoSense_AreRefusedByName(string setting, string name)
    {
        var refusal = Assert.Throws<StartupException>(() => PromptStudio.Studio.Build([setting]));

        Assert.Contains(name, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refusal.Message, StringComparison.Ordinal);
    }

    private static bool Flushed(StudioApp app) =>
        app.Services.GetRequiredService<TracerProvider>().ForceFlush() & app.Services.GetRequiredService<MeterProvider>().ForceFlush();

    /// <summary>Renders, as a part of a trace of the caller's.</summary>
    private static async Task<byte[]> RenderAsync(StudioApp app, string query)
    {
        var trace = ActivityTraceId.CreateRandom();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/api/render/nlu_topic_extraction{query}", UriKind.Relative))
        {
            Content = new StringContent(Body, System.Text.Encoding.UTF8, "application/json"),
            Headers = { { "traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01" } },
        };
        using var response = await app.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return Convert.FromHexString(trace.ToHexString());
    }

    private sealed class ObservedStudio(PostgresServer server, string collector) : StudioApp(server)
    {
        protected override IEnumerable<string> Settings => [.. base.Settings, $"--OpenTelemetry:Endpoint={collector}", "--OpenTelemetry:Headers=x-test=secret"];
    }
}
