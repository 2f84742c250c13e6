using System.Globalization;
using PromptStudio.Core.Prompts;

namespace PromptStudio.Core.Access;

/// <summary>What an API key may be: its name, its scopes, what it is bound to and how long it lives.</summary>
public static class ApiKeyRule
{
    /// <summary>Characters of a key's name at most.</summary>
    public const int MaxNameLength = 100;

    /// <summary>Names, and categories, that a key can be bound to at most.</summary>
    public const int MaxBound = 100;

    /// <summary>Characters of a category at most.</summary>
    public const int MaxCategoryLength = 100;

    /// <summary>What is wrong with a name; null: nothing.</summary>
    public static string? NameProblem(string name) =>
        string.IsNullOrWhiteSpace(name) ? "Give the key a name that says who uses it."
        : name.Length > MaxNameLength ? string.Create(CultureInfo.InvariantCulture, $"The name may have {MaxNameLength} characters.")
        : null;

    /// <summary>What is wrong with scopes; null: nothing.</summary>
    public static string? ScopesProblem(IReadOnlyList<string> scopes) =>
        scopes.Count == 0 ? $"Choose at least one scope: {string.Join(", ", ApiScope.All)}."
        : scopes.Any(scope => !ApiScope.All.Contains(scope)) ? $"{Shown(scopes.First(scope => !ApiScope.All.Contains(scope)))} is no scope; there are {string.Join(", ", ApiScope.All)}."
        : scopes.Distinct(StringComparer.Ordinal).Count() != scopes.Count ? "A scope is named twice."
        : null;

    /// <summary>What is wrong with the names that a key is bound to; null: nothing.</summary>
    public static string? BoundNamesProblem(IReadOnlyList<string> names) =>
        names.Count > MaxBound ? string.Create(CultureInfo.InvariantCulture, $"A key can be bound to {MaxBound} prompts at most.")
        : names.Any(name => !PromptName.IsValid(name)) ? $"{Shown(names.First(name => !PromptName.IsValid(name)))} is no name of a prompt. {PromptName.Rule}"
        : null;

    /// <summary>What is wrong with the categories that a key is bound to; null: nothing.</summary>
    public static string? BoundCategoriesProblem(IReadOnlyList<string> categories) =>
        categories.Count > MaxBound ? string.Create(CultureInfo.InvariantCulture, $"A key can be bound to {MaxBound} categories at most.")
        : categories.Any(category => string.IsNullOrWhiteSpace(category) || category.Length > MaxCategoryLength)
            ? string.Create(CultureInfo.InvariantCulture, $"A category has 1 to {MaxCategoryLength} characters.")
        : null;

    /// <summary>What is wrong with an expiry; null: nothing. A key without one lives until it is revoked.</summary>
    public static string? ExpiryProblem(DateTimeOffset? expiresAt, DateTimeOffset now) =>
        expiresAt <= now ? "The expiry must be in the future." : null;

    /// <summary>Whether scopes and a binding exclude each other: users, keys and the audit log are no prompts, so a bound key cannot administer them.</summary>
    public static bool BindingExcludes(IReadOnlyList<string> scopes, KeyBinding? binding) => binding is not null && scopes.Contains(ApiScope.Admin);

    /// <summary>
    /// The scopes that somebody may not give away. A person who administers gives any; a key only those that it has itself, so that
    /// a stolen key is never worth more than it was made for.
    /// </summary>
    public static IReadOnlyList<string> BeyondMaker(Actor maker, IReadOnlyList<string> scopes) =>
        maker.Kind == ActorKind.ApiKey ? [.. scopes.Where(scope => !maker.May(PermissionRules.OfScope(scope)))] : [];

    /// <summary>JSON lets a list have nulls, whatever its type says.</summary>
    private static string Shown(string? text) => text is null ? "null" : $"'{(text.Length > 40 ? text[..40] + "…" : text)}'";
}
