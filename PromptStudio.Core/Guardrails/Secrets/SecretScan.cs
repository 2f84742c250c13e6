using System.Buffers;
using System.Text.Json;

namespace PromptStudio.Core.Guardrails.Secrets;

/// <summary>A secret in a text.</summary>
/// <param name="Id">Which detector found it.</param>
/// <param name="What">For people.</param>
/// <param name="Start">Where it begins.</param>
/// <param name="End">Where it ends.</param>
/// <param name="Rank">The lower, the more is known of it.</param>
internal readonly record struct FoundSecret(string Id, string What, int Start, int End, int Rank);

/// <summary>Secrets that are no fixed pattern: each is looked for where its trigger stands, in a bounded part of the text.</summary>
internal static class SecretScan
{
    private const int MaxHeader = 80;
    private const int LeastKey = 64;
    private const int MaxKey = 20_000;
    private const int MaxJwt = 8_192;
    private const int MaxUser = 100;
    private const int MaxPassword = 200;

    private static readonly SearchValues<char> Base64Url = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    private static readonly SearchValues<char> AuthorityEnds = SearchValues.Create(" \t\r\n/?#\"'`<>|\\^");

    private static readonly SearchValues<char> ArgumentEnds = SearchValues.Create(" \t\r\n\"'`");

    /// <summary>A private key: its header, and enough between it and its end to be one.</summary>
    public static FoundSecret? PrivateKey(ReadOnlySpan<char> text, int at)
    {
        var header = text.Slice(at, Math.Min(MaxHeader, text.Length - at));
        if (header.Length < 20 || header[11..].IndexOf("-----") is not (> 0 and var nameEnd) || !header.Slice(11, nameEnd).Contains("PRIVATE KEY", StringComparison.Ordinal))
            return null;
        var body = at + 11 + nameEnd + 5;
        var rest = text.Slice(body, Math.Min(MaxKey, text.Length - body));
        var length = rest.IndexOf("-----") is var dashes and >= 0 ? dashes : rest.Length;
        var letters = 0;
        foreach (var character in rest[..length])
            letters += char.IsAsciiLetterOrDigit(character) || character is '+' or '/' or '=' ? 1 : 0;
        if (letters < LeastKey)
            return null;
        var end = body + length;
        var footer = text.Slice(end, Math.Min(MaxHeader, text.Length - end));
        if (footer.StartsWith("-----END") && footer[5..].IndexOf("-----") is >= 0 and var footerEnd)
            end += footerEnd + 10;
        return new FoundSecret("private-key", "A private key.", at, end, 0);
    }

    /// <summary>A JSON web token: its header is JSON and names an algorithm.</summary>
    public static FoundSecret? Jwt(ReadOnlySpan<char> text, int at)
    {
        if (at > 0 && (Base64Url.Contains(text[at - 1]) || text[at - 1] == '.'))
            return null;
        var rest = text.Slice(at, Math.Min(MaxJwt, text.Length - at));
        var first = Run(rest);
        var second = first < rest.Length && rest[first] == '.' ? Run(rest[(first + 1)..]) : 0;
        if (first < 12 || second < 8)
            return null;
        var end = first + 1 + second;
        if (end < rest.Length && rest[end] == '.')
            end += 1 + Run(rest[(end + 1)..]);
        return IsHeader(rest[..first]) && end - first - second > 10 ? new FoundSecret("jwt", "A JSON web token.", at, at + end, 0) : null;
    }

    /// <summary>The password of <c>scheme://user:password@host</c>.</summary>
    public static FoundSecret? UrlPassword(ReadOnlySpan<char> text, int at)
    {
        if (at == 0 || !char.IsAsciiLetterOrDigit(text[at - 1]))
            return null;
        var rest = text.Slice(at + 3, Math.Min(MaxUser + MaxPassword, text.Length - at - 3));
        rest = rest[..(rest.IndexOfAny(AuthorityEnds) is var stop and >= 0 ? stop : rest.Length)];
        var (colon, host) = (rest.IndexOf(':'), rest.LastIndexOf('@'));
        if (colon is < 0 or > MaxUser || host <= colon + 3 || host == rest.Length - 1)
            return null;
        var password = rest[(colon + 1)..host];
        return IsPassword(password) ? new FoundSecret("url-password", "A password in an address.", at + 3 + colon + 1, at + 3 + host, 1) : null;
    }

