using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using PromptStudio.Core.Guardrails;
using PromptStudio.Core.Guardrails.ModelCheck;

namespace PromptStudio.Guardrails;

/// <summary>A model could not be asked; the message is for people, and quotes neither the text nor what was answered.</summary>
/// <param name="message">Why.</param>
/// <param name="isModels">Whether it would happen with another text too: it is the model's fault then, and counts against it.</param>
public sealed class ModelFailureException(string message, bool isModels) : Exception(message)
{
    public bool IsModels => isModels;
}

/// <summary>Asks a model once, over HTTP.</summary>
public sealed class ModelClient(IHttpClientFactory clients, GuardrailSecrets secrets, ModelHosts hosts)
{
    /// <summary>The name of the client that the factory makes.</summary>
    public const string Name = "model-check";

    /// <summary>Bytes of an answer that are read.</summary>
    public const int AnswerMaxBytes = 256 * 1024;

    /// <summary>Sends a text, and reads what is said of it.</summary>
    /// <exception cref="ModelFailureException">There was no answer.</exception>
    /// <exception cref="ModelAnswerException">The answer has another form than the rule's.</exception>
    /// <exception cref="HttpRequestException">There was no connection, or it broke.</exception>
    /// <exception cref="IOException">The connection broke within the answer.</exception>
    internal async Task<ModelVerdict> AskAsync(Guardrail guardrail, ModelCheckRule rule, string text, CancellationToken cancellationToken)
    {
        if (!hosts.Allows(rule.Url))
            throw new ModelFailureException("The model's host is none of ModelChecks:AllowedHosts.", isModels: true);
        var secret = secrets.Read(guardrail.SecretProtected);
        if (secret is null && guardrail.SecretProtected is not null)
            throw new ModelFailureException("The guardrail's secret cannot be read: the keys that it was stored with are gone. Give it again.", isModels: true);
        using var request = new HttpRequestMessage(HttpMethod.Post, rule.Url) { Content = new ByteArrayContent(rule.Request.Body(text)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        foreach (var (name, value) in rule.Request.Headers(secret))
            request.Headers.TryAddWithoutValidation(name, value);
        using var client = clients.CreateClient(Name);
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (!response.IsSuccessStatusCode)
                throw Failed(response.StatusCode);
            return rule.Read(await ReadAsync(response.Content, cancellationToken));
        }
        catch (HttpRequestException exception) when (exception.InnerException is ModelFailureException refused)
        {
            throw refused;
        }
    }

    /// <summary>Connects to an address of a host that models may have. Decided here, with what the name stands for now, so that no name can lead elsewhere.</summary>
    internal static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken);
        IPAddress[] possible = [.. addresses.Where(address => !ModelAddress.IsRefused(address))];
        if (possible.Length == 0)
            throw new ModelFailureException("The model's host has an address that no model has: link-local ones and those of cloud metadata are refused.", isModels: true);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(possible, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var answer = new ArrayBufferWriter<byte>(4_096);
        while (await stream.ReadAsync(answer.GetMemory(4_096), cancellationToken) is var read and > 0)
        {
            answer.Advance(read);
            if (answer.WrittenCount > AnswerMaxBytes)
                throw new ModelFailureException(string.Create(CultureInfo.InvariantCulture, $"The model's answer has more than {AnswerMaxBytes / 1024} KB."), isModels: false);
        }
        return answer.WrittenMemory;
    }

    private static ModelFailureException Failed(HttpStatusCode status) => (int)status switch
    {
        >= 300 and < 400 => new ModelFailureException("The model's address leads elsewhere, and redirects are not followed.", isModels: true),
        // The text's own fault: somebody who sends such texts must not turn the model off for all others.
        400 or 413 or 422 => new ModelFailureException(string.Create(CultureInfo.InvariantCulture, $"The model refused the request with {(int)status}."), isModels: false),
        _ => new ModelFailureException(string.Create(CultureInfo.InvariantCulture, $"The model answered with {(int)status}."), isModels: true),
    };
}
