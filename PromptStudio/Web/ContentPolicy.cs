using System.Security.Cryptography;

namespace PromptStudio.Web;

/// <summary>What a page may load and do, as <c>Content-Security-Policy</c> says it; an endpoint that needs another one than <see cref="Page"/> has it as metadata.</summary>
public sealed record ContentPolicy
{
    private const string Everywhere = "frame-ancestors 'none'; object-src 'none'; base-uri 'self'; form-action 'self'";

    /// <summary>Everything comes from the studio. MudBlazor writes style attributes; scripts are files. 'self' includes the circuit's web socket.</summary>
    public static ContentPolicy Page { get; } = new() { Text = $"default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; {Everywhere}" };

    /// <summary>An answer of the API is no page.</summary>
    public static ContentPolicy Data { get; } = new() { Text = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'" };

    /// <summary>As <see cref="Page"/>, and inline scripts that have the request's nonce.</summary>
    public static ContentPolicy WithNonce { get; } = new() { Text = Page.Text.Replace("script-src 'self'", "script-src 'self' 'nonce-{0}'", StringComparison.Ordinal), NeedsNonce = true };

    /// <summary>The header; <c>{0}</c> stands for the nonce.</summary>
    public required string Text { get; init; }

    /// <summary>Whether each request has a nonce of its own.</summary>
    public bool NeedsNonce { get; init; }

    /// <summary>The nonce of a request: the page that writes it and the header agree on it.</summary>
    public static string Nonce(HttpContext context) => context.Items.TryGetValue(typeof(ContentPolicy), out var known) && known is string nonce
        ? nonce
        : (string)(context.Items[typeof(ContentPolicy)] = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16)))!;
}
