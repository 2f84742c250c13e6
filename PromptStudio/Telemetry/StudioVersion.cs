using System.Reflection;

namespace PromptStudio.Telemetry;

/// <summary>Which version of the studio this is.</summary>
public static class StudioVersion
{
    /// <summary>E.g. <c>0.1.0</c>.</summary>
    public static string Current { get; } =
        (typeof(StudioVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "?").Split('+')[0];
}
