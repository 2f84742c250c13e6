using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace PromptStudio.Core.Guardrails.ModelCheck;

/// <summary>What is sent to a model: the body, with the text where <c>{{text}}</c> stands in it, and the headers, with the guardrail's secret where <c>{{secret}}</c> does.</summary>
public sealed class ModelRequest
{
    /// <summary>What stands for the text, within any text of the body.</summary>
    public const string TextMark = "{{text}}";

    /// <summary>What stands for the secret, within any header.</summary>
    public const string SecretMark = "{{secret}}";

    private const int MostHeaders = 20;
    private const int BodyMaxLength = 20_000;
    private const int HeaderMaxLength = 500;

    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>What the connection decides, and what the body is.</summary>
    private static readonly SearchValues<string> ReservedHeaders = SearchValues.Create(
        ["host", "content-length", "content-type", "content-encoding", "transfer-encoding", "connection", "upgrade", "te", "trailer", "expect", "proxy-authorization"], StringComparison.OrdinalIgnoreCase);

    /// <summary>Parts of names that say that a header is a key; what is in a config, everybody who reads guardrails can read.</summary>
    private static readonly SearchValues<string> KeyHeaders = SearchValues.Create(["authorization", "api-key", "apikey", "subscription-key", "token", "cookie", "secret", "password"], StringComparison.OrdinalIgnoreCase);

    private readonly JsonElement _body;
    private readonly List<KeyValuePair<string, string>> _headers;

    /// <param name="config">Its fields <c>body</c> and <c>headers</c>.</param>
    /// <param name="body">What is sent when the config does not say, JSON.</param>
    /// <param name="keyHeader">Where the secret goes when no header of the config has it, and how.</param>
    internal ModelRequest(RuleConfig config, string body, (string Name, string Value) keyHeader)
    {
        _body = config.Json("body") ?? JsonElement.Parse(body);
        if (_body.GetRawText().Length > BodyMaxLength)
            throw RuleConfig.Wrong("body", string.Create(CultureInfo.InvariantCulture, $"may have {BodyMaxLength:N0} characters."));
        if (!HasMark(_body))
            throw RuleConfig.Wrong("body", $"must have {TextMark} in one of its texts: what is asked about.");
        var headers = config.Map("headers", MostHeaders, value => value.ValueKind == JsonValueKind.String && value.GetString() is { Length: <= HeaderMaxLength } text && IsHeaderValue(text),
            value => value.GetString()!, string.Create(CultureInfo.InvariantCulture, $"a text of 1 to {HeaderMaxLength} letters, digits and signs of ASCII"));
        foreach (var (name, value) in headers ?? new Dictionary<string, string>())
        {
            if (name.Any(character => !char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_' or '.')) || ReservedHeaders.Contains(name))
                throw RuleConfig.Wrong($"headers.{name}", "is no header that can be set.");
            if (name.AsSpan().ContainsAny(KeyHeaders) && !value.Contains(SecretMark, StringComparison.Ordinal))
                throw RuleConfig.Wrong($"headers.{name}", $"must have {SecretMark} where the key stands, and the key must be the guardrail's secret: everybody who reads guardrails reads their config.");
        }
        _headers = [.. headers ?? new Dictionary<string, string>()];
        NeedsSecret = _headers.Exists(header => header.Value.Contains(SecretMark, StringComparison.Ordinal));
        if (!NeedsSecret)
            _headers.Add(KeyValuePair.Create(keyHeader.Name, keyHeader.Value));
    }

    /// <summary>Whether the config has a place for the secret, so that it cannot do without one.</summary>
    public bool NeedsSecret { get; }

    /// <summary>The body for a text: JSON as UTF-8. Whatever the text, it stays within its place.</summary>
    public byte[] Body(string text)
    {
        var buffer = new ArrayBufferWriter<byte>(256 + text.Length);
        using (var writer = new Utf8JsonWriter(buffer, Writing))
            Write(writer, _body, Whole(text));
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The headers; those with a place for the secret only when there is one.</summary>
    public IEnumerable<KeyValuePair<string, string>> Headers(string? secret) =>
        from header in _headers
        where secret is not null || !header.Value.Contains(SecretMark, StringComparison.Ordinal)
        select KeyValuePair.Create(header.Key, header.Value.Replace(SecretMark, secret, StringComparison.Ordinal));

    /// <summary>Whether a secret can stand in a header.</summary>
    public static bool IsHeaderValue(string value) => value.Length is > 0 and <= 2_000 && !value.AsSpan().ContainsAnyExceptInRange(' ', '~');

    private static bool HasMark(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().Any(member => HasMark(member.Value)),
        JsonValueKind.Array => value.EnumerateArray().Any(HasMark),
        JsonValueKind.String => value.GetString()!.Contains(TextMark, StringComparison.Ordinal),
        _ => false,
    };

    /// <summary>Half of a pair cannot be written as JSON: as UTF-8 it is the sign for what is none.</summary>
    private static string Whole(string text)
    {
        for (var at = 0; at < text.Length; at++)
        {
            if (char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]))
                at++;
            else if (char.IsSurrogate(text[at]))
                return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        }
        return text;
    }

    private static void Write(Utf8JsonWriter writer, JsonElement value, string text)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value, text);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                    Write(writer, item, text);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(value.GetString()!.Replace(TextMark, text, StringComparison.Ordinal));
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }
}
