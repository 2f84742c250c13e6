using PromptStudio.Access;
using PromptStudio.Core.Access;

namespace PromptStudio.Tests.Studio;

/// <summary>Keys beside the app's own one.</summary>
internal static class TestKeys
{
    public static Task<string> AddAsync(StudioApp app, string scope, bool expired = false, bool revoked = false) => AddAsync(app, [scope], expired, revoked);

    public static async Task<string> AddAsync(StudioApp app, string[] scopes, bool expired = false, bool revoked = false, string[]? boundNames = null)
    {
        var key = ApiKey.New();
        var now = TimeProvider.System.GetUtcNow();
        await using var context = await app.OpenAsync();
        context.ApiKeys.Add(new ApiKeyRow
        {
            Id = Guid.CreateVersion7(now),
            Name = string.Join(' ', scopes),
            Prefix = ApiKey.Prefix(key),
            KeyHash = ApiKey.Hash(key),
            Scopes = scopes,
            BoundNames = boundNames ?? [],
            CreatedAt = now.AddDays(-2),
            ExpiresAt = expired ? now.AddMinutes(-1) : null,
            RevokedAt = revoked ? now.AddDays(-1) : null,
        });
        await context.SaveChangesAsync(TestContext.Current.CancellationToken);
        return key;
    }
}
