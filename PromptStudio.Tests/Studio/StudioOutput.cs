using System.Reflection;

namespace PromptStudio.Tests.Studio;

/// <summary>Where the app was built.</summary>
internal static class StudioOutput
{
    public static string Folder { get; } =
        typeof(StudioOutput).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "StudioOutput").Value!;

    public static string Program => Path.Combine(Folder, "PromptStudio.dll");

    /// <summary>The top of the sources.</summary>
    public static string Repository { get; } =
        typeof(StudioOutput).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "Repository").Value!;

    public static string Postgres => Path.Combine(Folder, "postgres");
}
