using System.Net.Http.Headers;

namespace PromptStudio.Client;

/// <summary>
/// Asks a studio over HTTP. One instance serves a whole application, from any number of threads. A call that meets an outage, or too many calls at once, is
/// tried again for a while; each render has a request id, so that this never logs an execution twice.
/// </summary>
public sealed class PromptStudioClient : IPromptStudio, IDisposable
{
    private readonly HttpClient _http;
    private readonly bool _ownsHttp;

    /// <summary>Makes a client with connections of its own.</summary>
    /// <exception cref="ArgumentException">An option cannot be; the message names it.</exception>
    public PromptStudioClient(PromptStudioOptions options)
        : this(Connections(), ownsHttp: true, options)
    {
    }

    /// <summary>Makes a client on connections that somebody else keeps, e.g. an <c>IHttpClientFactory</c>. Its own retries come on top of those of a handler.</summary>
    /// <exception cref="ArgumentException">An option cannot be; the message names it.</exception>
    public PromptStudioClient(HttpClient http, PromptStudioOptions options)
        : this(http, ownsHttp: false, options)
    {
    }

    private PromptStudioClient(HttpClient http, bool ownsHttp, PromptStudioOptions options)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(options);
        (_http, _ownsHttp) = (http, ownsHttp);
        Options = options.Checked();
        Calls = new StudioCalls(http, Options);
    }

    internal PromptStudioOptions Options { get; }

    internal StudioCalls Calls { get; }

    /// <inheritdoc/>
    public async Task<RenderResult> TryRenderAsync(RenderRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var requestId = request.RequestId ?? (request.DryRun ? null : Guid.CreateVersion7(Options.Time.GetUtcNow()));
        var body = new RenderBody(
            request.Variables, request.UserId, requestId, request.ModelName, request.Version, request.Label, request.EnableAbTesting, request.DryRun);
        var (prompt, problem) = await Calls.PostAsync(
            $"api/render/{Uri.EscapeDataString(request.Name)}", body, ClientJson.Default.RenderBody, ClientJson.Default.RenderedPrompt, cancellationToken).ConfigureAwait(false);
        return prompt is not null ? RenderResult.Of(prompt) : RenderResult.Of(problem!);
    }

    /// <inheritdoc/>
    public async Task<ReportResult> TryReportAsync(Guid executionId, Outcome outcome, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        var (report, problem) = await Calls.PostAsync(
            $"api/executions/{executionId}/outcome", outcome, ClientJson.Default.Outcome, ClientJson.Default.ReportedOutcome, cancellationToken).ConfigureAwait(false);
        return report is not null ? ReportResult.Of(report) : ReportResult.Of(problem!);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_ownsHttp)
            _http.Dispose();
    }

    private static HttpClient Connections() => new(new SocketsHttpHandler
    {
        // A redirect would carry the key to wherever it points.
        AllowAutoRedirect = false,
        ConnectTimeout = TimeSpan.FromSeconds(2),
        // Follows a load balancer that changes its address.
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        UseCookies = false,
    })
    {
        // The client's own limits decide.
        Timeout = Timeout.InfiniteTimeSpan,
        DefaultRequestHeaders = { UserAgent = { new ProductInfoHeaderValue("PromptStudio.Client", typeof(PromptStudioClient).Assembly.GetName().Version?.ToString(3)) } },
    };
}
