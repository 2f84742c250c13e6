namespace PromptStudio.Core.Access;

/// <summary>What an API key may do.</summary>
public static class ApiScope
{
    /// <summary>Render prompts and report outcomes.</summary>
    public const string Render = "render";

    /// <summary>Read through the admin API.</summary>
    public const string Read = "read";

    /// <summary>Change prompts and experiments through the admin API.</summary>
    public const string Write = "write";

    /// <summary>Users, keys, guardrails and settings.</summary>
    public const string Admin = "admin";

    /// <summary>Every scope.</summary>
    public static IReadOnlyList<string> All { get; } = [Render, Read, Write, Admin];
}
