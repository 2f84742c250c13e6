using PromptStudio.Core.Guardrails;

namespace PromptStudio.Guardrails;

/// <summary>How the API and the tables spell what Core has as enumerations.</summary>
public static class GuardrailWords
{
    public const string Blocking = "blocking";
    public const string Warning = "warning";
    public const string Logging = "logging";

    public const string RenderedPrompt = "rendered_prompt";
    public const string Variables = "variables";
    public const string Response = "response";

    public const string Allow = "allow";
    public const string Block = "block";

    /// <summary>Every enforcement level, in the order of the enumeration.</summary>
    public static IReadOnlyList<string> Levels { get; } = [Blocking, Warning, Logging];

    /// <summary>Every scope, in the order of the enumeration.</summary>
    public static IReadOnlyList<string> Scopes { get; } = [RenderedPrompt, Variables, Response];

    /// <summary>What may become of a failure, in the order of the enumeration.</summary>
    public static IReadOnlyList<string> OnErrors { get; } = [Allow, Block];

    public static string Of(EnforcementLevel level) => Levels[(int)level];

    public static string Of(GuardrailScope scope) => Scopes[(int)scope];

    internal static T Value<T>(IReadOnlyList<string> words, string word)
        where T : struct, Enum
    {
        for (var n = 0; n < words.Count; n++)
        {
            if (words[n] == word)
                return Enum.GetValues<T>()[n];
        }
        throw new FormatException($"'{word}' is none of {string.Join(", ", words)}.");
    }
}
