using System.Text.Json;

namespace PromptStudio.Tests.Templating;

/// <summary>The case files of the tests' own folder and of the one that <c>PROMPTSTUDIO_CASES</c> names.</summary>
public static class CaseFiles
{
    /// <summary>The paths of a file in both folders, one place each; empty when it is nowhere.</summary>
    public static IReadOnlyList<string> Find(string name)
    {
        string?[] folders = [Path.Combine(AppContext.BaseDirectory, "Cases"), Environment.GetEnvironmentVariable("PROMPTSTUDIO_CASES")];
        return [.. folders.OfType<string>().Select(folder => Path.Combine(folder, name)).Where(File.Exists)];
    }

    /// <summary>Prints a file's figures: every run shows them, not only one that fails.</summary>
    public static void Report(string path, int passed, int failed, string detail) =>
        Console.Out.WriteLine($"cases {Path.GetFileName(path)}: {passed} passed, {failed} failed ({detail})");

    public static IReadOnlyList<JinjaCase> Read(string path) => [.. Elements(path).Select(json => new JinjaCase(json))];

    /// <summary>The cases as JSON; a file is a list of them, or an object with the list in <c>cases</c>.</summary>
    public static IReadOnlyList<JsonElement> Elements(string path)
    {
        var root = JsonElement.Parse(File.ReadAllBytes(path));
        return [.. (root.ValueKind == JsonValueKind.Array ? root : root.GetProperty("cases")).EnumerateArray()];
    }
}
