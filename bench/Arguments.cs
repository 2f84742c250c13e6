namespace PromptStudio.Bench;

/// <summary>What a bench was asked for.</summary>
internal static class Arguments
{
    /// <summary>What stands behind an option; null: it was not given.</summary>
    public static string? Option(this string[] arguments, string name) => arguments.SkipWhile(argument => argument != name).Skip(1).FirstOrDefault();
}
