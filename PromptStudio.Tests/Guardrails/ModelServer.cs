using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using PromptStudio.Tests.Studio;

namespace PromptStudio.Tests.Guardrails;

/// <summary>A server that a model_check asks: a real one, on Kestrel at a free port, which answers as the test wants, and remembers what it was asked.</summary>
internal sealed class ModelServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _underWay;

    private ModelServer()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.Run(HandleAsync);
    }

    /// <summary>What is answered.</summary>
    public Func<HttpContext, string, Task> Answer { get; set; } = (context, _) => context.Response.WriteAsync("{}");

    /// <summary>What was asked, in its order: the body.</summary>
    public ConcurrentQueue<string> Bodies { get; } = new();

    /// <summary>The headers of the last request.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; private set; } = new Dictionary<string, string>();

    /// <summary>How many were under way at once.</summary>
    public int MostAtOnce { get; private set; }

    public string Url => $"{_app.Urls.Single()}/check";

    public static async Task<ModelServer> StartAsync(string? answer = null)
    {
        var server = new ModelServer();
        if (answer is not null)
            server.Says(answer);
        await server._app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>Answers the same to everything.</summary>
    public void Says(string json, int status = 200) => Answer = async (context, _) =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(json);
    };

    /// <summary>A config for this server.</summary>
    public string Config(string members) => $$"""{"url": "{{Url}}", {{members}}}""";

    /// <summary>Waits until this many have asked.</summary>
    public Task AskedAsync(int count) => Eventually.TrueAsync(() => Task.FromResult(Bodies.Count >= count), $"{count} requests");

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
        var body = await reader.ReadToEndAsync();
        lock (Bodies)
        {
            MostAtOnce = Math.Max(MostAtOnce, ++_underWay);
            Headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
            Bodies.Enqueue(body);
        }
        try
        {
            await Answer(context, body);
        }
        finally
        {
            lock (Bodies)
                _underWay--;
        }
    }
}
