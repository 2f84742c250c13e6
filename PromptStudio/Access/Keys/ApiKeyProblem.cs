using PromptStudio.Web;

namespace PromptStudio.Access.Keys;

/// <summary>Why something cannot be done with an API key.</summary>
public static class ApiKeyProblem
{
    public static Problem NotFound { get; } = new(404, "api_key_not_found", "There is no API key with this id.");

    public static Problem Revoked { get; } = new(409, "api_key_revoked", "This API key is revoked for good. Make another one.");

    public static Problem BindingWithAdmin { get; } = new(422, "binding_with_admin",
        "A key with the scope admin cannot be bound to prompts: users, keys and the audit log are no prompts. Leave out the scope or the binding.");

    /// <summary>422: a member breaks a rule.</summary>
    public static Problem Invalid(string member, string detail) => new(422, "invalid_api_key", detail) { Extensions = { ["member"] = member } };

    /// <summary>403: a key gives away more than it has.</summary>
    public static Problem BeyondMaker(IReadOnlyList<string> scopes) => new(403, "scope_missing",
        $"A key can make and change only keys with scopes that it has itself; it does not have {string.Join(", ", scopes)}.");

    /// <summary>403: a key would outlive the key that makes it.</summary>
    public static Problem OutlivesMaker(DateTimeOffset end) => new(403, "expiry_beyond_maker",
        $"A key that expires can make and change only keys that expire no later: 'expires_at' must be {end.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'} or before.");
}
