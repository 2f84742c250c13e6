using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PromptStudio.Access.Keys;
using PromptStudio.Core.Access;
using PromptStudio.Database;

namespace PromptStudio.Access;

/// <summary><c>Authorization: Bearer ps_…</c>: finds the key's row by its prefix, and compares the hash.</summary>
public sealed class ApiKeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, IDbContextFactory<StudioDbContext> contexts, ApiKeyUses uses, TimeProvider clock)
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
        var prefix = ApiKey.Prefix(key);
        await using var context = await contexts.CreateDbContextAsync(Context.RequestAborted);
        var rows = await context.ApiKeys.AsNoTracking().Where(row => row.Prefix == prefix).ToListAsync(Context.RequestAborted);
        var row = rows.Find(row => ApiKey.Matches(key, row.KeyHash));
        if (row is null || row.RevokedAt is not null || row.ExpiresAt <= clock.GetUtcNow())
            return AuthenticateResult.Fail("The key is unknown, expired or revoked.");
        uses.Note(row.Id, row.LastUsedAt);
        var identity = new ClaimsIdentity(
            [
                new Claim(ClaimTypes.NameIdentifier, row.Id.ToString()),
                new Claim(ClaimTypes.Name, row.Name),
                .. row.Scopes.Select(scope => new Claim(ActorClaims.Scope, scope)),
                .. row.BoundNames.Select(name => new Claim(ActorClaims.BoundName, name)),
                .. row.BoundCategories.Select(category => new Claim(ActorClaims.BoundCategory, category)),
            ],
            SchemeName);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
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
