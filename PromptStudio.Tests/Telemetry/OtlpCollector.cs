using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PromptStudio.Tests.Telemetry;

/// <summary>Takes what is sent to it by OTLP over HTTP, and keeps it as it came.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Path, string? Header, byte[] Body)> _received = new();

    private OtlpCollector()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.MapPost("/v1/{signal}", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            _received.Enqueue((request.Path, request.Headers["x-test"], body.ToArray()));
            return Results.Bytes([], "application/x-protobuf");
        });
    }

    public string Address => _app.Urls.Single();

    /// <summary>The header <c>x-test</c> of what was sent.</summary>
    public IEnumerable<string?> Headers => _received.Select(one => one.Header);

    public static async Task<OtlpCollector> StartAsync()
    {
        var collector = new OtlpCollector();
        await collector._app.StartAsync(TestContext.Current.CancellationToken);
        return collector;
    }

    /// <summary>Whether something of a kind (<c>traces</c>, <c>metrics</c>) arrived that has all of these bytes.</summary>
    public bool Has(string signal, params byte[][] parts) =>
        _received.Any(one => one.Path == $"/v1/{signal}" && Array.TrueForAll(parts, part => one.Body.AsSpan().IndexOf(part) >= 0));

    /// <summary>Text as protobuf has it.</summary>
    public static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
