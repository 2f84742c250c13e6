using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using Microsoft.AspNetCore.Connections;

namespace PromptStudio.Web;

/// <summary>Reads the JSON bodies of the API: bounded, checked, and with an error that says where it stops being right.</summary>
public static partial class JsonBody
{
    /// <summary>Bytes that a body may have.</summary>
    public const int MaxBytes = 1_048_576;

    /// <summary>How deep objects and lists may be nested.</summary>
    public const int MaxDepth = 64;

    /// <summary>The answer to a larger body.</summary>
    public static Problem TooLarge { get; } = new(413, "body_too_large", string.Create(CultureInfo.InvariantCulture, $"The body may have {MaxBytes:N0} bytes."))
    {
        Extensions = { ["max_bytes"] = MaxBytes },
    };

    /// <summary>The answer to a body of another kind.</summary>
    public static Problem NotJson { get; } = new(415, "unsupported_media_type", "Send the body as Content-Type: application/json.");

    /// <summary>Reads a body.</summary>
    /// <returns>The value, or 413 <c>body_too_large</c>, 400 <c>malformed_json</c> or 400 <c>invalid_request</c>.</returns>
    public static async Task<Answer<T>> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type)
        where T : class
    {
        ReadOnlyMemory<byte> bytes;
        try
        {
            if (await BytesAsync(request) is not { } read)
                return TooLarge;
            bytes = read;
        }
        catch (ConnectionResetException)
        {
            // Nobody is there to read an answer, and Kestrel must not try to read the rest of the body.
            request.HttpContext.Abort();
            return new Problem(StatusCodes.Status499ClientClosedRequest, "client_closed_request", "The caller hung up.");
        }
        var body = bytes.Span;
        if (!Utf8.IsValid(body))
            return new Problem(400, "malformed_json", "The body is not UTF-8.");
        try
        {
            if (StorableJson.Problem(body, MaxDepth) is { } problem)
                return new Problem(400, "invalid_request", problem);
            return JsonSerializer.Deserialize(body, type) is { } value
                ? value
                : new Problem(400, "invalid_request", "The body must be a JSON object, not null.");
        }
        catch (JsonException exception)
        {
            return Malformed(exception);
        }
    }

    /// <summary>The reader's errors are about the text; the serializer's are about a member, and name .NET types that callers do not know.</summary>
    private static Problem Malformed(JsonException exception)
    {
        if (RequiredMembers(exception.Message) is { Length: > 0 } missing)
        {
            return new Problem(400, "invalid_request", $"{string.Join(", ", missing.Select(name => $"'{name}'"))} must be given.")
            {
                Extensions = { ["members"] = missing },
            };
        }
        var member = exception.Path?.TrimStart('$', '.') ?? "";
        if (exception.Path is null)
        {
            var message = exception.Message.Split(" LineNumber: ", 2)[0];
            return new Problem(400, "malformed_json", string.Create(CultureInfo.InvariantCulture,
                $"The body is not JSON (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}): {message}"));
        }
        if (member.Length == 0)
            return new Problem(400, "invalid_request", "The body must be a JSON object.");
        var unknown = exception.Message.Contains("could not be mapped", StringComparison.Ordinal);
        return new Problem(400, "invalid_request", unknown ? $"'{member}' is not a member of this request." : $"'{member}' has the wrong type.")
        {
            Extensions = { ["member"] = member },
        };
    }

    /// <summary>"…, including: 'name', 'email'.": which members the serializer misses.</summary>
    private static string[] RequiredMembers(string message) => message.Split("including: ", 2) is [var said, var names] && said.Contains("required", StringComparison.Ordinal)
        ? [.. Quoted().Matches(names.Split(" Path: ", 2)[0]).Select(name => name.Groups[1].Value)]
        : [];

    [GeneratedRegex("'([^']+)'", RegexOptions.NonBacktracking)]
    private static partial Regex Quoted();

    private static async Task<ReadOnlyMemory<byte>?> BytesAsync(HttpRequest request)
    {
        if (request.ContentLength > MaxBytes)
            return null;
        var body = new byte[request.ContentLength ?? 4096];
        var length = 0;
        while (request.ContentLength is null || length < body.Length)
        {
            if (length == body.Length)
                Array.Resize(ref body, Math.Min(2 * body.Length, MaxBytes + 1));
            // Not with the request's token: a caller who hangs up ends the read by itself.
            var read = await request.Body.ReadAsync(body.AsMemory(length), CancellationToken.None);
            length += read;
            if (length > MaxBytes)
                return null;
            if (read == 0)
                break;
        }
        return body.AsMemory(0, length);
    }
}
