using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Logging;

namespace PromptStudio.Tests.Studio;

/// <summary>
/// A small load balancer: request by request to the next node that is ready. It looks at <c>/health/ready</c> all the time, and takes a node's <c>Connection: close</c> as
/// its word that it leaves. It sends nothing twice, so that it hides no failure of a node.
/// </summary>
internal sealed class TestProxy : IAsyncDisposable
{
    private static readonly HashSet<string> HopByHop = new(StringComparer.OrdinalIgnoreCase) { "Connection", "Transfer-Encoding", "Keep-Alive", "Host", "Content-Length" };

    private readonly WebApplication _app;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    private readonly CancellationTokenSource _stop = new();
    private readonly Node[] _nodes;
    private readonly Task _looking;
    private uint _turn;

    private TestProxy(WebApplication app, Uri[] nodes)
    {
        _app = app;
        _nodes = [.. nodes.Select(address => new Node(address))];
        app.Run(ForwardAsync);
        _looking = LookAsync();
    }

    public Uri Address => new(_app.Urls.Single());

    /// <summary>Starts it before some nodes.</summary>
    public static async Task<TestProxy> StartAsync(params Uri[] nodes)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var proxy = new TestProxy(app, nodes);
        await app.StartAsync();
        return proxy;
    }

    /// <summary>Whether requests go to a node.</summary>
    public bool IsReady(int node) => _nodes[node].IsReady;

    /// <summary>Whether a node gets no requests any more, and has answered those that it got.</summary>
    public bool HasLeft(int node) => _nodes[node] is { IsReady: false, UnderWay: 0 };

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _looking;
        await _app.DisposeAsync();
        _http.Dispose();
        _stop.Dispose();
    }

    private async Task ForwardAsync(HttpContext context)
    {
        if (Next() is not { } node)
        {
            context.Response.StatusCode = StatusCodes.Status502BadGateway;
            return;
        }
        try
        {
            await ForwardAsync(context, node);
        }
        finally
        {
            node.Leave();
        }
    }

    /// <summary>Counted in before it is chosen for good: who sees that a node is not ready and has nothing under way knows that nothing comes any more.</summary>
    private Node? Next()
    {
        for (var tries = 0; tries < 2 * _nodes.Length; tries++)
        {
            var node = _nodes[Interlocked.Increment(ref _turn) % _nodes.Length];
            node.Enter();
            if (node.IsReady)
                return node;
            node.Leave();
        }
        return null;
    }

    private async Task ForwardAsync(HttpContext context, Node node)
    {
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(node.Address, context.Request.GetEncodedPathAndQuery()));
        if (context.Request.ContentLength > 0)
            request.Content = new StreamContent(context.Request.Body);
        foreach (var header in context.Request.Headers.Where(header => !HopByHop.Contains(header.Key)))
        {
            if (!request.Headers.TryAddWithoutValidation(header.Key, [.. header.Value]))
                request.Content?.Headers.TryAddWithoutValidation(header.Key, [.. header.Value]);
        }
        // Cookies and links are for the address that people see.
        request.Headers.Host = context.Request.Host.Value;
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        if (response.Headers.ConnectionClose == true)
            node.IsReady = false;
        context.Response.StatusCode = (int)response.StatusCode;
        foreach (var header in response.Headers.Concat(response.Content.Headers).Where(header => !HopByHop.Contains(header.Key)))
            context.Response.Headers.Append(header.Key, header.Value.ToArray());
        context.Response.Headers["X-Node"] = node.Address.Authority;
        await response.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    private async Task LookAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            foreach (var node in _nodes)
                node.IsReady = await IsReadyAsync(node);
            await Task.Delay(50, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> IsReadyAsync(Node node)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri(node.Address, "/health/ready"), _stop.Token);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }

    private sealed class Node(Uri address)
    {
        private volatile bool _isReady;
        private int _underWay;

        public Uri Address => address;

        public int UnderWay => Volatile.Read(ref _underWay);

        public void Enter() => Interlocked.Increment(ref _underWay);

        public void Leave() => Interlocked.Decrement(ref _underWay);

        public bool IsReady
        {
            get => _isReady;
            set => _isReady = value;
        }
    }
}
