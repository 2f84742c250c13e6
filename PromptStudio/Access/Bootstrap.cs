using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using PromptStudio.Audit;
using PromptStudio.Core.Access;
using PromptStudio.Database;

namespace PromptStudio.Access;

/// <summary>
/// The first start: who may enter a studio that knows nobody. Either the operator names the first SuperAdmin and the first API key in
/// the section <c>Bootstrap</c>, or a one-time link on the console leads to <c>/setup</c>.
/// </summary>
/// <remarks>It is made before the database has started, so what needs the database is taken from a scope when it is needed.</remarks>
public sealed partial class Bootstrap(
    IOptions<BootstrapOptions> options, IServiceScopeFactory scopes, TimeProvider clock, ILogger<Bootstrap> logger)
{
    /// <summary>The advisory lock under which the first user and the first key are made.</summary>
    private const long Lock = 0x70_73_5f_62_6f_6f_74;

    private static readonly Actor Settings = Actor.System("the settings");

    private byte[]? _tokenHash;

    /// <summary>The token of the link, while the studio has no user: shown once, on the console.</summary>
    public string? Token { get; private set; }

    /// <summary>Makes what the operator asked for, once, on a studio that has none; or opens the link.</summary>
    /// <exception cref="StartupException">The first user cannot be made.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var given = options.Value;
        if (given.ApiKey is { Length: > 0 } key)
            Log.Key(logger, await CreateFirstKeyAsync("Bootstrap", key, ApiScope.All, Settings, cancellationToken) ? "made" : "not made: the studio has keys already");
        if (given.AdminEmail is { Length: > 0 } email)
        {
            var problems = await CreateFirstUserAsync(email, given.AdminPassword!, Settings, cancellationToken);
            if (problems is { Count: > 0 })
                throw new StartupException($"The first SuperAdmin {email} of Bootstrap:AdminEmail cannot be made: {string.Join(" ", problems)}");
            Log.User(logger, email, problems is null ? "not made: the studio has users already" : "made");
        }
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<StudioDbContext>();
        if (!await context.Users.AnyAsync(cancellationToken))
        {
            Token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
            _tokenHash = SHA256.HashData(Encoding.UTF8.GetBytes(Token));
        }
    }

    /// <summary>Whether the studio still waits for its first user.</summary>
    public bool IsOpen => _tokenHash is not null;

    /// <summary>Whether a link's token is the one of this start, in a time that tells nothing.</summary>
    public bool Accepts(string? token) =>
        token is not null && _tokenHash is { } hash && CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(token)), hash);

    /// <summary>Makes the first SuperAdmin, unless there is a user.</summary>
    /// <param name="email">Their address.</param>
    /// <param name="password">Their password.</param>
    /// <param name="by">Who makes them.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Null when there is one already; else what is wrong with the e-mail address or the password; empty when the user was made.</returns>
    public async Task<IReadOnlyList<string>?> CreateFirstUserAsync(string email, string password, Actor by, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<StudioDbContext>();
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({Lock})", cancellationToken);
        if (await context.Users.AnyAsync(cancellationToken))
            return null;
        var now = clock.GetUtcNow();
        var user = new StudioUser { Id = Guid.CreateVersion7(now), UserName = email, Email = email, EmailConfirmed = true, CreatedAt = now };
        var users = scope.ServiceProvider.GetRequiredService<UserManager<StudioUser>>();
        var made = await users.CreateAsync(user, password);
        if (made.Succeeded)
            made = await users.AddToRoleAsync(user, Role.SuperAdmin);
        if (!made.Succeeded)
            return [.. made.Errors.Select(error => error.Description)];
        var audit = scope.ServiceProvider.GetRequiredService<AuditLog>();
        await audit.AppendAsync(context, by, new AuditEvent(AuditAction.UserJoined, "user", user.Id.ToString(), After: new { user.Email, Role = Role.SuperAdmin }), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        Token = null;
        _tokenHash = null;
        return [];
    }

    /// <summary>Stores the first API key, unless there is one.</summary>
    public async Task<bool> CreateFirstKeyAsync(string name, string key, IReadOnlyList<string> scopesOfKey, Actor by, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var context = scope.ServiceProvider.GetRequiredService<StudioDbContext>();
        await using var transaction = await context.Database.BeginTransactionAsync(cancellationToken);
        await context.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({Lock})", cancellationToken);
        if (await context.ApiKeys.AnyAsync(cancellationToken))
            return false;
        var now = clock.GetUtcNow();
        var row = new ApiKeyRow
        {
            Id = Guid.CreateVersion7(now),
            Name = name,
            Prefix = ApiKey.Prefix(key),
            KeyHash = ApiKey.Hash(key),
            Scopes = [.. scopesOfKey],
            CreatedAt = now,
            CreatedBy = by.Name,
        };
        context.ApiKeys.Add(row);
        await context.SaveChangesAsync(cancellationToken);
        var audit = scope.ServiceProvider.GetRequiredService<AuditLog>();
        await audit.AppendAsync(context, by, new AuditEvent(AuditAction.ApiKeyCreated, "api_key", row.Id.ToString(), After: new { row.Name, row.Scopes }), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Bootstrap: API key {Result}")]
        public static partial void Key(ILogger logger, string result);

        [LoggerMessage(2, LogLevel.Information, "Bootstrap: SuperAdmin {Email} {Result}")]
        public static partial void User(ILogger logger, string email, string result);
    }
}
