using System.Security.Cryptography;
using System.Text;

namespace PromptStudio.Core.Executions;

/// <summary>In which form the rendered prompt is kept with its execution, as the columns <c>store_rendered_prompt</c> and <c>stored_as</c> spell it.</summary>
public static class StoredForm
{
    /// <summary>Characters of the longest one.</summary>
    public const int MaxLength = 20;

    /// <summary>As it was handed out; guardrails that redact still do.</summary>
    public const string Full = "full";

    /// <summary>Without personal data and secrets, the variables too.</summary>
    public const string Redacted = "redacted";

    /// <summary>Only its SHA-256: enough to prove later which prompt it was.</summary>
    public const string Hash = "hash";

    /// <summary>Not at all.</summary>
    public const string None = "none";

    /// <summary>Every form.</summary>
    public static IReadOnlyList<string> All { get; } = [Full, Redacted, Hash, None];

    /// <summary>What is kept of a prompt.</summary>
    /// <param name="form">One of <see cref="All"/>.</param>
    /// <param name="prompt">What guardrails leave of it, and the detectors where they are asked; empty: the render failed.</param>
    public static string Of(string form, string prompt) => form switch
    {
        _ when prompt.Length == 0 => "",
        Hash => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(prompt))),
        None => "",
        _ => prompt,
    };
}
