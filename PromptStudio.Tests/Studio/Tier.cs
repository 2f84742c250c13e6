namespace PromptStudio.Tests.Studio;

/// <summary>What a test needs to run; <c>./studio test TIER</c> runs one of them. Each test class names its own.</summary>
internal static class Tier
{
    public const string Name = "Tier";

    /// <summary>Nothing: rules in memory.</summary>
    public const string Unit = "unit";

    /// <summary>PostgreSQL.</summary>
    public const string Database = "database";

    /// <summary>The app on Kestrel, over HTTP.</summary>
    public const string Api = "api";

    /// <summary>bUnit's renderer.</summary>
    public const string Component = "component";

    /// <summary>The app and Chromium.</summary>
    public const string Browser = "browser";

    /// <summary>The app as a process of its own, started and killed.</summary>
    public const string Host = "host";

    public static IReadOnlyList<string> All { get; } = [Unit, Database, Api, Component, Browser, Host];
}
