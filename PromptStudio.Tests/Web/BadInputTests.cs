using System.Net.Http.Headers;
using System.Text.Json;
using CsCheck;
using PromptStudio.Tests.Studio;
using PromptStudio.Web;

namespace PromptStudio.Tests.Web;

/// <summary>Whatever is sent to whatever operation of the OpenAPI document: never a 500, never a stack trace, always a problem document with a code.</summary>
[Trait(Tier.Name, Tier.Api)]
public sealed class BadInputTests(StudioApp app, ITestOutputHelper output) : IClassFixture<StudioApp>
{
    /// <summary>Says which requests are made; the same seed makes the same ones.</summary>
    private const uint Seed = 20_261_122;

    private const int RequestsPerOperation = 120;

    /// <summary>However many operations there are: the run ends.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(25);

    [Fact]
    public async Task AnyOperation_WithAnyInput_AnswersOrSaysWhatIsWrong()
    {
        output.WriteLine($"seed {Seed}");
        var operations = await ApiDocumentTests.ReadAsync(app);
        var random = operations.Select((operation, n) => new PCG((uint)n, Seed)).ToList();
        var requests = operations.Select(operation => BadRequests.To(operation.Method, operation.Path, operation.Json)).ToList();
        var (wrong, sent, started) = (new List<string>(), 0, TimeProvider.System.GetTimestamp());
        for (var round = 0; round < RequestsPerOperation && TimeProvider.System.GetElapsedTime(started) < Longest; round++)
        {
            for (var n = 0; n < operations.Count; n++, sent++)
            {
                var request = requests[n].Generate(random[n], null, out _);
                if (await ProblemAsync(request) is { } problem)
                    wrong.Add($"{problem}: {request}");
            }
        }

        output.WriteLine($"{sent} requests");
        Assert.True(sent >= operations.Count);
        Assert.True(wrong.Count == 0, string.Join(Environment.NewLine, wrong.Take(20)));
        Assert.Empty(app.Errors);
    }

    /// <summary>The answer; null: the server hung up on a body that is beyond the limit.</summary>
    private async Task<HttpResponseMessage?> SendAsync(HttpRequestMessage request, int length)
    {
        try
        {
            return await app.Client.SendAsync(request, TestContext.Current.CancellationToken);
        }
        catch (HttpRequestException exception) when (exception.InnerException is IOException && length > JsonBody.MaxBytes)
        {
            return null;
        }
    }

    /// <summary>What is wrong with the answer to a request; null: nothing.</summary>
    private async Task<string?> ProblemAsync(BadRequest bad)
    {
        // As it is: otherwise the client would mend the address before it goes out.
        var address = new Uri(app.Address.AbsoluteUri.TrimEnd('/') + bad.Target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        using var request = new HttpRequestMessage(new HttpMethod(bad.Method), address);
        if (bad.Body is not null)
        {
            request.Content = new ByteArrayContent(bad.Body);
            request.Content.Headers.ContentType = bad.ContentType is null ? null : MediaTypeHeaderValue.Parse(bad.ContentType);
        }
        using var response = await SendAsync(request, bad.Body?.Length ?? 0);
        // The server may hang up on a body beyond its limit before the client has sent all of it.
        if (response is null)
            return null;
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var status = (int)response.StatusCode;
        if (status >= 500)
            return $"{status} {text}";
        if (text.Contains("Exception", StringComparison.Ordinal) || text.Contains("   at ", StringComparison.Ordinal) || text.Contains("System.", StringComparison.Ordinal))
            return $"{status} tells of the inside: {text}";
        if (response.IsSuccessStatusCode)
            return null;
        // What is no HTTP at all does not reach the app: the server answers for it, and hangs up.
        if (text.Length == 0 && response.Headers.ConnectionClose == true && status is 400 or 414)
            return null;
        return response.Content.Headers.ContentType?.MediaType == "application/problem+json" && JsonElement.Parse(text).TryGetProperty("code", out var code) && code.GetString() is { Length: > 0 }
            ? null
            : $"{status} without a problem document: {response.Content.Headers.ContentType} {text}";
    }
}
