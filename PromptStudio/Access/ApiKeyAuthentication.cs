using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using PromptStudio.Access.Keys;
using PromptStudio.Core.Access;

namespace PromptStudio.Access;

/// <summary><c>Authorization: Bearer ps_…</c>: finds the key among those that open something, by its hash.</summary>
public sealed class ApiKeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, KnownKeys keys, ApiKeyUses uses)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    /// <summary>The authentication scheme.</summary>
    public const string SchemeName = "ApiKey";

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return AuthenticateResult.NoResult();
        var key = header["Bearer ".Length..].Trim();
        if (!ApiKey.IsWellFormed(key))
            return AuthenticateResult.Fail("The key is malformed.");
        if (await keys.FindAsync(header, key, Context.RequestAborted) is not { } known)
            return AuthenticateResult.Fail("The key is unknown, expired or revoked.");
        uses.Note(known);
        return AuthenticateResult.Success(new AuthenticationTicket(known.Principal(), SchemeName));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var result = await HandleAuthenticateOnceSafeAsync();
        Response.Headers.WWWAuthenticate = "Bearer";
        var problem = result.None
            ? AccessProblem.Unknown
            : AccessProblem.InvalidKey;
        await problem.ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        AccessProblem.Forbidden(Context.User).ExecuteAsync(Context);
}
