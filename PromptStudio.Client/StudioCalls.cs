using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace PromptStudio.Client;

/// <summary>Sends requests, and again when that may help; reads answers and problems.</summary>
internal sealed class StudioCalls(HttpClient http, PromptStudioOptions options)
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly Uri _root = options.Address!.AbsoluteUri is var address && address.EndsWith('/') ? options.Address : new Uri(address + "/");

    /// <summary>Sends a body, with retries: the call is one that may be sent twice.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task<(TAnswer? Answer, PromptStudioProblem? Problem)> PostAsync<TBody, TAnswer>(
        string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TAnswer> answerType, CancellationToken cancellationToken)
        where TAnswer : class
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(body, bodyType);
        using var limit = new CancellationTokenSource(options.Timeout, options.Time);
        using var overall = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var end = options.Time.GetUtcNow() + options.Timeout;
        for (var attempt = 1; ; attempt++)
        {
            var (answer, problem) = await AttemptAsync(path, bytes, answerType, overall.Token, cancellationToken).ConfigureAwait(false);
            if (problem is null || !problem.IsTransient || attempt >= options.MaxAttempts)
                return (answer, problem);
            var delay = Delay(attempt, problem);
            // Who cannot be served in time hears it now.
            if (options.Time.GetUtcNow() + delay >= end)
                return (null, problem);
            try
            {
                await Task.Delay(delay, options.Time, overall.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return (null, problem);
            }
        }
    }

    /// <summary>A request of this client, e.g. for a stream; the caller sends it.</summary>
    public HttpRequestMessage Request(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, new Uri(_root, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.ApiKey);
        return request;
    }

    /// <summary>Sends a request once, without limits of time.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException exception)
        {
            // What the connection pool lets through when a server dies in the moment in which it is connected to.
            throw new HttpRequestException(exception.Message, exception);
        }
    }

    /// <summary>What an answer without success says.</summary>
    public async Task<PromptStudioProblem> ProblemAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        PromptStudioProblem? problem = null;
        if (response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true)
        {
            try
            {
                var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
                problem = await JsonSerializer.DeserializeAsync(stream, ClientJson.Default.PromptStudioProblem, cancellationToken).ConfigureAwait(false);
            }
            catch (JsonException)
            {
                // Something between here and the studio answered in words of its own.
            }
        }
        var status = (int)response.StatusCode;
        problem ??= new PromptStudioProblem
        {
            Code = response.StatusCode is HttpStatusCode.TooManyRequests ? ProblemCode.RateLimited : status >= 500 ? ProblemCode.StudioUnavailable : ProblemCode.UnexpectedAnswer,
            Detail = $"{_root} answered {status}, which is no answer of Prompt Studio.",
        };
        return problem with { Status = status, RetryAfter = RetryAfter(response) };
    }

    private async Task<(TAnswer? Answer, PromptStudioProblem? Problem)> AttemptAsync<TAnswer>(
        string path, byte[] body, JsonTypeInfo<TAnswer> answerType, CancellationToken overall, CancellationToken caller)
        where TAnswer : class
    {
        using var limit = new CancellationTokenSource(options.AttemptTimeout, options.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, overall);
        try
        {
            using var request = Request(HttpMethod.Post, path);
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = Json;
            using var response = await SendAsync(request, either.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
                return (null, await ProblemAsync(response, either.Token).ConfigureAwait(false));
            var stream = await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            return await JsonSerializer.DeserializeAsync(stream, answerType, either.Token).ConfigureAwait(false) is { } answer
                ? (answer, null)
                : (null, Unexpected(null));
        }
        catch (OperationCanceledException exception) when (!caller.IsCancellationRequested)
        {
            return (null, Unavailable("did not answer in time", exception));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return (null, Unavailable($"could not be reached: {exception.Message}", exception));
        }
        catch (JsonException exception)
        {
            return (null, Unexpected(exception));
        }
    }

    private TimeSpan Delay(int attempt, PromptStudioProblem problem)
    {
        var backOff = Math.Min(options.MaxDelay.TotalMilliseconds, options.FirstDelay.TotalMilliseconds * Math.Pow(2, attempt - 1));
#pragma warning disable CA5394 // Spreads callers out; it keeps no secret.
        var jitter = Random.Shared.NextDouble();
#pragma warning restore CA5394
        // Callers who were turned away together must not come back together.
        return problem.RetryAfter is { } said
            ? said + TimeSpan.FromMilliseconds(options.FirstDelay.TotalMilliseconds * jitter)
            : TimeSpan.FromMilliseconds(backOff * (0.5 + (jitter / 2)));
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } seconds } => seconds,
        { Date: { } date } => date - options.Time.GetUtcNow() is var wait && wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
        _ => null,
    };

    private PromptStudioProblem Unavailable(string what, Exception cause) => new() { Code = ProblemCode.StudioUnavailable, Detail = $"{_root} {what}.", Cause = cause };

    // With a status: it was an answer, and asking again brings the same.
    private PromptStudioProblem Unexpected(Exception? cause) =>
        new() { Code = ProblemCode.UnexpectedAnswer, Detail = $"{_root} answered something that is no answer of Prompt Studio.", Status = 200, Cause = cause };
}
