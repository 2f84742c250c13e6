using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace PromptStudio.Web;

/// <summary>Reads the JSON bodies of the API: bounded, checked, and with an error that says where it stops being right.</summary>
public static class JsonBody
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

    /// <summary>Reads a body.</summary>
    /// <returns>The value, or 413 <c>body_too_large</c>, 400 <c>malformed_json</c> or 400 <c>invalid_request</c>.</returns>
    public static async Task<Answer<T>> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        if (await BytesAsync(request, cancellationToken) is not { } body)
            return TooLarge;
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

    private static async Task<byte[]?> BytesAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > MaxBytes)
            return null;
        var reader = request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var body = read.IsCompleted && read.Buffer.Length <= MaxBytes ? read.Buffer.ToArray() : null;
            var ended = read.IsCompleted || read.Buffer.Length > MaxBytes;
            reader.AdvanceTo(ended ? read.Buffer.End : read.Buffer.Start, read.Buffer.End);
            if (ended)
                return body;
        }
    }
}
