namespace PromptStudio.Core.Access;

/// <summary>What kind of somebody acts.</summary>
public enum ActorKind
{
    /// <summary>Nobody that is known: a sign-in that failed.</summary>
    Anonymous,

    /// <summary>A person.</summary>
    User,

    /// <summary>An application with an API key.</summary>
    ApiKey,

    /// <summary>The studio itself: jobs and the first start.</summary>
    System,
}

/// <summary>Who does something, from where, and what they may do. Every command takes one: the rules hold for page, API and jobs alike.</summary>
/// <param name="Kind">What kind of somebody.</param>
/// <param name="Id">The id of the user or the key; null when there is none.</param>
/// <param name="Name">The e-mail address, the key's name, or the job's.</param>
/// <param name="Permissions">What they may do.</param>
public sealed record Actor(ActorKind Kind, string? Id, string Name, Permissions Permissions)
{
    /// <summary>The prompts that a key is bound to; null: all.</summary>
    public KeyBinding? Binding { get; init; }

    /// <summary>The network address that the request came from.</summary>
    public string? Address { get; init; }

    /// <summary>The trace id of the request, as its problem documents and logs name it.</summary>
    public string? RequestId { get; init; }

    /// <summary>The studio itself, e.g. a job.</summary>
    public static Actor System(string name) => new(ActorKind.System, null, name, (Permissions)(-1));

    /// <summary>Whether all of these are allowed.</summary>
    public bool May(Permissions permissions) => (Permissions & permissions) == permissions;

    /// <summary>Whether a prompt is within what a key is bound to.</summary>
    public bool Reaches(string promptName, string? category) => Binding is null || Binding.Includes(promptName, category);
}

/// <summary>What a key is bound to: prompts of these names, and prompts of these categories.</summary>
public sealed record KeyBinding(IReadOnlyList<string> Names, IReadOnlyList<string> Categories)
{
    /// <summary>The binding of a key's columns; null when both are empty.</summary>
    public static KeyBinding? Of(IReadOnlyList<string>? names, IReadOnlyList<string>? categories) =>
        names is { Count: > 0 } || categories is { Count: > 0 } ? new KeyBinding(names ?? [], categories ?? []) : null;

    /// <summary>Whether a prompt is one of them.</summary>
    public bool Includes(string promptName, string? category) =>
        Names.Contains(promptName, StringComparer.Ordinal) || (category is not null && Categories.Contains(category, StringComparer.Ordinal));
}
