using System.Text.RegularExpressions;

namespace PromptStudio.Core.Guardrails.Secrets;

/// <summary>How a secret shows.</summary>
internal enum SecretForm
{
    /// <summary>By letters of its own, as in <c>ghp_…</c>.</summary>
    Token,

    /// <summary>By the name of what it is assigned to, as in <c>cloudflare_api_key = "…"</c>.</summary>
    Assigned,
}

/// <summary>One kind of secret.</summary>
/// <param name="Id">As a config and a hit name it.</param>
/// <param name="What">For people; never the secret.</param>
/// <param name="Form">How it shows.</param>
/// <param name="Triggers">What a text without this secret seldom has; of an assigned secret, parts of the name it is assigned to, in any case.</param>
/// <param name="Body">A regular expression from the trigger on, or of the value that is assigned.</param>
/// <param name="Entropy">Bits for each character that the secret has at least: words and repetitions have less.</param>
/// <param name="Back">Characters of the secret that stand before its trigger; -1: any digits.</param>
/// <param name="IsMixed">Whether the secret has a digit, a small and a capital letter: names of variables seldom have all three.</param>
internal sealed record SecretDetector(string Id, string What, SecretForm Form, string[] Triggers, string Body, double Entropy = 0, int Back = 0, bool IsMixed = false)
{
    private readonly Lazy<Regex> _pattern = new(() => new Regex(@"\A(?:" + Body + ")", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));

    /// <summary>From the place on where the secret begins. In linear time and on a few thousand characters: it needs no limit, which a busy machine would break.</summary>
    public Regex Pattern => _pattern.Value;
}