    /// <summary>The password of <c>curl -u user:password</c>.</summary>
    public static FoundSecret? CurlPassword(ReadOnlySpan<char> text, int at, int length)
    {
        var line = text[Math.Max(0, at - MaxUser)..at];
        line = line[(line.LastIndexOf('\n') + 1)..];
        if (!line.Contains("curl", StringComparison.OrdinalIgnoreCase))
            return null;
        var start = at + length;
        while (start < text.Length && text[start] is ' ' or '=' or '"' or '\'')
            start++;
        var rest = text.Slice(start, Math.Min(MaxUser + MaxPassword, text.Length - start));
        rest = rest[..(rest.IndexOfAny(ArgumentEnds) is var stop and >= 0 ? stop : rest.Length)];
        var colon = rest.IndexOf(':');
        return colon > 0 && IsPassword(rest[(colon + 1)..]) ? new FoundSecret("curl-password", "A password in a command.", start + colon + 1, start + rest.Length, 1) : null;
    }

    /// <summary>What <c>Authorization: Bearer …</c> hands over.</summary>
    public static FoundSecret? AuthorizationHeader(ReadOnlySpan<char> text, int at, int length)
    {
        var start = at + length;
        while (start < text.Length && start - at < length + 4 && text[start] is ' ' or '"' or '\'' or ':' or '=')
            start++;
        var rest = text.Slice(start, Math.Min(1_000, text.Length - start));
        var scheme = rest.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? 7 : rest.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) || rest.StartsWith("Token ", StringComparison.OrdinalIgnoreCase) ? 6 : 0;
        if (scheme == 0)
            return null;
        var token = rest[scheme..];
        var end = 0;
        while (end < token.Length && (char.IsAsciiLetterOrDigit(token[end]) || token[end] is '.' or '_' or '-' or '+' or '/' or '=' or '~'))
            end++;
        token = token[..end];
        return token.Length >= 12 && !SecretText.IsPlaceholder(token) && !SecretText.IsName(token) && SecretText.Entropy(token) >= 2.75
            ? new FoundSecret("authorization-header", "A token in an authorization header.", start + scheme, start + scheme + end, 1) : null;
    }

    private static bool IsPassword(ReadOnlySpan<char> password) => password.Length >= 3 && !SecretText.IsVariable(password) && !SecretText.IsPlaceholder(password)
        && !password.Contains('{') && !password.Contains('$') && !password.Contains('[') && !password.Contains('<') && !password.Contains('*') && password.ContainsAnyExcept(password[0])
        && !(password.Equals("password", StringComparison.OrdinalIgnoreCase) || password.Equals("pass", StringComparison.OrdinalIgnoreCase) || password.Equals("pwd", StringComparison.OrdinalIgnoreCase)
            || password.Equals("passwd", StringComparison.OrdinalIgnoreCase) || password.Equals("secret", StringComparison.OrdinalIgnoreCase) || password.Equals("token", StringComparison.OrdinalIgnoreCase));

    private static int Run(ReadOnlySpan<char> text) => text.IndexOfAnyExcept(Base64Url) is var end and >= 0 ? end : text.Length;

    private static bool IsHeader(ReadOnlySpan<char> part)
    {
        if (part.Length > 1_024)
            return false;
        var base64 = part.ToString().Replace('-', '+').Replace('_', '/');
        var bytes = new byte[part.Length + 3];
        if (base64.Length % 4 == 1 || !Convert.TryFromBase64String(base64.PadRight((base64.Length + 3) / 4 * 4, '='), bytes, out var length))
            return false;
        try
        {
            using var header = JsonDocument.Parse(bytes.AsMemory(0, length));
            return header.RootElement.ValueKind == JsonValueKind.Object && header.RootElement.TryGetProperty("alg", out _);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
