using PromptStudio.Core.Access;

namespace PromptStudio.Tests.Studio;

/// <summary>Who acts in tests of commands.</summary>
internal static class TestActors
{
    /// <summary>A SuperAdmin.</summary>
    public static Actor Admin { get; } = Person("1", "ada@example.com", Role.SuperAdmin);

    public static Actor Editor { get; } = Person("2", "eve@example.com", Role.Editor);

    public static Actor OtherEditor { get; } = Person("3", "otto@example.com", Role.Editor);

    public static Actor Viewer { get; } = Person("4", "vera@example.com", Role.Viewer);

    public static Actor Person(string id, string email, string role) => new(ActorKind.User, id, email, PermissionRules.OfRole(role));

    /// <summary>A key with these permissions, bound to prompts when any are named.</summary>
    public static Actor Key(Permissions permissions, string[]? names = null, string[]? categories = null) =>
        new(ActorKind.ApiKey, "key", "a key", permissions) { Binding = KeyBinding.Of(names, categories) };
}
