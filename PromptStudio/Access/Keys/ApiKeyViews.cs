namespace PromptStudio.Access.Keys;

/// <summary>What an API key is like.</summary>
public static class ApiKeyState
{
    /// <summary>It opens.</summary>
    public const string Active = "active";

    /// <summary>Its time is over.</summary>
    public const string Expired = "expired";

    /// <summary>Somebody revoked it.</summary>
    public const string Revoked = "revoked";
}

/// <summary>An API key, as the admin API and the page show it; never the key itself.</summary>
/// <param name="Id">Never changes.</param>
/// <param name="Name">Who uses it.</param>
/// <param name="Prefix">The key's first characters.</param>
/// <param name="State"><c>active</c>, <c>expired</c> or <c>revoked</c>.</param>
/// <param name="Scopes">Of <c>render</c>, <c>read</c>, <c>write</c> and <c>admin</c>.</param>
/// <param name="BoundNames">The prompts that it is bound to.</param>
/// <param name="BoundCategories">The categories whose prompts it is bound to; when both are empty, it may use all prompts.</param>
/// <param name="CreatedBy">Who made it.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="LastUsedAt">To the minute; null: never.</param>
/// <param name="ExpiresAt">From when it opens nothing; null: it does not expire.</param>
/// <param name="RevokedAt">Since when it is revoked.</param>
/// <param name="RevokedBy">By whom.</param>
public sealed record ApiKeyView(
    Guid Id, string Name, string Prefix, string State, IReadOnlyList<string> Scopes, IReadOnlyList<string> BoundNames, IReadOnlyList<string> BoundCategories,
    string? CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset? LastUsedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt, string? RevokedBy)
{
    /// <summary>What a row says.</summary>
    internal static ApiKeyView Of(ApiKeyRow row, DateTimeOffset now) => new(
        row.Id, row.Name, row.Prefix,
        row.RevokedAt is not null ? ApiKeyState.Revoked : row.ExpiresAt <= now ? ApiKeyState.Expired : ApiKeyState.Active,
        row.Scopes, row.BoundNames, row.BoundCategories, row.CreatedBy, row.CreatedAt, row.LastUsedAt, row.ExpiresAt, row.RevokedAt, row.RevokedBy);
}

/// <summary>A key to be made.</summary>
/// <param name="Name">Who will use it.</param>
/// <param name="Scopes">Of <c>render</c>, <c>read</c>, <c>write</c> and <c>admin</c>; they do not include each other.</param>
/// <param name="BoundNames">Names of the prompts that it is bound to.</param>
/// <param name="BoundCategories">Categories of the prompts that it is bound to; both empty: all prompts.</param>
/// <param name="ExpiresAt">From when it opens nothing; null: it does not expire.</param>
public sealed record NewApiKey(
    string Name, IReadOnlyList<string> Scopes, IReadOnlyList<string>? BoundNames = null, IReadOnlyList<string>? BoundCategories = null, DateTimeOffset? ExpiresAt = null);

/// <summary>What a key becomes; all of it is given. Scopes never change: make another key.</summary>
/// <param name="Name">Who uses it.</param>
/// <param name="ExpiresAt">From when it opens nothing; null: it does not expire.</param>
/// <param name="BoundNames">Names of the prompts that it is bound to.</param>
/// <param name="BoundCategories">Categories of the prompts that it is bound to; both empty: all prompts.</param>
public sealed record ApiKeyChange(string Name, DateTimeOffset? ExpiresAt, IReadOnlyList<string> BoundNames, IReadOnlyList<string> BoundCategories);

/// <summary>A key that was made.</summary>
/// <param name="ApiKey">What is stored of it.</param>
/// <param name="Key">The key itself, shown only this once.</param>
public sealed record MadeApiKey(ApiKeyView ApiKey, string Key);
